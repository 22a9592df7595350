"""The slopes of gamma and beta samples in their concentration, against closed forms and finite differences."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
from sparkle.core.ops.random.gamma_sampling import DirichletGrad, StandardGammaGrad, beta_slope, gamma_slope
from sparkle.core.ops.special.functions import lgamma
from sparkle.core.ops.special.gamma_functions import igamma
from sparkle.core.tensor.base import apply


@pytest.fixture(autouse=True)
def _quiet():
    """As in a program, where `apply` and the walk keep NumPy quiet."""
    with np.errstate(all="ignore"):
        yield


A = np.array([0.05, 0.3, 0.9, 1.0, 2.5, 8.0, 30.0, 120.0, 499.0, 501.0, 3000.0, 1e6])


@pytest.mark.parametrize("z", [-2.5, -1.0, 0.0, 1.0, 3.0])
def test_gamma_slope_keeps_the_distribution_function(z):
    x = np.maximum(A + z * np.sqrt(A), 0.2 * A)
    h = 1e-4 * np.minimum(A, np.sqrt(A))
    change = (igamma(np, A + h, x) - igamma(np, A - h, x)) / (2 * h)
    density = np.exp((A - 1) * np.log(x) - x - lgamma(np, A))
    np.testing.assert_allclose(gamma_slope(np, A, x), -change / density, rtol=2e-5)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e-8, 1e-3])
def test_gamma_slope_of_small_samples(scale):
    # F is x ** a / gamma(a + 1), so that x = (u gamma(a + 1)) ** (1 / a).
    a = np.array([0.05, 0.3, 0.9])
    x = scale * np.ones(3)
    h = 1e-5
    digamma = (lgamma(np, a + 1 + h) - lgamma(np, a + 1 - h)) / (2 * h)
    np.testing.assert_allclose(gamma_slope(np, a, x), x * (digamma - np.log(x)) / a, rtol=2e-3)


@pytest.mark.parametrize("a", [0.01, 0.4, 1.0, 5.0, 60.0, 2000.0])
def test_beta_slope_where_it_is_known(a):
    # With b = 1 a sample is u ** (1 / a).
    u = np.array([0.01, 0.3, 0.6, 0.9, 0.999])
    x = np.maximum(u ** (1 / a), 1e-280)
    slope = beta_slope(np, x, np.full(5, a), np.ones(5))
    np.testing.assert_allclose(slope, -x * np.log(x) / a / (1 - x), rtol=1e-8)


def test_beta_slope_keeps_the_distribution_function():
    # With b = 2 the distribution function is (1 + a) x ** a - a x ** (1 + a).
    a, x = np.meshgrid([0.1, 0.7, 1.0, 3.0, 40.0], [0.01, 0.2, 0.5, 0.8, 0.99])
    log = np.log(x)
    change = x**a * (1 + (1 + a) * log) - x ** (1 + a) * (1 + a * log)
    density = a * (1 + a) * x ** (a - 1) * (1 - x)
    slope = beta_slope(np, x.ravel(), a.ravel(), np.full(a.size, 2.0)).reshape(a.shape)
    np.testing.assert_allclose(slope, -change / density / (1 - x), rtol=1e-9)


def test_types_shapes_and_ends():
    for dtype in (np.float16, np.float32, np.float64):
        a = np.array([[0.5], [20.0]], dtype)
        slope = StandardGammaGrad().forward(np, a, np.array([0.1, 0.0, 30.0], dtype))
        assert slope.dtype == dtype
        assert slope.shape == (2, 3)
        assert np.isfinite(slope).all()
        x = np.array([0.0, 0.5, 1.0], dtype)
        assert np.isfinite(DirichletGrad().forward(np, x, a, a + 1)).all()


def test_the_slope_of_the_slope_is_refused():
    a = sparkle.tensor([2.0], requires_grad=True)
    slope = apply(StandardGammaGrad(), a, sparkle.tensor([1.0]))
    with pytest.raises(RuntimeError, match="not implemented"):
        slope.sum().backward()
