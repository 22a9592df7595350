"""A pool whose one window is the whole image."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
from sparkle.nn import functional as F


@pytest.mark.parametrize("size", [(6,), (3, 5), (2, 3, 4)])
def test_it_is_a_mean(size: tuple[int, ...]) -> None:
    """In any memory order, and its derivatives are those of a mean."""
    x = sparkle.randn(2, 3, *size, dtype=sparkle.float64, requires_grad=True)
    pool = getattr(F, f"avg_pool{len(size)}d")
    mean = x.detach().numpy().mean(axis=tuple(range(2, x.ndim)), keepdims=True)
    np.testing.assert_allclose(pool(x, size).detach().numpy(), mean, rtol=1e-12)
    last = x.detach().movedim(1, -1).contiguous().movedim(-1, 1)
    np.testing.assert_allclose(pool(last, size).numpy(), mean, rtol=1e-12)
    assert sparkle.autograd.gradcheck(lambda x: pool(x, size) ** 2, (x,))
    assert sparkle.autograd.gradgradcheck(lambda x: pool(x, size) ** 2, (x,))
