"""Special functions against SciPy's, in float64, over wide ranges and at the edges."""

import numpy as np
import pytest
import scipy.special as sp

import sparkle

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")

SMALL = np.logspace(-300, -20, 57)
POSITIVE = np.concatenate([SMALL, np.logspace(-20, 4, 200), np.linspace(0.01, 60, 500)])
BOTH = np.concatenate([-POSITIVE, POSITIVE])
EDGES = np.array([0.0, -0.0, np.inf, -np.inf, np.nan])
NEAR = np.concatenate([1 + np.linspace(-0.5, 1.5, 201), 1 + np.logspace(-15, -2, 40), 2 - np.logspace(-15, -2, 40)])
SHARE = np.concatenate([np.logspace(-300, -1, 100), np.linspace(0.001, 0.999, 333), 1 - np.logspace(-15, -1, 50)])


def ours(name, *arrays):
    return getattr(sparkle.special, name)(*[sparkle.from_numpy(np.array(a)) for a in arrays]).numpy()


def same(actual, wanted, rtol=1e-12, atol=0.0):
    tiny = np.abs(wanted) < 1e-290  # SciPy gives up before the numbers end
    np.testing.assert_allclose(np.where(tiny, 0, actual), np.where(tiny, 0, wanted), rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    "name", ["erf", "erfc", "erfcx", "ndtr", "log_ndtr", "i0", "i0e", "i1", "i1e", "gammaln", "digamma", "entr"]
)
def test_on_the_whole_line(name):
    x = (
        BOTH
        if name not in ("gammaln", "digamma", "entr")
        else np.concatenate([POSITIVE, -POSITIVE[POSITIVE % 1 > 1e-6]])
    )
    same(ours(name, x), getattr(sp, name)(x))
    if name != "entr":
        same(ours(name, EDGES[[0, 4]]), getattr(sp, name)(EDGES[[0, 4]]))


def test_digamma_near_its_zero():
    same(ours("digamma", NEAR), sp.digamma(NEAR))


def test_lgamma_near_its_zeros():
    d = np.logspace(-15, -2, 40)
    d = (1 + d) - 1
    series = sum(sp.zeta(k) * np.stack([(-d) ** k, d**k]) / k for k in range(2, 12)) + np.euler_gamma * np.stack(
        [-d, d]
    )
    same(ours("gammaln", 1 + d), series[0])
    same(ours("gammaln", 2 - d), series[1] + np.log1p(-d))


@pytest.mark.parametrize("name", ["ndtri", "erfinv"])
def test_inverses(name):
    same(ours(name, SHARE), getattr(sp, name)(SHARE))


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("modified_bessel_k0", sp.k0),
        ("modified_bessel_k1", sp.k1),
        ("scaled_modified_bessel_k0", sp.k0e),
        ("scaled_modified_bessel_k1", sp.k1e),
        ("modified_bessel_i0", sp.i0),
        ("modified_bessel_i1", sp.i1),
    ],
)
def test_modified_bessel(name, theirs):
    x = np.concatenate([POSITIVE, EDGES[[0, 4]], [-1.0]])
    same(ours(name, x), theirs(x))


@pytest.mark.parametrize("name", ["j0", "j1", "y0", "y1"])
def test_bessel(name):
    # Around a zero the error counts against the amplitude; for large x SciPy loses digits of the phase.
    x = np.concatenate([POSITIVE if name[0] == "y" else BOTH])
    amplitude = np.minimum(1, np.sqrt(2 / np.pi / np.abs(x)))
    wanted = getattr(sp, name)(x)
    error = np.abs(ours(f"bessel_{name}", x) - wanted)
    assert (error <= 1e-14 * np.maximum(amplitude, np.abs(wanted)) * np.maximum(1, np.abs(x) / 10)).all()
    same(ours(f"bessel_{name}", EDGES), getattr(sp, name)(EDGES))


def test_spherical_bessel():
    same(ours("spherical_bessel_j0", BOTH), sp.spherical_jn(0, np.abs(BOTH)))


def test_airy():
    x = np.concatenate([np.linspace(-60, 0, 601), np.linspace(0, 100, 401), SMALL])
    same(ours("airy_ai", x), sp.airy(x)[0], rtol=2e-13, atol=3e-14)
    same(ours("airy_ai", x[x >= 0]), sp.airy(x[x >= 0])[0])


@pytest.mark.parametrize("n", range(6))
def test_polygamma(n):
    x = np.concatenate([POSITIVE, -NEAR[:201] - 0.003])
    wanted = sp.polygamma(n, POSITIVE)
    same(sparkle.polygamma(n, sparkle.from_numpy(POSITIVE)).numpy(), wanted)
    below = x[len(POSITIVE) :]
    mirrored = sparkle.polygamma(n, sparkle.from_numpy(below)).numpy()
    stepped = sparkle.polygamma(n, sparkle.from_numpy(below + 1)).numpy()
    scale = np.maximum(np.abs(mirrored), np.abs(stepped))
    step = (-1.0) ** n * sp.factorial(n) / below ** (n + 1)
    assert (np.abs(stepped - mirrored - step) <= 1e-12 * np.maximum(scale, np.abs(step))).all()


@pytest.mark.parametrize("s", [1.0, 1.001, 1.1, 2.0, 3.5, 10.0, 50.0, 200.0, 1e4])
def test_zeta(s):
    q = np.concatenate([POSITIVE, EDGES[[0, 4]], [1.0]])
    same(ours("zeta", np.full_like(q, s), q), sp.zeta(s, q))


@pytest.mark.parametrize("a", [1e-10, 1e-5, 0.1, 0.5, 1.0, 2.5, 10.0, 50.0, 200.0, 1e3, 9e4, 1.1e5, 1e6, 1e9])
def test_incomplete_gamma(a):
    spread = a + np.linspace(-3, 3, 61) * np.sqrt(a)  # SciPy errs farther out where a is large
    x = np.concatenate(
        [np.linspace(0.01, 3, 50) * a, np.logspace(-10, 4, 60), spread[spread > 0], [0.0, np.inf, np.nan]]
    )
    a = np.full_like(x, a)
    for name in ("gammainc", "gammaincc"):
        same(ours(name, a, x), getattr(sp, name)(a, x), rtol=5e-12)


def test_incomplete_gamma_edges():
    a, x = map(np.ravel, np.meshgrid([0.0, 0.5, 3.0, np.inf, np.nan, -1.0], [0.0, 1.0, np.inf, np.nan, -1.0]))
    for name in ("gammainc", "gammaincc"):
        same(ours(name, a, x), getattr(sp, name)(a, x))


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("chebyshev_polynomial_t", sp.eval_chebyt),
        ("chebyshev_polynomial_u", sp.eval_chebyu),
        ("shifted_chebyshev_polynomial_t", sp.eval_sh_chebyt),
        ("shifted_chebyshev_polynomial_u", sp.eval_sh_chebyu),
        ("hermite_polynomial_h", sp.eval_hermite),
        ("hermite_polynomial_he", sp.eval_hermitenorm),
        ("laguerre_polynomial_l", sp.eval_laguerre),
        ("legendre_polynomial_p", sp.eval_legendre),
    ],
)
def test_polynomials(name, theirs):
    x = np.linspace(-2.5, 2.5, 101)
    for n in (0, 1, 2, 3, 7, 20):
        wanted = theirs(n, x)
        actual = getattr(sparkle.special, name)(sparkle.from_numpy(x), n).numpy()
        np.testing.assert_allclose(actual, wanted, rtol=1e-11, atol=1e-12 * max(1, np.abs(wanted).min()))
