"""The loops of `products` in the form that threads share: parts of the columns, the rows or the matrices."""

from __future__ import annotations

import numpy

from .tiles import COLUMNS, DEEP, compiled, multiply, multiply_stack


@compiled
def some_columns(m, n, size, left, right, d, c, start, stop):  # type: ignore[no-untyped-def]
    """Columns start..stop of c (m, n) = d + a b; left and right: address, distances of rows and of columns."""
    memory = numpy.empty((DEEP + 1) * COLUMNS, numpy.float32)
    first, before = right[0] + 4 * start * right[2], d + 4 * start if d else 0
    here = c + 4 * start
    multiply(m, stop - start, size, left[0], left[1], left[2], first, right[1], right[2], before, 0, here, n, memory)


@compiled
def some_rows(m, n, size, left, right, d, c, start, stop):  # type: ignore[no-untyped-def]
    """Rows start..stop."""
    memory = numpy.empty((DEEP + 1) * COLUMNS, numpy.float32)
    first, here = left[0] + 4 * start * left[1], c + 4 * start * n
    multiply(stop - start, n, size, first, left[1], left[2], right[0], right[1], right[2], d, 0, here, n, memory)


@compiled
def some_matrices(m, n, size, starts, left, right, c, start, stop):  # type: ignore[no-untyped-def]
    """Matrices start..stop of a stack; starts: the addresses of those of a and b."""
    memory = numpy.empty((DEEP + 1) * COLUMNS, numpy.float32)
    multiply_stack(start, stop, m, n, size, starts, left[1], left[2], right[1], right[2], c, memory)
