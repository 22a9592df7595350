"""Error, gamma and Bessel functions."""

import math

import numpy as np

from .case import case, raises

EVERY = ("float32", "float64", "int64", "bool")
GRID = np.concatenate([np.linspace(-8, 8, 37), [0.0, -0.0, 1e-8, -1e-8, 30.0, -30.0, math.inf, -math.inf, math.nan]])
SMALL = np.concatenate([np.linspace(-1.1, 1.1, 23), [0.0, 1.0, -1.0, 1e-12, 1 - 1e-12, math.nan]])
LARGE = {"rtol": 1e-7, "atol": 1e-12}

for shape in [(2, 3), (), (0,)]:
    for name in ["erf", "erfc", "i0"]:
        case(name, lambda L, a, n=name: [getattr(L, n)(a), getattr(a, n)()], shape, dtypes=EVERY)
    for name in ["erfcx", "ndtr", "log_ndtr", "i0e", "i1", "i1e"]:
        case(name, lambda L, a, n=name: getattr(L.special, n)(a), shape)
    case("erfinv", lambda L, a: [L.erfinv(a), a.erfinv()], shape, low=-0.95, high=0.95)
    case("ndtri", lambda L, a: L.special.ndtri(a), shape, low=0.05, high=0.95)
    for name in ["lgamma", "digamma"]:
        case(name, lambda L, a, n=name: getattr(L, n)(a), shape, dtypes=EVERY, low=0.3, high=12)
    for n in (0, 1, 2, 3):
        case(f"polygamma_{n}", lambda L, a, n=n: [L.polygamma(n, a), a.polygamma(n)], shape, low=0.7, high=12)
    case("entr", lambda L, a: L.special.entr(a), shape, low=0.1)
    case("zeta", lambda L, a: L.special.zeta(2.5, a), shape, low=0.5)
case("lgamma_negative", lambda L, a: [L.lgamma(a), L.digamma(a)], (2, 3), low=-2.8, high=-2.2)
case("mvlgamma", lambda L, a: [L.mvlgamma(a, 3), a.mvlgamma(1)], (2, 3), low=1.5, high=4, rtol=2e-4)
case(
    "igamma",
    lambda L, x, a: [L.igamma(a.to(x.dtype), x), L.igammac(a.to(x.dtype), x)],
    (2, 3),
    np.array([0.4, 3.0, 8.5]),
    low=0.3,
    high=12,
    rtol=1e-3,
)
case("xlog1py", lambda L, a, b: L.special.xlog1py(a, b), (2, 3), (3,), low=0.1)
case("xlog1py_number", lambda L, a: L.special.xlog1py(2, a) + L.special.xlog1py(a, 2), (3,), low=0.1)
case("erf_in_place", lambda L, a: (a * 2).erf_(), (2, 3))

for name in ["erf", "erfc", "lgamma", "digamma", "i0"]:
    case(f"{name}_grid", lambda L, a, n=name: getattr(L, n)(a), GRID, **LARGE)
    case(f"{name}_grid_single", lambda L, a, n=name: getattr(L, n)(a), GRID.astype("float32"), rtol=5e-6)
for name in ["erfcx", "i0e", "i1", "i1e", "ndtr", "log_ndtr"]:
    case(f"{name}_grid", lambda L, a, n=name: getattr(L.special, n)(a), GRID, **LARGE)
case("erfinv_grid", lambda L, a: L.erfinv(a), SMALL, **LARGE)
case(
    "ndtri_grid",
    lambda L, a: L.special.ndtri(a),
    np.array([0.0, 1.0, 0.5, 1e-20, 1e-5, 0.3, 0.999, -0.1, 1.1]),
    **LARGE,
)
case("entr_grid", lambda L, a: L.special.entr(a), np.array([0.0, -1.0, 0.5, math.nan, math.inf]))

raises("polygamma_negative", lambda L: L.polygamma(-1, L.ones(2)))
raises("mvlgamma_p", lambda L: L.mvlgamma(L.ones(2), 0))
raises("igamma_int", lambda L: L.igamma(L.tensor([1]), L.tensor([1])))
raises("erf_number", lambda L: L.erf(1.0))
