"""Running sums, products and extremes along a dim."""

from __future__ import annotations

from typing import Any

from .... import dtypes
from ....backend import library
from ....dtypes import FLOATS
from ....ops.reductions.scan import Cumprod, Cumsum, LogCumsumExp, accumulate
from ....ops.reductions.sorting import TakeAlong
from ...axes import axis_of
from ...base import apply, wrap
from ...out import into, typed_into
from .. import named
from ..numpy_names import numpy_names
from ..pointwise.unary import check_tensor, not_for
from .sorting import single


@numpy_names
def cumsum(input: Any, dim: int, *, dtype: Any = None, out: Any = None) -> Any:
    """The sums of all elements up to each place along dim. Integers and bool are summed as int64.

    >>> import sparkle
    >>> sparkle.cumsum(sparkle.tensor([1, 2, 3]), 0).tolist()
    [1, 3, 6]
    """
    if out is not None:
        return typed_into(out, cumsum, input, dim, dtype=dtype)
    return _scan(Cumsum, "cumsum", input, dim, dtype)


@numpy_names
def cumprod(input: Any, dim: int, *, dtype: Any = None, out: Any = None) -> Any:
    """The products of all elements up to each place along dim. Integers and bool are multiplied as int64."""
    if out is not None:
        return typed_into(out, cumprod, input, dim, dtype=dtype)
    return _scan(Cumprod, "cumprod", input, dim, dtype)


def _scan(op: Any, where: str, input: Any, dim: int, dtype: Any) -> Any:
    check_tensor(input, where)
    axis = axis_of(dim, input.array.ndim, where)
    if dtype is not None:
        input = input.to(dtype)
    elif input.array.dtype.kind not in FLOATS:
        input = input.to(dtypes.int64)
    if input.array.ndim == 0:
        return input.clone()
    # Integers would be widened, floats keep the type that the op computes in.
    whole = input.array.dtype.kind not in FLOATS
    return apply(op(axis, dtype=input.array.dtype if whole else None), input)


@numpy_names
def logcumsumexp(input: Any, dim: int, *, out: Any = None) -> Any:
    """log(cumsum(exp(x))) along dim, without overflow; floating point only."""
    if out is not None:
        return into(out, logcumsumexp, input, dim)
    check_tensor(input, "logcumsumexp")
    axis = axis_of(dim, input.array.ndim, "logcumsumexp")
    if input.array.dtype.kind not in FLOATS:
        raise not_for("logcumsumexp", input)
    return apply(LogCumsumExp(axis), input) if input.array.ndim else input.clone()


@numpy_names
def cummax(input: Any, dim: int, *, out: Any = None) -> Any:
    """(values, indices): the largest element so far along dim, and where it was, the last place of several."""
    if out is not None:
        return into(out, cummax, input, dim)
    return _record("maximum", "cummax", input, dim)


@numpy_names
def cummin(input: Any, dim: int, *, out: Any = None) -> Any:
    """(values, indices): the smallest element so far along dim, and where it was, the last place of several."""
    if out is not None:
        return into(out, cummin, input, dim)
    return _record("minimum", "cummin", input, dim)


def _record(extreme: str, where: str, input: Any, dim: int) -> Any:
    check_tensor(input, where)
    array, kind = input.array, getattr(named, where)
    axis = axis_of(dim, array.ndim, where)
    xp = library(array)
    if array.ndim == 0:
        return single(input, kind)
    best = accumulate(xp, extreme, array, axis)
    places = xp.arange(array.shape[axis]).reshape([-1 if i == axis else 1 for i in range(array.ndim)])
    index = xp.where((array == best) | (array != array), places, 0)
    index = accumulate(xp, "maximum", index, axis)
    return kind(apply(TakeAlong(index, axis, distinct=False, called=where), input), wrap(index))
