"""How two operands meet: numbers are weak, types promote as in torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from .. import backend, dtypes
from ..autograd.op import Op
from ..ops.shaping.shape import Cast
from .base import TensorBase, apply, dtype_of, wrap
from .quick import pair


def binary(op: Op, a: Any, b: Any, check: Callable[[Any, Any], None] | None = None) -> Any:
    """op on a and b after promotion; one of them is a tensor, the other a tensor, number or array.

    check(a, b) may refuse pairs of different types, before they are promoted.
    """
    if isinstance(b, TensorBase):
        if isinstance(a, TensorBase):
            if a.array.dtype is b.array.dtype:
                return pair(op, a, b)
        elif type(a) in _FITS[b.array.dtype.char]:
            return apply(op, a, b)
    elif type(b) in _FITS[a.array.dtype.char]:
        return apply(op, a, b)
    if check is not None:
        check(a, b)
    return apply(op, *promoted(a, b))


# The Python numbers that a tensor of each NumPy type character takes as they are ("q" is another name of int64).
_FITS: dict[str, tuple[type, ...]] = {
    d.numpy.char: (float, int) if d.is_floating_point else (int,) if d.itemsize == 8 else ()
    for d in dtypes.ALL
    if not d.is_half
}
_FITS["q"] = (int,)
_FITS["e"] = _FITS["E"] = (float, int)  # float16 and bfloat16


def promoted(a: Any, b: Any) -> tuple[Any, Any]:
    """Both operands in their common type; a number stays a number where the tensor's type can hold it."""
    if not isinstance(a, TensorBase):
        a = a if _is_number(a) else plain(a) if isinstance(a, numpy.generic) else wrap(_array(a))
    if not isinstance(b, TensorBase):
        b = b if _is_number(b) else plain(b) if isinstance(b, numpy.generic) else wrap(_array(b))
    common = result_type(a, b)
    return _in_type(a, common), _in_type(b, common)


def result_type(*operands: Any) -> dtypes.dtype:
    """The type of an operation on these tensors and numbers, by torch's rule.

    Tensors with axes decide; those without, and then numbers, count only when they are of a higher kind
    (bool < integer < floating point).

    >>> import sparkle
    >>> result_type(sparkle.tensor([1, 2]), 1.5)
    sparkle.float32
    """
    ranked: list[list[dtypes.dtype]] = [[], [], []]
    for x in operands:
        if isinstance(x, TensorBase):
            ranked[0 if x.array.ndim else 1].append(dtype_of(x))
        else:
            ranked[2].append(dtypes.kind_of_number(x))
    result: dtypes.dtype | None = None
    for group in ranked:
        if not group:
            continue
        best = group[0]
        for d in group[1:]:
            best = dtypes.promote_types(best, d)
        if result is None or dtypes.category(best) > dtypes.category(result):
            result = best
    if result is None:
        raise ValueError("result_type: expected at least one operand")
    return result


def in_common_type(*operands: Any, fractions: bool = False) -> list[Any]:
    """All operands in their common type; with fractions integers become floats of the default type."""
    known = [plain(x) for x in operands]
    known = [x if isinstance(x, TensorBase) or _is_number(x) else wrap(_array(x)) for x in known]
    common = result_type(*known)
    if fractions and not common.is_floating_point:
        common = dtypes.get_default_dtype()
    return [_in_type(x, common) for x in known]


def fitting(value: Any, to: dtypes.dtype, where: str) -> Any:
    """A number as this type stores it: cut to an integer, and in unsigned types a negative integer wraps around.

    Raises RuntimeError where the type cannot hold it: 300 in int8, nan in integers, 1e39 in float32.
    """
    value = plain(value)
    if to is dtypes.bool:
        return bool(value)
    try:
        if to.is_floating_point:
            limit = dtypes.finfo(to).max
            fits = abs(value) <= limit or abs(value) == math.inf or value != value
            return float(value) if fits else _refuse(value, to, where)
        limits = dtypes.iinfo(to)
        low = -limits.max if isinstance(value, int) and not to.is_signed else limits.min
        if not low <= value <= limits.max:
            return _refuse(value, to, where)
        return int(value) % (limits.max + 1) if int(value) < 0 and not to.is_signed else int(value)
    except (ValueError, OverflowError):
        return _refuse(value, to, where)


def _refuse(value: Any, to: dtypes.dtype, where: str) -> Any:
    raise RuntimeError(f"{where}: value {value} cannot be converted to type {to} without overflow")


def plain(x: Any) -> Any:
    """A NumPy scalar as a Python number, which unlike it is weak: float32 times it stays float32."""
    return x.item() if isinstance(x, numpy.generic) else x


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, numpy.generic)


def _array(x: Any) -> Any:
    if backend.is_array(x):
        dtypes.of(x.dtype)
        return x
    raise TypeError(f"unsupported operand: wanted a tensor, a number or an array, met {type(x).__name__}")


def _in_type(x: Any, common: dtypes.dtype) -> Any:
    if isinstance(x, TensorBase):
        return x if x.array.dtype == common.numpy else apply(Cast(common.numpy), x)
    if common.is_floating_point:
        return float(x)
    if common is dtypes.bool:
        return bool(x)
    bits = 8 * common.itemsize  # integers wrap around, as they do in memory
    wrapped = int(x) % (1 << bits)
    return wrapped - (1 << bits) if common.is_signed and wrapped >> (bits - 1) else wrapped
