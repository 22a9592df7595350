"""Quantiles, modes, differences and integrals along a dim."""

from __future__ import annotations

from typing import Any

from ....backend import library
from ....dtypes import FLOATS
from ....ops.reductions.scan import accumulate
from ....ops.reductions.sorting import TakeAlong, ordered
from ...autocast import in_float32
from ...axes import axis_of
from ...base import TensorBase, apply, dtype_of, wrap
from ...out import into
from .. import named
from ..numpy_names import numpy_names
from ..pointwise.arithmetic import add, lerp, mul, pow, sub
from ..pointwise.comparison import logical_xor
from ..pointwise.unary import check_tensor, not_for, to_float
from ..shaping.joining import cat
from ..shaping.shape import movedim, reshape
from ..shaping.splitting import narrow
from .reduction import check_not_empty
from .reduction import sum as total
from .scan import cumsum
from .sorting import pick, single, sort


@numpy_names
def mode(input: Any, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """(values, indices): the most frequent element along dim, the smallest of several, and the last place of it."""
    if out is not None:
        return into(out, mode, input, dim, keepdim)
    check_tensor(input, "mode")
    array = input.array
    axis = axis_of(dim, array.ndim, "mode")
    if array.ndim == 0:
        return single(input, named.mode)
    check_not_empty(input, axis, "mode")
    return pick(input, _most_frequent(library(array), array, axis), axis, keepdim, named.mode)


def _most_frequent(xp: Any, array: Any, axis: int) -> Any:
    """The index of the last of the most frequent elements, with size 1 along the axis."""
    order = ordered(xp, array, axis, False)
    rows = xp.moveaxis(xp.take_along_axis(array, order, axis), axis, -1)
    places = xp.arange(rows.shape[-1])
    fresh = xp.ones(rows.shape, dtype=bool)
    fresh[..., 1:] = rows[..., 1:] != rows[..., :-1]
    length = places - accumulate(xp, "maximum", xp.where(fresh, places, 0), rows.ndim - 1)
    longest = xp.expand_dims(length.argmax(axis=-1), axis)
    return xp.take_along_axis(order, longest, axis)


@numpy_names
@in_float32
def quantile(
    input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear", out: Any = None
) -> Any:
    """The values below which the part q (0..1, a number or a vector) of the elements along dim lies.

    A vector q gives one more dim, in front. interpolation between two elements: linear, lower, higher, nearest or
    midpoint. nan where an element is nan. RuntimeError for types other than float32 and float64, or q outside 0..1.

    >>> import sparkle
    >>> sparkle.quantile(sparkle.tensor([0.0, 1.0, 2.0]), 0.25)
    tensor(0.5000)
    """
    if out is not None:
        return into(out, quantile, input, q, dim, keepdim, interpolation=interpolation)
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


@numpy_names
@in_float32
def nanquantile(
    input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear", out: Any = None
) -> Any:
    """The quantiles of the elements that are not nan."""
    if out is not None:
        return into(out, nanquantile, input, q, dim, keepdim, interpolation=interpolation)
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(where: str, input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str) -> Any:
    check_tensor(input, where)
    _check_quantile(where, input, q, interpolation)
    xp = library(input.array)
    parts = q.array if isinstance(q, TensorBase) else xp.asarray(q, dtype=input.array.dtype)
    ndim = input.array.ndim
    axis = None if dim is None else axis_of(dim, ndim, where)
    rows = reshape(input, (-1,)) if axis is None or not ndim else movedim(input, axis, -1)
    values = _at_parts(xp, sort(rows, -1).values, parts.reshape(-1), interpolation, where == "nanquantile")
    if keepdim:
        shape = [1] * ndim if dim is None else list(input.array.shape)
        if axis is not None and ndim:
            shape[axis] = 1
    else:
        shape = list(rows.array.shape[:-1])
    return reshape(movedim(values, -1, 0), (*parts.shape, *shape))


def _check_quantile(where: str, input: Any, q: Any, interpolation: str) -> None:
    if input.array.dtype not in ("float32", "float64"):
        raise RuntimeError(f"{where}: input tensor must be either float or double dtype, met {dtype_of(input)}")
    if input.array.size == 0:
        raise RuntimeError(f"{where}: input tensor must be non-empty")
    if isinstance(q, TensorBase):
        if q.array.ndim > 1:
            raise RuntimeError(f"{where}: q must be a scalar or 1D tensor, met shape {tuple(q.array.shape)}")
        if q.array.dtype != input.array.dtype:
            raise RuntimeError(f"{where}: q tensor must be same dtype as the input tensor, met {dtype_of(q)}")
        outside = bool(((q.array < 0) | (q.array > 1)).any())
    else:
        outside = not 0 <= q <= 1
    if outside:
        raise RuntimeError(f"{where}: q must be in the range [0, 1] but got {q}")
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError(
            f"{where}: interpolation must be one of linear, lower, higher, midpoint or nearest, but got {interpolation}"
        )


def _at_parts(xp: Any, rows: Any, parts: Any, interpolation: str, skip_nan: bool) -> Any:
    """The quantiles of sorted rows (the last dim), one for each part."""
    array = rows.array
    valid = (array == array).sum(axis=-1, keepdims=True)
    last = array.shape[-1] - 1
    if skip_nan:
        ranks = parts * xp.maximum(valid - 1, 0).astype(array.dtype)
    else:
        ranks = xp.where(valid == last + 1, parts * last, last).astype(array.dtype)
    if interpolation in ("lower", "higher", "nearest"):
        rounding = {"lower": xp.floor, "higher": xp.ceil, "nearest": xp.rint}[interpolation]
        ranks = rounding(ranks)
    below, above = xp.floor(ranks).astype("int64"), xp.ceil(ranks).astype("int64")
    low = apply(TakeAlong(below, array.ndim - 1, distinct=False), rows)
    if interpolation in ("lower", "higher", "nearest"):
        return low
    weight = xp.full_like(ranks, 0.5) if interpolation == "midpoint" else ranks - xp.floor(ranks)
    return lerp(low, apply(TakeAlong(above, array.ndim - 1, distinct=False), rows), wrap(weight))


@numpy_names
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None, *, out: Any = None) -> Any:
    """The differences of neighbours along dim, n times; prepend and append are joined to the input first.

    >>> import sparkle
    >>> sparkle.diff(sparkle.tensor([1, 4, 9])).tolist()
    [3, 5]
    """
    if out is not None:
        return into(out, diff, input, n, dim, prepend, append)
    check_tensor(input, "diff")
    if input.array.ndim == 0:
        raise RuntimeError("diff: expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"diff: order must be non-negative but got {n}")
    axis = axis_of(dim, input.array.ndim, "diff")
    parts = [part for part in (prepend, input, append) if part is not None]
    for part in parts:
        if part.array.ndim != input.array.ndim:
            raise RuntimeError(
                f"diff: expects prepend and append to have as many dims as input, {input.array.ndim}, met "
                f"{part.array.ndim}"
            )
    x = cat(parts, axis) if len(parts) > 1 else input
    for _ in range(min(n, x.array.shape[axis])):
        late, early = _neighbours(x, axis)
        x = logical_xor(late, early) if x.array.dtype.kind == "b" else sub(late, early)
    return x


def _neighbours(x: Any, axis: int) -> tuple[Any, Any]:
    """x from its second element on, and x up to its last but one."""
    n = max(x.array.shape[axis] - 1, 0)
    return narrow(x, axis, x.array.shape[axis] - n, n), narrow(x, axis, 0, n)


def trapezoid(y: Any, x: Any = None, *, dx: float | None = None, dim: int = -1) -> Any:
    """The integral of y along dim by the trapezoidal rule, with spacing dx (1), or over the points x."""
    return total(_areas("trapezoid", y, x, dx, dim), dim)


trapz = trapezoid


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: float | None = None, dim: int = -1) -> Any:
    """The integrals of y along dim up to each point but the first, by the trapezoidal rule."""
    return cumsum(_areas("cumulative_trapezoid", y, x, dx, dim), dim)


def _areas(where: str, y: Any, x: Any, dx: float | None, dim: int) -> Any:
    """What lies between neighbours."""
    check_tensor(y, where, "y")
    if x is not None and dx is not None:
        raise TypeError(f"{where}: got both x and dx")
    if y.array.dtype.kind == "b":
        raise RuntimeError(f"{where}: received a bool input for `y`, but bool is not supported")
    y = to_float(y)
    axis = axis_of(dim, y.array.ndim, where)
    if not y.array.ndim:
        raise IndexError(f"{where}: y has no dims to integrate along, give at least one")
    late, early = _neighbours(y, axis)
    heights = add(late, early)
    if x is None:
        return mul(heights, (1.0 if dx is None else dx) / 2)
    if x.array.ndim == 1 and x.array.shape[0] != y.array.shape[axis]:
        raise RuntimeError(
            f"{where}: there must be one `x` value for each sample point: {x.array.shape[0]} for {y.array.shape[axis]}"
        )
    if x.array.ndim == 1 and y.array.ndim > 1:
        x = reshape(x, [-1 if i == axis else 1 for i in range(y.array.ndim)])
    return mul(heights, mul(diff(x, dim=axis - y.array.ndim), 0.5))


def frexp(input: Any, *, out: Any = None) -> Any:
    """(mantissa, exponent) with input = mantissa * 2 ** exponent and the mantissa in 0.5..1, with input's sign."""
    if out is not None:
        return into(out, frexp, input)
    check_tensor(input, "frexp")
    if input.array.dtype.kind not in FLOATS:
        raise not_for("frexp", input)
    exponent = library(input.array).frexp(input.array)[1]
    half = exponent // 2  # in two steps, so that the powers of two do not overflow
    halves = (wrap((-part).astype(input.array.dtype)) for part in (half, exponent - half))
    mantissa = input
    for part in halves:
        mantissa = mul(mantissa, pow(2.0, part))
    return named.frexp(mantissa, wrap(exponent.astype("int32")))
