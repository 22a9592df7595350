"""Sums, means, products, extremes, spread, norms, exponential sums."""

import numpy as np

from .case import case, raises

ALL = ("float32", "float64", "int64", "int32", "uint8", "bool")
FLOATS = ("float32", "float64")
SHAPES = [(2, 3), (), (4,)]
DIMS = [((2, 3), 0), ((2, 3), -1), ((2, 3, 2), 1), ((), 0), ((), -1)]
SEVERAL = [((2, 3, 2), (0, 2)), ((2, 3), (-1, 0)), ((2, 3), ())]
TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
NANS = np.array([[1.0, float("nan"), 3.0], [5.0, 4.0, 2.0]])

for shape in [*SHAPES, (0, 2)]:
    for name in "sum prod all any count_nonzero".split():
        case(name, lambda L, a, name=name: [getattr(L, name)(a), getattr(a, name)()], shape, dtypes=ALL)
    for name in "mean nansum nanmean".split():
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape, gradgrad=0 not in shape)
for shape in SHAPES:
    for name in "amax amin max min".split():
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape, dtypes=ALL)
    case("arg", lambda L, a: [a.argmax(), L.argmin(a), a.argmax(keepdim=True)], shape, grad=False)
    case("norm", lambda L, a: L.norm(a), shape)
    case("aminmax", lambda L, a: tuple(L.aminmax(a)), shape)
for shape in [(2, 3), (4,)]:
    case("var", lambda L, a: [L.var(a), a.var(unbiased=False), a.var(correction=0), L.var(a, False)], shape)
    case("std", lambda L, a: [L.std(a), a.std(unbiased=False), a.std(correction=0.5)], shape)
    case("var_mean", lambda L, a: [*L.var_mean(a), *L.std_mean(a)], shape)
for shape, dim in DIMS:
    for keep in (False, True):
        key = f"_{dim}_{keep}"
        for name in "sum prod".split():
            case(name + key, lambda L, a, n=name, d=dim, k=keep: getattr(L, n)(a, d, k), shape, dtypes=ALL)
        for name in "all any".split():
            case(name + key, lambda L, a, n=name, d=dim, k=keep: getattr(L, n)(a, d, k), shape, dtypes=ALL, grad=False)
        for name in "amax amin".split():
            case(
                name + key,
                lambda L, a, n=name, d=dim, k=keep: getattr(L, n)(a, d, k),
                shape,
                dtypes=("float32", "float64", "int64"),
            )
        for name in "mean nansum nanmean logsumexp".split():
            case(name + key, lambda L, a, n=name, d=dim, k=keep: getattr(L, n)(a, d, k), shape)
        case("max" + key, lambda L, a, d=dim, k=keep: tuple(a.max(d, keepdim=k)), shape, dtypes=FLOATS)
        case("min" + key, lambda L, a, d=dim, k=keep: tuple(L.min(a, dim=d, keepdim=k)), shape, dtypes=FLOATS)
        case("arg" + key, lambda L, a, d=dim, k=keep: [a.argmax(d, k), a.argmin(d, k)], shape, grad=False)
        for p in (0, 1, 2, 3, 1.5, float("inf"), -float("inf"), "fro"):
            case(f"norm_{p}" + key, lambda L, a, d=dim, k=keep, p=p: L.norm(a, p, d, k), shape, low=0.2)
        if shape:
            case("var" + key, lambda L, a, d=dim, k=keep: a.var(d, keepdim=k), shape)
            case("std" + key, lambda L, a, d=dim, k=keep: a.std(d, False, k), shape)
    case(f"softmax_{dim}", lambda L, a, d=dim: [L.softmax(a, d), a.softmax(dim=d)], shape)
    case(f"log_softmax_{dim}", lambda L, a, d=dim: L.log_softmax(a, d), shape)
    case(f"count_nonzero_{dim}", lambda L, a, d=dim: L.count_nonzero(a, d), shape, dtypes=ALL, grad=False)
for shape, dims in SEVERAL:
    for name in "sum mean amax amin var std nansum logsumexp".split():
        if dims == () and name in ("var", "std", "logsumexp"):  # torch's gradients are infinite, or it raises
            continue
        case(f"{name}_{dims}", lambda L, a, n=name, d=dims: getattr(L, n)(a, dim=d), shape)
    case(f"norm_{dims}", lambda L, a, d=dims: L.norm(a, 2, d), shape)
    case(f"all_{dims}", lambda L, a, d=dims: [a.all(d), a.any(d)], shape, grad=False)

case("sum_empty_dim", lambda L, a: [a.sum(0), a.sum(1), a.prod(1), a.all(0), a.any(1)], (0, 2), dtypes=ALL)
case("logsumexp_empty", lambda L, a: L.logsumexp(a, 0), (0, 2))
case("softmax_empty", lambda L, a: [L.softmax(a, 0), L.log_softmax(a, 1)], (0, 2))
case("amax_empty_other_dim", lambda L, a: a.amax(1), (0, 2))
case(
    "sum_dtype",
    lambda L, a: [a.sum(dtype=L.float64), L.sum(a, 0, dtype=L.float64), L.prod(a, dtype=L.float64)],
    (2, 3),
    dtypes=("float32", "int32"),
)
case("sum_int_dtype", lambda L, a: a.sum(dtype=L.int32), (2, 3), dtypes=("int64", "bool"))
case(
    "mean_dtype",
    lambda L, a: [a.mean(dtype=L.float64), a.mean(0, dtype=L.float64)],
    (2, 3),
    dtypes=("float32", "int64"),
)
case(
    "softmax_dtype",
    lambda L, a: [L.softmax(a, 0, dtype=L.float64), L.log_softmax(a, 1, dtype=L.float64)],
    (2, 3),
    dtypes=("float32", "int64"),
)
case(
    "numpy_names",
    lambda L, a: [a.sum(axis=1), a.mean(axis=0, keepdims=True), a.amax(axis=1), L.argmax(a, axis=1)],
    (2, 3),
)
case("norm_dtype", lambda L, a: a.norm(dtype=L.float64), (2, 3), dtypes=("float32",))
case("norm_zero", lambda L, a: (a * 0).norm() + (a * 0).norm(3), (3,), grad=False)
case("std_zero", lambda L, a: (a * 0 + 1).std(), (3,))
case("var_of_one", lambda L, a: a.var(correction=0), (1,))
case("dist", lambda L, a, b: [L.dist(a, b), a.dist(b, 1)], (2, 3), (3,))
case(
    "softmax_large",
    lambda L, a: [L.softmax(a * 1000, 0), L.log_softmax(a * 1000, 0), L.logsumexp(a * 1000, 0)],
    (4,),
    gradgrad=False,
    grad=False,
)
case("softmax_masked", lambda L, a: L.softmax(a, 0), np.array([1.0, -float("inf"), 2.0]))
case("logsumexp_infinite", lambda L, a: L.logsumexp(a, 1), np.array([[-np.inf, -np.inf], [np.inf, 1.0], [1.0, np.nan]]))
case("logsumexp_ints", lambda L, a: L.logsumexp(a, 0), (3,), dtypes=("int64",))

# The product's gradient where elements are zero.
for zeros in ([0], [0, 2], [0, 1, 2, 3]):
    mask = np.ones(4)
    mask[zeros] = 0
    case(f"prod_zeros_{len(zeros)}", lambda L, a, m: (a * m).prod(), (4,), mask, dtypes=("float64",))
    case(f"prod_zeros_dim_{len(zeros)}", lambda L, a, m: (a * m).prod(1), (2, 4), mask, dtypes=("float64",))
    case(f"cumprod_zeros_{len(zeros)}", lambda L, a, m: (a * m).cumprod(1), (2, 4), mask, dtypes=("float64",))

# Ties and nan. `t + a * 0` carries a gradient; differences would not agree at ties, so these are for torch only.
for name in "amax amin".split():
    case(
        f"{name}_ties", lambda L, a, t, n=name: getattr(t + a * 0, n)(1), (2, 3), TIES, dtypes=("float64",), grad=False
    )
for name in "max min median".split():
    case(f"{name}_nan", lambda L, a, n=name: [getattr(a, n)(), *getattr(a, n)(1)], NANS)
for name in "amax amin argmax argmin sum mean nansum nanmean prod std norm".split():
    case(f"{name}_nan", lambda L, a, n=name: [getattr(L, n)(a), getattr(L, n)(a, dim=1)], NANS)
case("arg_ties", lambda L, a: [a.argmax(), a.argmin(), a.argmax(1), a.argmin(1), a.max(1)[1], a.min(1)[1]], TIES)

for shape, dim in DIMS:
    for name in "cumsum cumprod".split():
        case(
            f"{name}_{dim}", lambda L, a, n=name, d=dim: [getattr(L, n)(a, d), getattr(a, n)(dim=d)], shape, dtypes=ALL
        )
    case(f"logcumsumexp_{dim}", lambda L, a, d=dim: L.logcumsumexp(a, d), shape)
    case(f"cummax_{dim}", lambda L, a, d=dim: [*L.cummax(a, d), *a.cummin(d)], shape)
case("cumsum_empty", lambda L, a: [a.cumsum(0), a.cumprod(1)], (0, 2))
case("cumsum_dtype", lambda L, a: a.cumsum(0, dtype=L.float64), (3,), dtypes=("float32", "int64"))
case("cumsum_in_place", lambda L, a: (a * 2).cumsum_(1), (2, 3))
case("cummax_ties", lambda L, a: [*a.cummax(1), *a.cummin(1)], TIES)
case("cummax_nan", lambda L, a: [*a.cummax(1), *a.cummin(1)], NANS)

raises("mean_int", lambda L: L.tensor([1, 2]).mean())
raises("var_int", lambda L: L.tensor([1, 2]).var())
raises("norm_int", lambda L: L.tensor([1, 2]).norm())
raises("softmax_int", lambda L: L.softmax(L.tensor([1, 2]), 0))
raises("max_empty", lambda L: L.tensor([]).max())
raises("max_empty_dim", lambda L: L.tensor([]).max(0))
raises("amax_empty", lambda L: L.tensor([]).amax())
raises("argmax_empty", lambda L: L.tensor([]).argmax())
raises("argmax_bool", lambda L: L.tensor([True]).argmax())
raises("sum_dim", lambda L: L.ones(2).sum(1))
raises("sum_dim_twice", lambda L: L.ones(2, 2).sum((0, 0)))
raises("sum_number", lambda L: L.sum(1.0))
raises("max_dim", lambda L: L.ones(2).max(3))
raises("cumsum_dim", lambda L: L.ones(2).cumsum(1))
raises("norm_name", lambda L: L.ones(2).norm("abc"))
raises("softmax_dim", lambda L: L.softmax(L.ones(2), 1))
raises("logcumsumexp_int", lambda L: L.logcumsumexp(L.tensor([1]), 0))
