"""Special functions: known values, identities, blocks."""

import math

import numpy as np
import pytest

from sparkle.core.ops.special import functions as special
from sparkle.core.ops.special import gamma_functions as gamma
from sparkle.core.ops.special.functions import BLOCK

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")

GRID = np.linspace(-6, 6, 241)
POSITIVE = np.linspace(0.05, 40, 400)


def test_error_functions_equal_the_standard_library():
    np.testing.assert_allclose(special.erf(np, GRID), [math.erf(x) for x in GRID], rtol=2e-15)
    np.testing.assert_allclose(special.erfc(np, GRID), [math.erfc(x) for x in GRID], rtol=5e-15)
    np.testing.assert_allclose(special.erf(np, GRID.astype("float32")), [math.erf(x) for x in GRID], rtol=5e-7)


def test_lgamma_equals_the_standard_library():
    x = np.concatenate([POSITIVE, -POSITIVE[POSITIVE % 1 != 0]])
    np.testing.assert_allclose(special.lgamma(np, x), [math.lgamma(v) for v in x], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("x", [-0.999999, -0.3, 1e-14, 0.2, 0.7, 1 - 1e-12])
def test_erfinv_is_the_inverse(x):
    assert math.erf(float(special.erfinv(np, np.array(x)))) == pytest.approx(x, rel=1e-14)


def test_digamma_and_polygamma_obey_their_recurrences():
    x = POSITIVE
    np.testing.assert_allclose(special.digamma(np, x + 1) - special.digamma(np, x), 1 / x, rtol=1e-11)
    for n in (1, 2, 3):
        step = special.polygamma(n)(np, x + 1) - special.polygamma(n)(np, x)
        np.testing.assert_allclose(step, (-1) ** n * math.factorial(n) / x ** (n + 1), rtol=1e-8)


def test_zeta_of_two():
    np.testing.assert_allclose(special.zeta(np, np.array(2.0), np.array(1.0)), math.pi**2 / 6, rtol=1e-15)


def test_bessel_functions_equal_their_series():
    x = np.linspace(-20, 20, 81)
    for order, function in ((0, special.i0), (1, special.i1)):
        series = sum((x / 2) ** (2 * k + order) / (math.factorial(k) * math.factorial(k + order)) for k in range(60))
        np.testing.assert_allclose(function(np, x), series, rtol=1e-13, atol=1e-15)


def test_incomplete_gamma_functions_add_up_and_have_known_values():
    a, x = np.array([1.0, 1.0, 0.5, 4.0]), np.array([0.3, 5.0, 2.0, 1e-3])
    lower, upper = gamma.igamma(np, a, x), gamma.igammac(np, a, x)
    np.testing.assert_allclose(lower + upper, 1, rtol=1e-14)
    np.testing.assert_allclose(lower[:2], 1 - np.exp(-x[:2]), rtol=1e-14)
    np.testing.assert_allclose(lower[2], math.erf(math.sqrt(2.0)), rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", [special.erf, special.lgamma, special.i0e], ids=lambda f: f.__name__)
def test_blocks_change_nothing(function, dtype):
    x = np.random.default_rng(0).uniform(0.1, 4, (3, BLOCK)).astype(dtype)
    whole = function(np, x)
    assert whole.dtype == dtype
    np.testing.assert_array_equal(whole, np.stack([function(np, row) for row in x]))
