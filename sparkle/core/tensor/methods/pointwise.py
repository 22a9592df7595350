"""Elementwise methods."""

from __future__ import annotations

from ..functions import arithmetic
from ..write import in_place


class PointwiseMethods:
    """Elementwise methods."""

    add = arithmetic.add
    sub = subtract = arithmetic.sub
    mul = multiply = arithmetic.mul
    div = divide = true_divide = arithmetic.div
    neg = negative = arithmetic.neg
    pow = arithmetic.pow

    add_ = __iadd__ = in_place(arithmetic.add)
    sub_ = subtract_ = __isub__ = in_place(arithmetic.sub)
    mul_ = multiply_ = __imul__ = in_place(arithmetic.mul)
    div_ = divide_ = __itruediv__ = in_place(arithmetic.div)
    pow_ = __ipow__ = in_place(arithmetic.pow)
    neg_ = in_place(arithmetic.neg)
