"""The loops of `products` in the form that threads share: parts of the columns, the rows or the matrices."""

from __future__ import annotations

import functools

import numpy
from numba import types

from .dot_tiles import multiply_rows
from .tiles import BAND, COLUMNS, DEEP, ROWS, compiled, multiply, multiply_across, multiply_stack

LONG, LONGEST = 128, 1024  # of rows that are multiplied with rows as they lie; a few longer ones leave the first cache
FEW = 1 << 17  # elements of the rows that each row is multiplied with: they are read again and again
BY_COLUMNS, BY_ROWS, BY_DOTS, ACROSS = 0, 1, 2, 3  # how a product is divided; the last by rows too

# One compilation for all memory orders, and for arrays that may not be written.
MATRIX, VECTOR = (types.Array(types.float32, axes, "A", readonly=True) for axes in (2, 1))


@functools.partial(compiled, signature=(MATRIX, MATRIX, VECTOR, types.float32[:, :]))
def plan(a, b, bias, c):  # type: ignore[no-untyped-def]
    """How to divide c = a b + bias, which may be empty: the size to divide, a multiple to divide it at, and what
    `part_of_product` is to be given."""
    (m, size), n = a.shape, b.shape[1]
    left = numpy.int64(a.ctypes.data), a.strides[0] >> 2, a.strides[1] >> 2
    right = numpy.int64(b.ctypes.data), b.strides[0] >> 2, b.strides[1] >> 2
    d = numpy.int64(bias.ctypes.data) if bias.size else numpy.int64(0)
    total, line = n, COLUMNS
    if left[2] == 1 and right[1] == 1 and LONG <= size <= LONGEST and m * size <= FEW:
        way, line = BY_DOTS, 8
    elif left[1] == 1 and size > DEEP and m >= 4 * BAND:
        way, total, line = ACROSS, m, BAND
    elif right[2] == 1 and m >= 8 * n:  # each share of rows arranges all of b
        way, total, line = BY_ROWS, m, ROWS
    elif n >= 4 * COLUMNS and (right[2] != 1 or size > DEEP or m < 4 * ROWS):
        way = BY_COLUMNS
    else:
        way, total, line = BY_ROWS, m, ROWS
    return total, line, (way, m, n, size, left, right, d, numpy.int64(c.ctypes.data), c.strides[0] >> 2)


@compiled
def part_of_product(way, m, n, size, left, right, d, c, c_row, start, stop):  # type: ignore[no-untyped-def]
    """Columns or rows start..stop of c (m, n) = d + a b; left and right: address, distances of rows and of columns."""
    a, a_row, a_column = left
    b, b_row, b_column = right
    if way == BY_ROWS:
        a, c = a + 4 * start * a_row, c + 4 * start * c_row
        multiply(stop - start, n, size, a, a_row, a_column, b, b_row, b_column, d, 0, c, c_row)
        return
    if way == ACROSS:
        a, c = a + 4 * start, c + 4 * start * c_row
        multiply_across(stop - start, n, size, a, a_column, b, b_row, b_column, d, c, c_row)
        return
    b, d, c = b + 4 * start * b_column, d + 4 * start if d else 0, c + 4 * start
    if way == BY_DOTS:
        multiply_rows(m, stop - start, size, a, a_row, b, b_column, d, c, c_row)
    else:
        multiply(m, stop - start, size, a, a_row, a_column, b, b_row, b_column, d, 0, c, c_row)


@compiled
def some_matrices(m, n, size, starts, left, right, c, start, stop):  # type: ignore[no-untyped-def]
    """Matrices start..stop of a stack; starts: the addresses of those of a and b."""
    multiply_stack(start, stop, m, n, size, starts, left[1], left[2], right[1], right[2], c)
