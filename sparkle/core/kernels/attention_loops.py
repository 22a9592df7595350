"""The loops that numba compiles for `attention`: softmax in single precision.

Short loops over few arrays each: with more LLVM no longer finds out whether they share memory, and computes one number
at a time.
"""

from __future__ import annotations

import numpy

from .compiling import in_any_order
from .tiles import compiled
from .vector_math import bits_of_float, exp, float_of_bits

F = numpy.float32
ONE = F(1)


_exactly = compiled  # rounding by adding and taking away must stay
_sums = in_any_order


@_exactly
def _exp_all(x, top):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        x[i] = exp(x[i] - top)


@_sums
def _total(x):  # type: ignore[no-untyped-def]
    total = F(0)
    for i in range(x.size):
        total += x[i]
    return total


@_sums
def _dot(x, y):  # type: ignore[no-untyped-def]
    total = F(0)
    for i in range(x.size):
        total += x[i] * y[i]
    return total


@_exactly
def _in_order(bits):  # type: ignore[no-untyped-def]
    """The bits of floats as whole numbers in the floats' order, and back."""
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


@_exactly
def _largest(x):  # type: ignore[no-untyped-def]
    # Among whole numbers, since nan keeps LLVM from comparing several floats at once. Positive nan is the largest.
    top = _in_order(bits_of_float(x[0]))
    for i in range(1, x.size):
        top = max(top, _in_order(bits_of_float(x[i])))
    return float_of_bits(numpy.int32(_in_order(top)))


@_exactly
def _scale_and_add(x, mask, scale):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        x[i] = x[i] * scale + mask[i]


@_exactly
def _scale(x, scale):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        x[i] *= scale


@_exactly
def softmax_rows(x, mask, scale):  # type: ignore[no-untyped-def]
    """x = softmax(x scale + mask) for each row, in place; the rows of the mask, which may have none, repeat.

    One stage after the other for all rows: a row's own stages each wait for the one before.
    """
    level = numpy.empty(len(x), x.dtype)
    if len(mask):
        for r in range(len(x)):
            _scale_and_add(x[r], mask[r % len(mask)], scale)
    else:
        for r in range(len(x)):
            _scale(x[r], scale)
    for r in range(len(x)):
        level[r] = _largest(x[r])
    for r in range(len(x)):
        _exp_all(x[r], F(0) if level[r] == -F(numpy.inf) else level[r])
    for r in range(len(x)):
        level[r] = _total(x[r])
    for r in range(len(x)):
        _scale(x[r], ONE / (ONE if level[r] == F(0) else level[r]))


@_exactly
def softmax_rows_backward(p, g, scale):  # type: ignore[no-untyped-def]
    """g = p (g - sum(g p)) scale for each row, in place."""
    rows, n = p.shape
    for r in range(rows):
        level = _dot(p[r], g[r])
        for i in range(n):
            g[r, i] = p[r, i] * (g[r, i] - level) * scale
