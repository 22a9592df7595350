"""Bags of rows of a table against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.tensor.differentiation.gradcheck import gradcheck, gradgradcheck

INDEX, OFFSETS = sparkle.tensor([0, 2, 2, 1, 3]), sparkle.tensor([0, 0, 3])


def table():
    return sparkle.tensor(np.random.default_rng(0).standard_normal((4, 2)), requires_grad=True)


@pytest.mark.parametrize("padding_idx", [None, 2])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_gradients_equal_finite_differences(mode, padding_idx):
    def bags(w):
        return F.embedding_bag(INDEX, w, OFFSETS, mode=mode, padding_idx=padding_idx)

    assert gradcheck(bags, [table()])
    assert gradgradcheck(bags, [table()], atol=1e-4)


def test_gradients_of_factors_equal_finite_differences():
    def bags(w, factors):
        return F.embedding_bag(INDEX, w, OFFSETS, mode="sum", per_sample_weights=factors, padding_idx=2)

    factors = sparkle.tensor(np.random.default_rng(1).standard_normal(5), requires_grad=True)
    assert gradcheck(bags, [table(), factors])
    assert gradgradcheck(bags, [table(), factors], atol=1e-4)


def test_offsets_must_not_decrease():
    with pytest.raises(RuntimeError, match=r"must not decrease, met \[0, 3, 1\]"):
        F.embedding_bag(INDEX, table(), sparkle.tensor([0, 3, 1]))


def test_sparse_gradients_are_refused():
    with pytest.raises(ValueError, match="sparse"):
        sparkle.nn.EmbeddingBag(3, 2, sparse=True)
    with pytest.raises(NotImplementedError, match="sparse"):
        F.embedding_bag(INDEX, table(), OFFSETS, sparse=True)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_entries_behind_the_last_offset_are_in_no_bag(mode):
    """torch divides by numbers that it never set here, so it is no oracle."""
    options = {"mode": mode, "include_last_offset": True}
    short = F.embedding_bag(INDEX, table(), sparkle.tensor([0, 2, 4]), **options)
    assert sparkle.equal(short, F.embedding_bag(INDEX[:4], table(), sparkle.tensor([0, 2, 4]), **options))
