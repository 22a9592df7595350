"""Python's operators beyond `+ - * / ** @`: comparisons, bits, division with remainder."""

from __future__ import annotations

from typing import Any

from ...dtypes import FLOATS
from ..base import TensorBase
from ..functions.linear import linalg
from ..functions.pointwise import arithmetic, comparison
from ..functions.pointwise import elementwise as pointwise
from ..write import in_place


class OperatorMethods:
    """Python's operators beyond `+ - * / ** @`."""

    array: Any

    __hash__ = object.__hash__  # tensors compare elementwise, and are found in dicts and sets by identity

    def __eq__(self, other: Any) -> Any:
        try:
            return comparison.eq(self, other)
        except TypeError:  # not a number or tensor: Python then says that they differ
            return NotImplemented

    def __ne__(self, other: Any) -> Any:
        try:
            return comparison.ne(self, other)
        except TypeError:
            return NotImplemented

    __lt__ = comparison.lt
    __le__ = comparison.le
    __gt__ = comparison.gt
    __ge__ = comparison.ge

    __abs__ = pointwise.abs
    __pos__ = pointwise.positive

    __and__ = __rand__ = comparison.bitwise_and
    __or__ = __ror__ = comparison.bitwise_or
    __xor__ = __rxor__ = comparison.bitwise_xor
    __lshift__ = comparison.bitwise_left_shift
    __rshift__ = comparison.bitwise_right_shift
    __iand__ = in_place(comparison.bitwise_and)
    __ior__ = in_place(comparison.bitwise_or)
    __ixor__ = in_place(comparison.bitwise_xor)
    __ilshift__ = in_place(comparison.bitwise_left_shift)
    __irshift__ = in_place(comparison.bitwise_right_shift)

    __floordiv__ = arithmetic.floor_divide
    __mod__ = arithmetic.remainder
    __ifloordiv__ = in_place(arithmetic.floor_divide)
    __imod__ = in_place(arithmetic.remainder)

    def __matmul__(self, other: Any) -> Any:
        return linalg.matmul(self, other) if isinstance(other, TensorBase) else NotImplemented  # left to arrays

    def __invert__(self) -> Any:
        if self.array.dtype.kind in FLOATS:
            raise TypeError(f"~: only integer and bool tensors have bits to turn over, met {self.array.dtype}")
        return comparison.bitwise_not(self)

    def __rfloordiv__(self, other: Any) -> Any:
        return arithmetic.floor_divide(other, self)

    def __rdiv__(self, other: Any) -> Any:
        return arithmetic.div(other, self)

    def __rmod__(self, other: Any) -> Any:
        return arithmetic.remainder(other, self)

    def __rlshift__(self, other: Any) -> Any:
        return comparison.bitwise_left_shift(other, self)

    def __rrshift__(self, other: Any) -> Any:
        return comparison.bitwise_right_shift(other, self)
