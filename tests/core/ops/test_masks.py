"""Choosing by whole numbers gives what numpy.where gives, element for element."""

import numpy as np
import pytest

import sparkle
from sparkle.core.ops.pointwise.masks import TINY, blend, kept

ODD = [np.nan, np.inf, -np.inf, -0.0, 1e-40]


def values(dtype, seed):
    x = np.random.default_rng(seed).standard_normal(2 * TINY).astype(dtype)
    x[: len(ODD)] = np.array(ODD).astype(dtype) if np.dtype(dtype).kind == "f" else 7
    return x


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


MASK = np.random.default_rng(1).random(2 * TINY) < 0.5


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("step", [1, -1, 2])
def test_kept_is_where_with_zero(dtype, step):
    g, mask = np.tile(values(dtype, 0), 2)[::step], np.tile(MASK, 2)[::step]
    assert same(kept(np, g, mask), np.where(mask, g, np.zeros((), dtype)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "bool"])
def test_blend_is_where(dtype):
    a, b = values(dtype, 0), values(dtype, 1)
    assert same(blend(np, MASK, a, b), np.where(MASK, a, b))
    assert same(blend(np, MASK, a, b[:1].reshape(())), np.where(MASK, a, b[0]))
    assert same(blend(np, MASK.reshape(-1, 1), a[:3], b[:1]), np.where(MASK.reshape(-1, 1), a[:3], b[:1]))


@pytest.mark.parametrize("n", [3, 2 * TINY])
def test_relu_lets_no_infinite_gradient_through(n):
    x = sparkle.from_numpy(np.linspace(-1, 0, n)).requires_grad_()
    sparkle.relu(x).sqrt().sum().backward()
    assert (x.grad.numpy() == 0).all()


@pytest.mark.parametrize("n", [3, 2 * TINY])
def test_relu_keeps_nan(n):
    x = sparkle.from_numpy(np.where(np.arange(n) % 2, np.nan, -1.0))
    np.testing.assert_array_equal(sparkle.relu(x).numpy(), np.where(np.arange(n) % 2, np.nan, 0.0))
