"""Bessel functions, Airy's function and orthogonal polynomials."""

import math

import numpy as np

from .case import case, raises

EVERY = ("float32", "float64", "int64", "bool")
BESSEL = (
    *("airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_i0", "modified_bessel_i1"),
    *("modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1"),
    "spherical_bessel_j0",
)
POLYNOMIALS = (
    *[f"{shifted}chebyshev_polynomial_{kind}" for shifted in ("", "shifted_") for kind in "tuvw"],
    *("hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p"),
)
EDGES = np.array([0.0, -0.0, 1e-300, 0.3, -0.3, 6.0, -9.0, 60.0, math.inf, -math.inf, math.nan])
AT = np.array([-1.0, -0.9, -0.3, 0.0, 0.4, 1.0, 1.3, 2.0])
CLOSE = {"rtol": 2e-6, "atol": 2e-7}  # torch has no more digits everywhere; tests against SciPy are closer

for name in BESSEL:
    for shape in [(2, 3), (), (0,)]:
        case(
            f"special.{name}",
            lambda L, x, n=name: getattr(L.special, n)(x),
            shape,
            low=0.1,
            high=8,
            dtypes=EVERY,
            grad=False,
            rtol=2e-6,
            atol=2e-6,
        )
    case(f"special.{name}_edges", lambda L, x, n=name: getattr(L.special, n)(x), EDGES, **CLOSE)
    raises(f"special.{name}_number", lambda L, n=name: getattr(L.special, n)(1.0))
for name in POLYNOMIALS:
    for n in (-1, 0, 1, 2, 3, 8, 2.7):
        case(f"special.{name}_{n}", lambda L, x, f=name, n=n: getattr(L.special, f)(x, n), AT, **CLOSE)
    case(
        f"special.{name}",
        lambda L, x, n, f=name: getattr(L.special, f)(x, n),
        (2, 3),
        np.array([0.0, 3.0, 5.0]),
        grad=False,
        dtypes=("float32", "float64"),
        rtol=1e-4,
        atol=1e-4,
    )
    case(
        f"special.{name}_types",
        lambda L, x, f=name: [getattr(L.special, f)(x, 2), getattr(L.special, f)(0.5, x), getattr(L.special, f)(x, x)],
        np.array([[0, 1, 2], [3, 1, 2]]),
        rtol=1e-5,
    )
    case(f"special.{name}_empty", lambda L, x, f=name: getattr(L.special, f)(x, 2), (0, 2), grad=False)
    raises(f"special.{name}_numbers", lambda L, f=name: getattr(L.special, f)(1, 2))
    raises(f"special.{name}_shapes", lambda L, f=name: getattr(L.special, f)(L.ones(2), L.ones(3)))
