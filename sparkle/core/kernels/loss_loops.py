"""The loops that numba compiles for `losses`: cross entropy over rows of many classes, and over columns of any number.

Columns are copied to a block of `LANES` side by side first, so that vector instructions work on them whatever their
order in memory and however few classes there are. `scale` has one number for each target, or one for all.
"""

from __future__ import annotations

import numpy
from numba import types
from numba.extending import overload

from . import vector_math
from .compiling import in_any_order
from .reduction_loops import BLOCK, exp, inlined, largest

LANES = 64


def log(x):  # type: ignore[no-untyped-def]
    return numpy.log(x)


@overload(log, jit_options={"forceinline": True, "error_model": "numpy", "fastmath": {"contract"}})
def _log(x):  # type: ignore[no-untyped-def]
    vector = vector_math.log
    return (lambda x: vector(x)) if x == types.float32 else (lambda x: numpy.log(x))


@in_any_order
def cross_entropy_rows(x, index, scale, losses, top, below, start, stop):  # type: ignore[no-untyped-def]
    """-scale log(softmax(x))[index] of each row; top is its largest element, below the sum of exp(x - top)."""
    for r in range(start, stop):
        row, most, total = x[r], largest(x[r]), 0.0
        for begin in range(0, row.size, BLOCK):
            block, part = row[begin : begin + BLOCK], x.dtype.type(0)
            for i in range(block.size):
                part += exp(block[i] - most)
            total += part
        factor = scale[r % scale.size]
        loss = numpy.log(total) - (row[index[r]] - most)
        losses[r] = loss * factor if factor != 0 else 0.0  # what counts nothing may be infinite
        top[r], below[r] = most, total


@in_any_order
def cross_entropy_rows_backward(x, index, share, top, below, dx, start, stop):  # type: ignore[no-untyped-def]
    """softmax(x) share, less share at the target."""
    for r in range(start, stop):
        row, to, most, given = x[r], dx[r], top[r], share[r % share.size]
        factor = given / below[r]
        for i in range(row.size):
            to[i] = exp(row[i] - most) * factor
        to[index[r]] -= given


@inlined
def copy_columns(x, begin, count, z):  # type: ignore[no-untyped-def]
    for k in range(len(z)):
        row, to = x[k, begin : begin + count], z[k]
        for j in range(row.size):
            to[j] = row[j]


@in_any_order
def cross_entropy_columns(x, index, scale, losses, top, below, start, stop):  # type: ignore[no-untyped-def]
    """The same for the columns of x (n, classes, m); the others are (n, m), and blocks start..stop are done."""
    classes, m = x.shape[1:]
    blocks, each = -(-m // LANES), int(scale.size > 1)
    z, most, total = numpy.zeros((classes, LANES), x.dtype), numpy.empty(LANES, x.dtype), numpy.empty(LANES, x.dtype)
    for item in range(start, stop):
        s, begin = item // blocks, item % blocks * LANES
        count = min(LANES, m - begin)
        copy_columns(x[s], begin, count, z)
        moments_of_block(z, most, total)
        for j in range(count):
            top[s, begin + j], below[s, begin + j] = most[j], total[j]
        for j in range(LANES):
            total[j] = log(total[j])
        for j in range(count):
            factor = scale[(s * m + begin + j) * each]
            loss = total[j] - (z[index[s, begin + j], j] - most[j])
            losses[s, begin + j] = loss * factor if factor != 0 else 0.0


@inlined
def moments_of_block(z, most, total):  # type: ignore[no-untyped-def]
    """The largest element of each column, and the sum of exp(x - largest)."""
    for j in range(LANES):
        most[j] = z[0, j]
    for j in range(LANES):
        total[j] = 0
    for k in range(1, len(z)):
        row = z[k]
        for j in range(LANES):
            most[j] = row[j] if row[j] > most[j] else most[j]
    for k in range(len(z)):
        row = z[k]
        for j in range(LANES):
            total[j] += exp(row[j] - most[j])


@in_any_order
def cross_entropy_columns_backward(x, index, share, top, below, dx, start, stop):  # type: ignore[no-untyped-def]
    """The same for columns."""
    classes, m = x.shape[1:]
    blocks, each = -(-m // LANES), int(share.size > 1)
    z, factor, most = numpy.zeros((classes, LANES), x.dtype), numpy.zeros(LANES, x.dtype), numpy.zeros(LANES, x.dtype)
    for item in range(start, stop):
        s, begin = item // blocks, item % blocks * LANES
        count = min(LANES, m - begin)
        copy_columns(x[s], begin, count, z)
        for j in range(count):
            factor[j] = share[(s * m + begin + j) * each] / below[s, begin + j]
        vector_math.copy_row(top[s, begin : begin + count], most)
        for k in range(classes):
            row = z[k]
            for j in range(LANES):
                row[j] = exp(row[j] - most[j]) * factor[j]
        for j in range(count):
            z[index[s, begin + j], j] -= share[(s * m + begin + j) * each]
        copy_back(z, count, dx[s], begin)


@inlined
def copy_back(z, count, dx, begin):  # type: ignore[no-untyped-def]
    for k in range(len(z)):
        row, to = z[k], dx[k, begin : begin + count]
        for j in range(to.size):
            to[j] = row[j]
