"""NumPy's names as functions of tensors: the `xp` that a rule gets when its gradient must be differentiable again.

Only what backward rules use is here. Arguments are NumPy's (axis, keepdims); constants may be arrays or tensors.
"""

from __future__ import annotations

from typing import Any

import numpy

from ..base import TensorBase, apply, wrap
from ..functions.linear import linalg
from ..functions.pointwise import arithmetic, comparison, selection
from ..functions.pointwise import elementwise as pointwise
from ..functions.reductions import reduction
from ..functions.shaping import joining, shape

__all__ = ["apply"]

matmul = dot = linalg.matmul  # of two matrices they are the same
negative = arithmetic.neg
arctan2 = arithmetic.atan2
exp, exp2, expm1, log, log1p, sqrt = (
    *(pointwise.exp, pointwise.exp2, pointwise.expm1),
    *(pointwise.log, pointwise.log1p, pointwise.sqrt),
)
sin, cos, sinh, cosh, tanh = pointwise.sin, pointwise.cos, pointwise.sinh, pointwise.cosh, pointwise.tanh
absolute, sign, floor, trunc = pointwise.abs, pointwise.sign, pointwise.floor, pointwise.trunc
isnan, isfinite = comparison.isnan, comparison.isfinite
swapaxes = shape.transpose


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """numpy.sum"""
    return reduction.sum(x, axis, keepdims)


def reshape(x: Any, size: Any) -> Any:
    """numpy.reshape"""
    return shape.reshape(x, (size,) if isinstance(size, int) else size)


def transpose(x: Any, axes: Any) -> Any:
    """numpy.transpose"""
    return shape.permute(x, axes)


def broadcast_to(x: Any, size: Any) -> Any:
    """numpy.broadcast_to"""
    return shape.expand(x, size)


def concatenate(parts: Any, axis: int = 0) -> Any:
    """numpy.concatenate"""
    return joining.cat(parts, axis)


def copy(x: Any) -> Any:
    """numpy.copy"""
    return shape.clone(x)


def ascontiguousarray(x: Any) -> Any:
    """numpy.ascontiguousarray: only speed hangs on it"""
    return x


def where(condition: Any, a: Any, b: Any) -> Any:
    """numpy.where"""
    return selection.where(condition, a, b)


def maximum(a: Any, b: Any) -> Any:
    """numpy.maximum; b may be a number"""
    return selection.maximum(a, b) if isinstance(b, TensorBase) else selection.clamp_min(a, b)


def minimum(a: Any, b: Any) -> Any:
    """numpy.minimum; b may be a number"""
    return selection.minimum(a, b) if isinstance(b, TensorBase) else selection.clamp_max(a, b)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """numpy.mean"""
    return reduction.mean(x, axis, keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """numpy.max"""
    return reduction.amax(x, () if axis is None else axis, keepdims)


def eye(n: int, dtype: Any) -> Any:
    """numpy.eye, as a constant"""
    return wrap(numpy.eye(n, dtype=dtype))


def ones(n: int, dtype: Any) -> Any:
    """numpy.ones, as a constant"""
    return wrap(numpy.ones(n, dtype.numpy))


def zeros_like(x: Any) -> Any:
    """numpy.zeros_like, as a constant"""
    return wrap(x.array * 0)


def ones_like(x: Any) -> Any:
    """numpy.ones_like, as a constant"""
    ones = x.array.copy()
    ones[...] = 1
    return wrap(ones)
