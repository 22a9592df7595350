"""NumPy's names as functions of tensors: the `xp` that a rule gets when its gradient must be differentiable again.

Only what backward rules use is here. Arguments are NumPy's (axis, keepdims); constants may be arrays or tensors.
"""

from __future__ import annotations

from typing import Any

from . import creation
from .base import TensorBase, apply, wrap
from .functions import arithmetic, linalg, reduction, shape

__all__ = ["apply"]

matmul = linalg.matmul
negative = arithmetic.neg
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


def copy(x: Any) -> Any:
    """numpy.copy"""
    return shape.clone(x)


def zeros_like(x: Any) -> Any:
    """numpy.zeros_like, as a constant"""
    return wrap(x.array * 0)


def ones_like(x: Any) -> Any:
    """numpy.ones_like, as a constant"""
    ones = x.array.copy()
    ones[...] = 1
    return wrap(ones)
