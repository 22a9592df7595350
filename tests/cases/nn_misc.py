"""Padding, embedding, one_hot and what of dropout is not random."""

import numpy as np

from .case import case, raises


def F(L, name):
    return getattr(L.nn.functional, name)


for widths in [(1, 2), (1, 0, 2, 1), (-1, 2), (0, 0, -1, -1), (1, 1, 1, 1, 1, 1), ()]:
    case(f"pad_{widths}", lambda L, x, w=widths: F(L, "pad")(x, w), (2, 3, 4))
    case(f"pad_value_{widths}", lambda L, x, w=widths: F(L, "pad")(x, w, value=1.5), (2, 3, 4))
case("pad_int", lambda L, x: F(L, "pad")(x, (1, 1)), (2, 3), dtypes=("int64", "uint8"), low=0, high=9)
for mode in ("reflect", "replicate", "circular"):
    case(f"pad_{mode}_1", lambda L, x, m=mode: F(L, "pad")(x, (2, 1), mode=m), (2, 4))
    case(f"pad_{mode}_1_batch", lambda L, x, m=mode: F(L, "pad")(x, (0, 2), mode=m), (2, 2, 4))
    case(f"pad_{mode}_2", lambda L, x, m=mode: F(L, "pad")(x, (2, 1, 0, 2), mode=m), (1, 2, 3, 4))
    case(f"pad_{mode}_2_alone", lambda L, x, m=mode: F(L, "pad")(x, (2, 1, 0, 2), mode=m), (2, 3, 4))
    case(f"pad_{mode}_3", lambda L, x, m=mode: F(L, "pad")(x, (1, 1, 0, 1, 1, 0), mode=m), (1, 1, 2, 3, 2))
    raises(f"pad_{mode}_dims", lambda L, m=mode: F(L, "pad")(L.ones(3), (1, 1), mode=m))
raises("pad_odd", lambda L: F(L, "pad")(L.ones(3), (1,)))
raises("pad_many", lambda L: F(L, "pad")(L.ones(3), (1, 1, 1, 1)))
raises("pad_negative", lambda L: F(L, "pad")(L.ones(3), (-2, -2)))
raises("pad_mode", lambda L: F(L, "pad")(L.ones(2, 3), (1, 1), mode="mirror"))
raises("pad_reflect_wide", lambda L: F(L, "pad")(L.ones(2, 3), (3, 1), mode="reflect"))
raises("pad_circular_wide", lambda L: F(L, "pad")(L.ones(2, 3), (4, 1), mode="circular"))

for index in ([0, 2, 2], [[1, 0], [2, 1]], 1, []):
    i = np.array(index, dtype="int64")
    case("embedding", lambda L, w, i: F(L, "embedding")(i, w), (3, 4), i)
    case("embedding_padding", lambda L, w, i: F(L, "embedding")(i, w, padding_idx=-1), (3, 4), i, grad=False)
    case("embedding_frequency", lambda L, w, i: F(L, "embedding")(i, w, scale_grad_by_freq=True), (3, 4), i, grad=False)
case(
    "embedding_max_norm",
    lambda L, w, i: (lambda t: (F(L, "embedding")(i, t, max_norm=1.0), t))(w.detach().clone()),
    (3, 4),
    np.array([0, 2]),
    rtol=1e-5,
    grad=False,
)
case("embedding_int32", lambda L, w, i: F(L, "embedding")(i, w), (3, 4), np.array([0, 2, 2], dtype="int32"))
raises("embedding_range", lambda L: F(L, "embedding")(L.tensor([3]), L.ones(3, 2)))
raises("embedding_negative", lambda L: F(L, "embedding")(L.tensor([-1]), L.ones(3, 2)))
raises("embedding_float", lambda L: F(L, "embedding")(L.tensor([1.0]), L.ones(3, 2)))
raises("embedding_weight", lambda L: F(L, "embedding")(L.tensor([1]), L.ones(3)))

for index in ([0, 2, 1], [[1, 0]], 2):
    case("one_hot", lambda L, i: F(L, "one_hot")(i), np.array(index))
    case("one_hot_classes", lambda L, i: F(L, "one_hot")(i, 5), np.array(index))
raises("one_hot_negative", lambda L: F(L, "one_hot")(L.tensor([-1])))
raises("one_hot_classes", lambda L: F(L, "one_hot")(L.tensor([3]), 2))
raises("one_hot_float", lambda L: F(L, "one_hot")(L.tensor([1.0])))

DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
for name in DROPOUTS:
    shape = {"dropout2d": (2, 3, 2, 2), "dropout3d": (2, 3, 2, 2, 1)}.get(name, (2, 3, 2))
    case(f"{name}_eval", lambda L, x, n=name: F(L, n)(x * 1, 0.5, training=False), shape)
    case(f"{name}_zero", lambda L, x, n=name: F(L, n)(x * 1, 0.0, training=True), shape)
    case(f"{name}_one", lambda L, x, n=name: F(L, n)(x, 1.0, training=True), shape, gradgrad=False)
    raises(f"{name}_above_one", lambda L, n=name: F(L, n)(L.ones(2, 2, 2, 2), 1.5))
    raises(f"{name}_negative", lambda L, n=name: F(L, n)(L.ones(2, 2, 2, 2), -0.5))
