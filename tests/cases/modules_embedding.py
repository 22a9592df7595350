"""Rows of layers that look rows up in a table."""

import numpy as np

from .module import I, T, X, args, layers

WORDS = [I(2, 4, high=6)]
layers("Embedding", WORDS, args(6, 3), args(6, 3, padding_idx=0), args(6, 3, -2), args(6, 3, _weight=T(6, 3)))
layers("Embedding", WORDS, args(6, 3, max_norm=1.0), args(6, 3, None, 0.5, 1.0), rtol=1e-6)
layers("Embedding", WORDS, args(6, 3, scale_grad_by_freq=True), args(6, 3, 2, scale_grad_by_freq=True))
layers("Embedding", [np.array(3)], args(6, 3), batch=None)
layers("Embedding", [I(5, high=6)], args(num_embeddings=6, embedding_dim=1))

BAG = (
    *(args(6, 3, mode=mode) for mode in ("sum", "mean", "max")),
    *(args(6, 3, mode=mode, padding_idx=2) for mode in ("sum", "mean", "max")),
    args(6, 3, include_last_offset=False, padding_idx=-1),
    args(6, 3, _weight=T(6, 3)),
)
NORMED = (args(6, 3, 0.9), args(6, 3, max_norm=0.5, norm_type=1.0, mode="sum"))
layers("EmbeddingBag", [I(3, 4, high=6)], *BAG)
layers("EmbeddingBag", [I(3, 4, high=6)], *NORMED, rtol=1e-6)
FLAT = I(7, high=6)
for offsets in ([0, 3, 5], [0, 0, 3, 3, 7], [0]):
    layers("EmbeddingBag", [FLAT, np.array(offsets)], *BAG, batch=None, initial=False)
layers("EmbeddingBag", [FLAT, np.array([0, 3, 5])], *NORMED, batch=None, initial=False, rtol=1e-6)
last = [args(6, 3, mode=mode, include_last_offset=True) for mode in ("sum", "mean", "max")]
layers("EmbeddingBag", [FLAT, np.array([0, 3, 7])], *last, batch=None, initial=False)
factors = {"call": {"per_sample_weights": X(7)}, "batch": None, "initial": False}
layers(
    "EmbeddingBag",
    [FLAT, np.array([0, 3, 5])],
    args(6, 3, mode="sum"),
    args(6, 3, mode="sum", padding_idx=1),
    **factors,
)
layers("EmbeddingBag", [I(3, 4, high=6)], args(6, 3, mode="sum"), call={"per_sample_weights": X(3, 4)}, initial=False)
