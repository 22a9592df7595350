"""What of EmbeddingBag the table of modules cannot hold."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

TABLE = np.random.default_rng(0).standard_normal((6, 3))


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
