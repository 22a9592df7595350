"""Ordering and finding elements."""

import numpy as np

from .case import case, raises

ALL = ("float32", "float64")
DIMS = [((2, 3), 0), ((2, 4), -1), ((2, 3, 2), 1), ((), 0)]
NANS = np.array([[1.0, float("nan"), 3.0, -1.0], [5.0, 4.0, 2.0, 4.0]])
TIES = np.array([3, 1, 3, 2, 1])

for shape, dim in DIMS:
    for down in (False, True):
        key = f"_{dim}_{down}"
        case("sort" + key, lambda L, a, d=dim, r=down: tuple(L.sort(a, d, r)), shape, dtypes=ALL)
        case("argsort" + key, lambda L, a, d=dim, r=down: L.argsort(a, d, r), shape, grad=False)
        case("topk" + key, lambda L, a, d=dim, r=down: tuple(a.topk(1, d, largest=r)), shape)
        case("kthvalue" + key, lambda L, a, d=dim, k=down: tuple(L.kthvalue(a, 1, d, keepdim=k)), shape)
        case("median" + key, lambda L, a, d=dim, k=down: tuple(L.median(a, d, k)), shape)
case("sort_default", lambda L, a: tuple(a.sort()), (2, 3))
case("sort_bool", lambda L, a: [a.sort(stable=True)[1], a.argsort(stable=True)], (7,), dtypes=("bool", "uint8"))
case("sort_nan", lambda L, a: [*a.sort(1), *a.sort(1, descending=True)], NANS)
case("sort_ties", lambda L, a: [*L.sort(a, stable=True), *L.sort(a, stable=True, descending=True)], TIES)
case("msort", lambda L, a: [L.msort(a), a.msort()], (3, 2))
case("topk_all", lambda L, a: tuple(L.topk(a, 3)), (2, 3))
case("topk_none", lambda L, a: tuple(L.topk(a, 0)), (2, 3), grad=False)
case("topk_many", lambda L, a: tuple(L.topk(a, 5, dim=0)), (40,))
case("topk_many_smallest", lambda L, a: tuple(L.topk(a, 5, dim=0, largest=False)), (40, 2), gradgrad=False)
case("topk_nan", lambda L, a: L.topk(a, 2, largest=True)[0], NANS)
case("kthvalue_second", lambda L, a: tuple(a.kthvalue(2, 1)), (2, 4))
for shape in [(3,), (4,), (2, 3), ()]:
    case("median", lambda L, a: [L.median(a), a.nanmedian()], shape)
case("median_ints", lambda L, a: [L.median(a), a.median(0)[0]], (6,), dtypes=("int64", "uint8"))
case("nanmedian_nan", lambda L, a: [L.nanmedian(a), L.nanmedian(a, 1)[0], L.median(a), L.median(a, 1)[0]], NANS)
case("median_empty", lambda L, a: L.median(a), (0,), grad=False)

raises("topk_large", lambda L: L.ones(2).topk(3))
raises("kthvalue_large", lambda L: L.ones(2).kthvalue(3))
raises("kthvalue_zero", lambda L: L.ones(2).kthvalue(0))
raises("sort_dim", lambda L: L.ones(2).sort(2))
raises("median_bool", lambda L: L.tensor([True]).median())
