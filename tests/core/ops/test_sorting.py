"""What is partitioned rather than sorted, and scans for libraries without `accumulate`."""

import types

import numpy as np
import pytest

import sparkle
from sparkle.core.ops.reductions.scan import accumulate
from sparkle.core.ops.reductions.sorting import top


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [0, 1, 7, 50])
def test_top_is_the_sorted_ends(largest, k):
    x = np.random.default_rng(0).standard_normal((3, 50, 2))
    x[1, 4] = np.nan
    found = np.take_along_axis(x, top(np, x, k, 1, largest), 1)
    in_order = np.sort(x, axis=1)
    np.testing.assert_array_equal(found, in_order[:, ::-1][:, :k] if largest else in_order[:, :k])


@pytest.mark.parametrize("n", [1, 2, 7, 8, 33])
@pytest.mark.parametrize("axis", [0, 1])
def test_accumulate_by_doubling(n, axis):
    x = np.random.default_rng(0).standard_normal((n, n))
    other = types.SimpleNamespace(__name__="other", maximum=np.maximum, logaddexp=np.logaddexp)
    for name in ("maximum", "logaddexp"):
        expected = getattr(np, name).accumulate(x, axis=axis)
        np.testing.assert_allclose(accumulate(other, name, x, axis), expected, rtol=1e-14)


def test_tensors_are_found_by_identity():
    a, b = sparkle.ones(2), sparkle.ones(2)
    assert {a: 1, b: 2}[b] == 2
    assert a in {a}
    assert b not in {a}


def test_long_cumulative_product_with_zeros_has_finite_gradients():
    x = sparkle.ones(500)
    x[100] = 0.0
    x.requires_grad_()
    x.cumprod(0).sum().backward()
    expected = np.array([100.0 - i if i < 100 else 400.0 if i == 100 else 0.0 for i in range(500)])
    np.testing.assert_array_equal(x.grad.numpy(), expected)
