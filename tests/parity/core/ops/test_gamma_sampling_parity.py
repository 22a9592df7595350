"""The slopes of gamma and beta samples against torch, which is good to a thousandth, and against scipy's quantiles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import special

from sparkle.core.ops.random.gamma_sampling import beta_slope, gamma_slope


@pytest.fixture(autouse=True)
def _quiet():
    """As in a program, where `apply` and the walk keep NumPy quiet."""
    with np.errstate(all="ignore"):
        yield


RANGES = [(0.02, 0.1), (0.1, 1), (1, 10), (10, 100), (100, 1000), (1000, 1e5)]


def differences(quantile, a):
    """The slope of the quantile in a, by five points."""
    h = 1e-4 * a
    return (8 * (quantile(a + h) - quantile(a - h)) - (quantile(a + 2 * h) - quantile(a - 2 * h))) / (12 * h)


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_gamma(low, high):
    random = np.random.default_rng(0)
    a = np.exp(random.uniform(np.log(low), np.log(high), 1000))
    x = np.maximum(random.standard_gamma(a), 1e-100)
    slope = gamma_slope(np, a, x)
    theirs = torch._standard_gamma_grad(torch.from_numpy(a), torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(slope, theirs, rtol=2e-3)
    p, q = special.gammainc(a, x), special.gammaincc(a, x)
    exact = differences(lambda a: np.where(p < 0.5, special.gammaincinv(a, p), special.gammainccinv(a, q)), a)
    np.testing.assert_allclose(slope, exact, rtol=1e-6)


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_beta(low, high):
    random = np.random.default_rng(1)
    a, b = np.exp(random.uniform(np.log(low), np.log(high), (2, 1000)))
    x = np.clip(random.beta(a, b), 1e-100, 0.999)
    slope = beta_slope(np, x, a, b)
    theirs = torch._dirichlet_grad(*map(torch.from_numpy, (x, a, a + b))).numpy()
    np.testing.assert_allclose(slope, theirs, rtol=3e-3)
    p, q = special.betainc(a, b, x), special.betaincc(a, b, x)
    exact = differences(lambda a: np.where(p < 0.5, special.betaincinv(a, b, p), special.betainccinv(a, b, q)), a)
    known = (x < 0.998) & (x > 1e-99)
    np.testing.assert_allclose(slope[known], exact[known] / (1 - x[known]), rtol=1e-6)
