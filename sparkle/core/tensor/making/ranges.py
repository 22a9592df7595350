"""Tensors that count: arange, linspace, logspace, and indices of triangles."""

from __future__ import annotations

import math
import operator
import warnings
from types import ModuleType
from typing import Any, Unpack

import numpy

from ... import dtypes
from ...dtypes import FLOATS
from ..out import typed_into
from ..size import length_of
from .filled import Where, make, number, numpy_type


def arange(
    start: Any = None, end: Any = None, step: Any = 1, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]
) -> Any:
    """start, start + step, ... below end; `arange(end)` starts at 0.

    int64 where all three are integers, else the default type. Raises RuntimeError where step is 0 or leads away from
    end, or where a bound is not finite.

    >>> arange(1, 6, 2)
    tensor([1, 3, 5])
    """
    if out is not None:
        return typed_into(out, arange, start, end, step, dtype=dtype, **where)
    if end is None:
        start, end = None, start
    first, last, stride, own = _bounds(0 if start is None else start, end, step, "arange")
    d = own if dtype is None else dtypes.as_dtype(dtype)
    if d is dtypes.bool:
        raise NotImplementedError("arange: not implemented for bool; use an integer type and .bool()")
    if not d.is_floating_point:
        first, last, stride = int(first), int(last), int(stride)
    _check_direction(first, last, stride)
    n = _steps(first, last, stride)
    return make(lambda xp: _counted(xp, first, stride, n, d.numpy), **where)


def range(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]
) -> Any:
    """Like `arange` but with the end included, and of the default type. Deprecated: use arange."""
    if out is not None:
        return typed_into(out, range, start, end, step, dtype=dtype, **where)
    warnings.warn("range is deprecated because it includes its end; use arange", UserWarning, stacklevel=2)
    if end is None:
        start, end = 0, start
    first, last, stride, _ = _bounds(start, end, step, "range")
    _check_direction(first, last, stride)
    n = math.floor((last - first) / stride) + 1
    return make(lambda xp: _counted(xp, first, stride, n, numpy_type(dtype)), **where)


def _bounds(start: Any, end: Any, step: Any, where: str) -> tuple[Any, Any, Any, dtypes.dtype]:
    """The three as Python numbers, and the type of the tensor that counts so."""
    a, b, c = number(start, where)[0], number(end, where)[0], number(step, where)[0]
    exact = isinstance(a, int) and isinstance(b, int) and isinstance(c, int)
    return a, b, c, dtypes.int64 if exact else dtypes.get_default_dtype()


def _check_direction(first: Any, last: Any, stride: Any) -> None:
    if stride == 0 or math.isnan(stride):
        raise RuntimeError(f"step must be nonzero, met {stride}")
    if not (math.isfinite(first) and math.isfinite(last)):
        raise RuntimeError(f"unsupported range: {first} -> {last}")
    if (last - first) * stride < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: from {first} to {last} in steps of {stride}"
        )


def _steps(first: Any, last: Any, stride: Any) -> int:
    """How many numbers there are before last; exact for integers of any size."""
    if isinstance(first, int):
        return -((first - last) // stride)
    return math.ceil((last - first) / stride)


def _counted(xp: ModuleType, first: Any, stride: Any, n: int, kind: numpy.dtype) -> Any:
    """first + i * stride: in int64 for integers, in float64 and then rounded for others."""
    if isinstance(first, int) and isinstance(stride, int) and kind.kind not in FLOATS:
        return xp.arange(first, first + n * stride, stride, dtype=kind)
    return (first + xp.arange(n, dtype=numpy.float64) * stride).astype(kind)


def linspace(start: Any, end: Any, steps: Any, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """`steps` numbers at equal distances from start to end, both included.

    >>> linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    if out is not None:
        return typed_into(out, linspace, start, end, steps, dtype=dtype, **where)
    a, b = number(start, "linspace")[0], number(end, "linspace")[0]
    n, kind = length_of(steps, "linspace"), numpy_type(dtype)
    return make(lambda xp: _spaced(xp, a, b, n).astype(kind), **where)


def logspace(
    start: Any, end: Any, steps: Any, base: Any = 10.0, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]
) -> Any:
    """base ** x for the `steps` numbers x at equal distances from start to end, both included.

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    if out is not None:
        return typed_into(out, logspace, start, end, steps, base, dtype=dtype, **where)
    a, b = number(start, "logspace")[0], number(end, "logspace")[0]
    n, kind = length_of(steps, "logspace"), numpy_type(dtype)
    return make(lambda xp: (float(base) ** _spaced(xp, a, b, n)).astype(kind), **where)


def _spaced(xp: ModuleType, a: float, b: float, n: int) -> Any:
    """n float64 numbers from a to b, counted from both ends so that both are met exactly."""
    step = (b - a) / (n - 1) if n > 1 else 0.0
    i = xp.arange(n, dtype=numpy.float64)
    return xp.where(i < n / 2 if n > 1 else i < 1, a + i * step, b - (n - 1 - i) * step)


def tril_indices(row: Any, col: Any, offset: int = 0, *, dtype: Any = dtypes.int64, **where: Unpack[Where]) -> Any:
    """The (2, n) row and column numbers of the lower triangle of a row x col matrix.

    offset: which diagonal is the last one included.
    """
    return _triangle("tril_indices", numpy.tril_indices, row, col, offset, dtype, where)


def triu_indices(row: Any, col: Any, offset: int = 0, *, dtype: Any = dtypes.int64, **where: Unpack[Where]) -> Any:
    """The (2, n) row and column numbers of the upper triangle of a row x col matrix.

    offset: which diagonal is the first one included.
    """
    return _triangle("triu_indices", numpy.triu_indices, row, col, offset, dtype, where)


def _triangle(name: str, indices: Any, row: Any, col: Any, offset: int, dtype: Any, where: Where) -> Any:
    d = dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    if d not in (dtypes.int64, dtypes.int32):
        raise NotImplementedError(f"{name}: not implemented for {d}; wanted int64 or int32")
    pair = indices(length_of(row, name), operator.index(offset), length_of(col, name))
    return make(lambda xp: xp.asarray(numpy.stack(pair).astype(d.numpy)), **where)
