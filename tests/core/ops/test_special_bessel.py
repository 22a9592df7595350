"""Bessel functions, Airy's function and orthogonal polynomials: identities, known values, gradients."""

import math

import numpy as np
import pytest

import sparkle
from sparkle.autograd import gradcheck, gradgradcheck
from sparkle.core.ops.special import bessel_functions as bessel
from sparkle.core.ops.special import functions as special_functions
from sparkle.core.ops.special import gamma_functions as special_gamma_functions

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")

X = np.concatenate([np.logspace(-8, 0, 81), np.linspace(1, 60, 481), np.logspace(2, 6, 41)])
POLYNOMIALS = [name for name in sparkle.special.__all__ if "_polynomial_" in name]
DIFFERENTIABLE = [name for name in sparkle.special.__all__ if "bessel" in name]


def test_ordinary_functions_obey_their_wronskian():
    left = bessel.j1(np, X) * bessel.y0(np, X) - bessel.j0(np, X) * bessel.y1(np, X)
    np.testing.assert_allclose(left * X * math.pi / 2, 1, rtol=1e-14)


def test_modified_functions_obey_their_wronskian():
    left = special_functions.i0e(np, X) * bessel.k1e(np, X) + special_functions.i1e(np, X) * bessel.k0e(np, X)
    np.testing.assert_allclose(left * X, 1, rtol=1e-14)


def test_first_kind_equals_its_series():
    x = np.linspace(-8, 8, 65)
    for order, function in ((0, bessel.j0), (1, bessel.j1)):
        series = sum(
            (-1) ** k * (x / 2) ** (2 * k + order) / (math.factorial(k) * math.factorial(k + order)) for k in range(40)
        )
        np.testing.assert_allclose(function(np, x), series, atol=1e-13)


@pytest.mark.parametrize("at", [8.0, 2.0, -4.0])
@pytest.mark.parametrize("function", [bessel.j0, bessel.j1, bessel.y0, bessel.y1, bessel.k0e, bessel.k1e, bessel.airy])
def test_pieces_meet(function, at):
    x = np.array([np.nextafter(at, -math.inf), at, np.nextafter(at, math.inf)])
    if at > 0 or function is bessel.airy:
        y = function(np, x)
        np.testing.assert_allclose(y, y[1], rtol=2e-15, atol=1e-15)


def test_airy_obeys_its_differential_equation():
    x, h = np.linspace(-12, 6, 181), 1e-3
    weights = {-2: -1 / 12, -1: 4 / 3, 0: -5 / 2, 1: 4 / 3, 2: -1 / 12}
    second = sum(w * bessel.airy(np, x + k * h) for k, w in weights.items()) / h**2
    np.testing.assert_allclose(second, x * bessel.airy(np, x), atol=5e-8)
    np.testing.assert_allclose(bessel.airy(np, np.array(0.0)), 3 ** (-2 / 3) / math.gamma(2 / 3), rtol=1e-15)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_bessel_gradients(name):
    function = getattr(sparkle.special, name)
    x = sparkle.tensor([0.07, 0.3, 1.7, 4.0, 9.0], dtype=sparkle.float64, requires_grad=True)
    assert gradcheck(function, x)
    assert gradgradcheck(function, x, atol=1e-3)


@pytest.mark.parametrize("name", ["bessel_j1", "spherical_bessel_j0", "i1", "bessel_j0"])
def test_gradient_at_zero(name):
    x = sparkle.zeros(1, dtype=sparkle.float64, requires_grad=True)
    getattr(sparkle.special, name)(x).backward()
    assert x.grad.item() == pytest.approx(0.5 if "1" in name else 0.0)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomial_gradients(name, n):
    x = sparkle.tensor([-0.9, 0.0, 0.3, 1.0, 1.7], dtype=sparkle.float64, requires_grad=True)
    assert gradcheck(lambda x: getattr(sparkle.special, name)(x, n), x)
    assert gradgradcheck(lambda x: getattr(sparkle.special, name)(x, n), x, atol=1e-3)


def test_polynomials_of_high_degree_equal_closed_forms():
    angle = np.linspace(0.05, 3.0, 60)
    x = sparkle.from_numpy(np.cos(angle))
    for n in (10, 101, 1000):
        np.testing.assert_allclose(sparkle.special.chebyshev_polynomial_t(x, n).numpy(), np.cos(n * angle), atol=1e-10)
        np.testing.assert_allclose(
            sparkle.special.chebyshev_polynomial_u(x, n).numpy(),
            np.sin((n + 1) * angle) / np.sin(angle),
            rtol=1e-8,
            atol=1e-8,
        )


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_degrees_may_differ_by_element(name):
    function = getattr(sparkle.special, name)
    x, n = sparkle.tensor([0.3, 0.4, 1.2]), sparkle.tensor([[0], [4], [-2]])
    together = function(x, n)
    assert together.shape == (3, 3)
    for row, degree in zip(together, (0, 4, -2), strict=True):
        assert sparkle.equal(row, function(x, degree))
    assert sparkle.allclose(function(0.3, n).squeeze(1), together[:, 0])


def test_degrees_without_end_are_refused():
    with pytest.raises((ValueError, RuntimeError), match="1000000"):
        sparkle.special.legendre_polynomial_p(sparkle.ones(2), 10**9)


def test_incomplete_gamma_function_is_smooth_where_its_methods_meet():
    for a in (10.0, 1e5):
        around = a * (1 + np.array([-1e-14, 1e-14]))
        for x in (0.98 * a, a, 1.02 * a):
            y = special_gamma_functions.igamma(np, around, np.full(2, x))
            np.testing.assert_allclose(y[0], y[1], rtol=1e-10)


@pytest.mark.parametrize("name", ["bessel_y0", "modified_bessel_k1", "airy_ai", "legendre_polynomial_p"])
def test_float32_and_blocks(name):
    x = sparkle.linspace(0.5, 20, 40_000)
    function = getattr(sparkle.special, name)
    args = (3,) if "polynomial" in name else ()
    whole, part = function(x, *args), function(x[30_000:].double(), *args)
    assert whole.dtype == sparkle.float32
    np.testing.assert_allclose(whole[30_000:].numpy(), part.numpy(), rtol=1e-6, atol=1e-30)
