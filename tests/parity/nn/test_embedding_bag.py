"""Bags of rows of a table against torch: results, gradients of table and factors, repr, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

TABLE = np.random.default_rng(0).standard_normal((6, 3))
FLAT, MATRIX = np.array([0, 2, 5, 5, 1, 3, 0]), np.array([[0, 2, 2], [5, 1, 3]])
FACTORS = np.random.default_rng(1).standard_normal(7)

# (input, offsets, options)
BAGS = {
    "flat": (FLAT, [0, 3, 5], {}),
    "empty-bags": (FLAT, [0, 0, 3, 3, 7], {}),
    "last": (FLAT, [0, 3, 7], {"include_last_offset": True}),
    "matrix": (MATRIX, None, {}),
    "padding": (FLAT, [0, 2, 5], {"padding_idx": 0}),
    "all-padding": (np.array([4, 4, 1]), [0, 2], {"padding_idx": -2}),
    "matrix-padding": (MATRIX, None, {"padding_idx": 2}),
    "max-norm": (FLAT, [0, 3, 5], {"max_norm": 0.9, "norm_type": 1.0}),
    "no-entries": (FLAT[:0], [0, 0], {}),
    "no-bags": (FLAT[:0], [], {}),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["sum", "mean", "max", "factors"])
@pytest.mark.parametrize("name", BAGS)
def test_bags(name, mode, dtype):
    index, offsets, options = BAGS[name]
    found = []
    for lib in (sparkle, torch):
        layer = lib.nn.EmbeddingBag(6, 3, mode="sum" if mode == "factors" else mode, **options)
        layer.load_state_dict({"weight": lib.tensor(TABLE)})
        layer = layer.to(getattr(lib, dtype))
        arguments = [lib.tensor(index), None if offsets is None else lib.tensor(offsets, dtype=lib.int64)]
        if mode == "factors":
            factors = lib.tensor(FACTORS[: index.size].reshape(index.shape)).to(layer.weight.dtype).requires_grad_()
            arguments.append(factors)
        out = layer(*arguments)
        weights = lib.tensor(np.random.default_rng(2).standard_normal(tuple(out.shape))).to(out.dtype)
        (out * weights).sum().backward()
        found.append(
            [out.detach(), layer.weight.grad, layer.weight.detach(), *([factors.grad] if mode == "factors" else [])]
        )
    for ours, theirs in zip(*found, strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape)
        tolerance = 1e-6 if dtype == "float32" or name == "max-norm" else 1e-12
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=tolerance, atol=tolerance)


def test_gradients_are_over_the_number_of_uses():
    """As for Embedding. torch divides by the count of the index that comes before it among the sorted ones."""
    layer = sparkle.nn.EmbeddingBag(4, 2, mode="sum", scale_grad_by_freq=True)
    layer(sparkle.tensor([0, 0, 1, 3, 1, 1]), sparkle.tensor([0, 3])).sum().backward()
    assert layer.weight.grad.tolist() == [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]


@pytest.mark.parametrize("freeze", [True, False])
def test_from_pretrained(freeze):
    for lib in (sparkle, torch):
        layer = lib.nn.EmbeddingBag.from_pretrained(lib.tensor(TABLE), freeze, mode="max", padding_idx=1)
        assert layer.weight.requires_grad is not freeze
        assert layer.weight.tolist() == TABLE.tolist()
        assert (layer.mode, layer.padding_idx) == ("max", 1)


@pytest.mark.parametrize("options", [{}, {"max_norm": 2.0, "norm_type": 1.0, "mode": "max", "padding_idx": -1}])
def test_repr(options):
    assert repr(sparkle.nn.EmbeddingBag(4, 3, **options)) == repr(torch.nn.EmbeddingBag(4, 3, **options))


def bag(lib, index=(0, 2, 1, 3), offsets=(0, 2), weight=None, **options):
    table = lib.ones(4, 3) if weight is None else weight
    given = None if offsets is None else lib.tensor(offsets)
    return lib.nn.functional.embedding_bag(lib.tensor(index), table, given, **options)


MISUSE = [
    lambda lib: bag(lib, mode="x"),
    lambda lib: bag(lib, offsets=None),
    lambda lib: bag(lib, index=[[0, 1]]),
    lambda lib: bag(lib, index=[[[0, 1]]]),
    lambda lib: bag(lib, offsets=[[0, 1]]),
    lambda lib: bag(lib, offsets=[0.0, 1.0]),
    lambda lib: bag(lib, index=[0, 4]),
    lambda lib: bag(lib, index=[-1, 0]),
    lambda lib: bag(lib, offsets=[1, 2]),
    lambda lib: bag(lib, offsets=[0, 5]),
    lambda lib: bag(lib, offsets=[], include_last_offset=True),
    lambda lib: bag(lib, per_sample_weights=lib.ones(4)),
    lambda lib: bag(lib, per_sample_weights=lib.ones(3), mode="sum"),
    lambda lib: bag(lib, per_sample_weights=lib.ones(4).double(), mode="sum"),
    lambda lib: bag(lib, padding_idx=4),
    lambda lib: bag(lib, padding_idx=-5),
    lambda lib: bag(lib, mode="max", scale_grad_by_freq=True),
    lambda lib: bag(lib, weight=lib.ones(4)),
    lambda lib: bag(lib, weight=lib.ones(4, 3).long()),
    lambda lib: lib.nn.EmbeddingBag(4, 3, padding_idx=4),
    lambda lib: lib.nn.EmbeddingBag(4, 3, _weight=lib.ones(2, 3)),
    lambda lib: lib.nn.EmbeddingBag.from_pretrained(lib.ones(3)),
]


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)
