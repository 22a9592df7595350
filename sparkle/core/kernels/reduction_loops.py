"""The loops that numba compiles for `reductions`: over the rows of matrices, and over their columns.

Sums are taken in the arrays' own type over at most BLOCK elements, in vectors, and from block to block in float64.
"""

from __future__ import annotations

import numpy
from numba import types
from numba.extending import overload, register_jitable

from . import vector_math
from .compiling import ANY_ORDER, in_any_order

BLOCK = 4096
LANES = 64

inlined = register_jitable(forceinline=True, error_model="numpy", fastmath=set(ANY_ORDER))


def exp(x):  # type: ignore[no-untyped-def]
    return numpy.exp(x)


@overload(exp, jit_options={"forceinline": True, "error_model": "numpy", "fastmath": {"contract"}})
def _exp(x):  # type: ignore[no-untyped-def]
    vector = vector_math.exp
    return (lambda x: vector(x)) if x == types.float32 else (lambda x: numpy.exp(x))


@inlined
def total(row):  # type: ignore[no-untyped-def]
    """The sum of a vector, in float64."""
    result = 0.0
    for start in range(0, row.size, BLOCK):
        block, part = row[start : start + BLOCK], row.dtype.type(0)
        for i in range(block.size):  # from 0: only such loops become vector instructions
            part += block[i]
        result += part
    return result


@inlined
def largest(row):  # type: ignore[no-untyped-def]
    """The largest element that is not nan, or else -infinity.

    LLVM makes no vectors of a maximum, but of LANES that each choose for themselves.
    """
    top = row.dtype.type(-numpy.inf)
    lanes = numpy.full(LANES, top)
    whole = row.size // LANES * LANES
    for start in range(0, whole, LANES):
        block = row[start : start + LANES]
        for i in range(LANES):
            lanes[i] = block[i] if block[i] > lanes[i] else lanes[i]
    for value in row[whole:]:
        top = value if value > top else top
    for value in lanes:
        top = value if value > top else top
    return top


@in_any_order
def sum_rows(x, out):  # type: ignore[no-untyped-def]
    for r in range(len(x)):
        out[r] = total(x[r])


@in_any_order
def prod_rows(x, out):  # type: ignore[no-untyped-def]
    for r in range(len(x)):
        result = x.dtype.type(1)
        for i in range(x.shape[1]):
            result *= x[r, i]
        out[r] = result


@in_any_order
def squares_rows(x, out):  # type: ignore[no-untyped-def]
    """The sums of squares."""
    for r in range(len(x)):
        result = 0.0
        for start in range(0, x.shape[1], BLOCK):
            block, part = x[r, start : start + BLOCK], x.dtype.type(0)
            for i in range(block.size):
                part += block[i] * block[i]
            result += part
        out[r] = result


@in_any_order
def sizes_rows(x, out):  # type: ignore[no-untyped-def]
    """The sums of absolute values."""
    for r in range(len(x)):
        result = 0.0
        for start in range(0, x.shape[1], BLOCK):
            block, part = x[r, start : start + BLOCK], x.dtype.type(0)
            for i in range(block.size):
                part += abs(block[i])
            result += part
        out[r] = result


@in_any_order
def deviations_rows(x, mean, out):  # type: ignore[no-untyped-def]
    """The sums of squared distances from the means, which rows may share."""
    for r in range(len(x)):
        result, m = 0.0, x.dtype.type(mean[min(r, mean.size - 1)])
        for start in range(0, x.shape[1], BLOCK):
            block, part = x[r, start : start + BLOCK], x.dtype.type(0)
            for i in range(block.size):
                part += (block[i] - m) * (block[i] - m)
            result += part
        out[r] = result


@inlined
def top_of(row):  # type: ignore[no-untyped-def]
    """What to take away before exp, so that it does not overflow."""
    top = largest(row)
    return top if abs(top) < numpy.inf else row.dtype.type(0)


@in_any_order
def logsumexp_rows(x, out):  # type: ignore[no-untyped-def]
    for r in range(len(x)):
        top = top_of(x[r])
        result = 0.0
        for start in range(0, x.shape[1], BLOCK):
            block, part = x[r, start : start + BLOCK], x.dtype.type(0)
            for i in range(block.size):
                part += exp(block[i] - top)
            result += part
        out[r] = numpy.log(result) + top


@in_any_order
def softmax_rows(x, y):  # type: ignore[no-untyped-def]
    for r in range(len(x)):
        top = largest(x[r])
        part = x.dtype.type(0)
        for i in range(x.shape[1]):
            y[r, i] = exp(x[r, i] - top)
            part += y[r, i]
        scale = x.dtype.type(1) / part
        for i in range(x.shape[1]):
            y[r, i] *= scale


@in_any_order
def softmax_rows_backward(y, g, dx):  # type: ignore[no-untyped-def]
    for r in range(len(y)):
        along = y.dtype.type(0)
        for i in range(y.shape[1]):
            along += g[r, i] * y[r, i]
        for i in range(y.shape[1]):
            dx[r, i] = (g[r, i] - along) * y[r, i]


@register_jitable(forceinline=True, fastmath=False)  # else the caller's order would hold here too
def below(value, top, shift):  # type: ignore[no-untyped-def]
    """In this order: the sum of the last two would lose the digits of the smaller one."""
    return value - top - shift


@in_any_order
def log_softmax_rows(x, y):  # type: ignore[no-untyped-def]
    for r in range(len(x)):
        top = largest(x[r])
        part = x.dtype.type(0)
        for i in range(x.shape[1]):
            part += exp(x[r, i] - top)
        shift = x.dtype.type(numpy.log(part))
        for i in range(x.shape[1]):
            y[r, i] = below(x[r, i], top, shift)


@in_any_order
def log_softmax_rows_backward(y, g, dx):  # type: ignore[no-untyped-def]
    for r in range(len(y)):
        along = y.dtype.type(0)
        for i in range(y.shape[1]):
            along += g[r, i]
        for i in range(y.shape[1]):
            dx[r, i] = g[r, i] - exp(y[r, i]) * along


@in_any_order
def cumsum_rows(x, y):  # type: ignore[no-untyped-def]
    for r in range(len(x)):
        so_far = x.dtype.type(0)
        for i in range(x.shape[1]):
            so_far += x[r, i]
            y[r, i] = so_far


@in_any_order
def sum_columns(x, out, start, stop):  # type: ignore[no-untyped-def]
    """The sums of the columns start..stop."""
    part = numpy.empty(stop - start, x.dtype)
    result = numpy.zeros(stop - start)
    for first in range(0, len(x), 64):
        part[:] = 0
        for r in range(first, min(first + 64, len(x))):
            row = x[r, start:stop]
            for i in range(row.size):
                part[i] += row[i]
        for i in range(part.size):
            result[i] += part[i]
    for i in range(part.size):
        out[start + i] = result[i]


@in_any_order
def deviations_columns(x, mean, out, start, stop):  # type: ignore[no-untyped-def]
    """The sums of the columns' squared distances from their means."""
    part, m = numpy.empty(stop - start, x.dtype), mean[start:stop]
    result = numpy.zeros(stop - start)
    for first in range(0, len(x), 64):
        part[:] = 0
        for r in range(first, min(first + 64, len(x))):
            row = x[r, start:stop]
            for i in range(row.size):
                d = row[i] - m[i]
                part[i] += d * d
        for i in range(part.size):
            result[i] += part[i]
    for i in range(part.size):
        out[start + i] = result[i]
