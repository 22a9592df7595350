"""Distinct elements, counts, quantiles, differences, integrals."""

import numpy as np

from .case import case, raises

NAN = float("nan")
FEW = np.array([[3, 1, 3, 1, 2], [2, 2, 1, 1, 1]])
ROWS = np.array([[2.0, 1.0], [2.0, 1.0], [0.0, 1.0]])
NANS = np.array([[1.0, NAN, 3.0, -1.0], [5.0, 4.0, 2.0, 4.0]])
HOLES = np.array([2.0, NAN, 1.0, NAN])
ALL = {"return_inverse": True, "return_counts": True}

for values in (FEW, ROWS, HOLES, FEW.astype("uint8"), FEW > 1, np.array(3), np.zeros(0)):
    case("unique", lambda L, a: L.unique(a), values)
    case("unique_all", lambda L, a: [*L.unique(a, **ALL), *a.unique(return_counts=True)], values)
    case("unique_consecutive", lambda L, a: [*L.unique_consecutive(a, **ALL), a.unique_consecutive()], values)
for dim in (0, 1, -1):
    case(f"unique_{dim}", lambda L, a, d=dim: L.unique(a, dim=d, **ALL), ROWS)
    case(f"unique_consecutive_{dim}", lambda L, a, d=dim: L.unique_consecutive(a, dim=d, **ALL), ROWS)
    case(f"mode_{dim}", lambda L, a, d=dim: [*L.mode(a, d), *a.mode(d, keepdim=True)], FEW)
case("mode_floats", lambda L, a: tuple(L.mode(a)), (2, 3))
case("mode_0d", lambda L, a: tuple(L.mode(a)), ())

INTEGERS = np.array([0, 3, 1, 3])
for values in (INTEGERS, INTEGERS.astype("uint8"), np.zeros(0, dtype=int)):
    case("bincount", lambda L, a: [L.bincount(a), a.bincount(minlength=6)], values)
for weights in (np.arange(4.0), np.arange(4, dtype="float32"), np.arange(4)):
    case("bincount_weights", lambda L, a, w: L.bincount(a, w), INTEGERS, weights)
case("histc", lambda L, a: [L.histc(a), a.histc(5), L.histc(a, 4, -1, 1)], (3, 4), grad=False)
case("histc_constant", lambda L, a: [L.histc(a * 0, 3), L.histc(a * 0 + 2, 4)], (3,), grad=False)
case(
    "histogram",
    lambda L, a: [*L.histogram(a, 4), *L.histogram(a, 3, range=(-1.0, 1.0), density=True)],
    (10,),
    grad=False,
)
case(
    "histogram_edges",
    lambda L, a, e: tuple(L.histogram(a, e.to(a.dtype), weight=a)),
    (10,),
    np.array([-2.0, 0.0, 0.5, 2.0]),
    grad=False,
)
case("histogramdd", lambda L, a: [L.histogramdd(a, [3, 2])[0], *L.histogramdd(a, [3, 2])[1]], (9, 2), grad=False)
case(
    "gcd_lcm", lambda L, a, b: [L.gcd(a, b), L.lcm(a, b), a.gcd(b)], np.array([-4, 4, 0, 12]), np.array([6, -6, 3, 18])
)
case("nextafter", lambda L, a, b: L.nextafter(a, b), (2, 3), (3,), grad=False)

for q in (0.0, 0.3, 0.5, 1.0):
    for dim in (None, 0, -1):
        for keep in (False, True):
            case(f"quantile_{q}_{dim}_{keep}", lambda L, a, q=q, d=dim, k=keep: L.quantile(a, q, d, k), (3, 4))
for way in ("linear", "lower", "higher", "nearest", "midpoint"):
    case(
        f"quantile_{way}",
        lambda L, a, w=way: L.quantile(a, L.tensor([0.2, 0.7], dtype=a.dtype), 1, interpolation=w),
        (3, 4),
    )
case(
    "quantile_nan",
    lambda L, a: [L.quantile(a, 0.4), L.quantile(a, 0.4, 1), L.nanquantile(a, 0.4), a.nanquantile(0.4, 1)],
    NANS,
)
case("quantile_vector_keepdim", lambda L, a: a.quantile(L.tensor([0.5, 0.1], dtype=a.dtype), keepdim=True), (2, 3))

for n in (0, 1, 2, 5):
    case(
        f"diff_{n}", lambda L, a, n=n: [L.diff(a, n), a.diff(n, dim=0)], (3, 4), dtypes=("float32", "float64", "int64")
    )
case("diff_bool", lambda L, a: a.diff(), (4,), dtypes=("bool",))
case("diff_joined", lambda L, a, b: L.diff(a, prepend=b, append=b), (3,), (2,))
case(
    "trapezoid",
    lambda L, y: [L.trapezoid(y), L.trapezoid(y, dx=0.5, dim=0), L.trapz(y)],
    (3, 4),
    dtypes=("float32", "float64", "int64"),
)
case("trapezoid_points", lambda L, y, x: [L.trapezoid(y, x), L.cumulative_trapezoid(y, x)], (3, 4), (4,))
case("cumulative_trapezoid", lambda L, y: L.cumulative_trapezoid(y, dim=0), (3, 4))
case("frexp", lambda L, a: tuple(L.frexp(a)), (5,), low=-20, high=20)
case("frexp_special", lambda L, a: tuple(L.frexp(a)), np.array([0.0, 1.0, -8.0, 1e-310, float("inf"), NAN]))

raises("bincount_negative", lambda L: L.bincount(L.tensor([-1])))
raises("bincount_matrix", lambda L: L.bincount(L.tensor([[1]])))
raises("bincount_float", lambda L: L.bincount(L.tensor([1.0])))
raises("bincount_weights", lambda L: L.bincount(L.tensor([1]), L.ones(2)))
raises("histc_int", lambda L: L.histc(L.tensor([1])))
raises("histc_bins", lambda L: L.histc(L.ones(2), bins=0))
raises("histc_limits", lambda L: L.histc(L.ones(2), min=2, max=1))
raises("histc_infinite", lambda L: L.histc(L.tensor([1.0, float("inf")])))
raises("quantile_int", lambda L: L.quantile(L.tensor([1, 2]), 0.5))
raises("quantile_outside", lambda L: L.quantile(L.ones(2), 1.5))
raises("quantile_type", lambda L: L.quantile(L.ones(2), L.tensor(0.5, dtype=L.float64)))
raises("quantile_empty", lambda L: L.quantile(L.ones(0), 0.5))
raises("mode_empty", lambda L: L.mode(L.ones(0)))
raises("diff_0d", lambda L: L.diff(L.tensor(1.0)))
raises("gcd_float", lambda L: L.gcd(L.ones(2), L.ones(2)))
raises("nextafter_int", lambda L: L.nextafter(L.tensor([1]), L.tensor([1])))
