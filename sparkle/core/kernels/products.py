"""Faster products of matrices on the CPU, in single precision: tiles in vector registers, columns or rows in threads.

One pool of threads for everything: those of BLAS keep a core busy for a while after each call, waiting for the next,
and whatever else would use threads then waits as well. A bias costs nothing here: sums begin with it.
"""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.linear.linalg import Linear, dense, rows_of
from .crew import divided
from .nn import loops
from .registry import register

SINGLE = numpy.dtype("float32")
LEAST = 1 << 20  # multiplications from which on the compiled loops are looked for


def multiply(a: Any, b: Any, bias: Any = None) -> Any:
    """a b + bias for matrices of any strides and a vector; by BLAS where the loops do not serve."""
    m, size = a.shape
    n = b.shape[1]
    single = a.dtype == b.dtype == SINGLE and (bias is None or bias.dtype == SINGLE)
    compiled = loops(m * n * size, ".tiles") if single and m * n * size >= max(LEAST, 1) else None
    if compiled is None:
        c = a @ b
        return c if bias is None else numpy.add(c, bias, out=c)
    c = numpy.empty((m, n), SINGLE)
    d = None if bias is None else numpy.ascontiguousarray(bias)
    left, right, out, start = _place(a), _place(b), _place(c), 0 if d is None else d.ctypes.data
    scratch = (compiled.DEEP + 1) * compiled.COLUMNS

    def columns(low: int, high: int) -> None:
        first = right[0] + 4 * low * right[2]
        before = start + 4 * low if start else 0
        memory = numpy.empty(scratch, SINGLE)
        compiled.multiply(m, high - low, size, *left, first, *right[1:], before, 0, out[0] + 4 * low, n, memory)

    def rows(low: int, high: int) -> None:
        first, place = left[0] + 4 * low * left[1], out[0] + 4 * low * n
        memory = numpy.empty(scratch, SINGLE)
        compiled.multiply(high - low, n, size, first, *left[1:], *right, start, 0, place, n, memory)

    if n >= 4 * compiled.COLUMNS:
        divided(columns, n, m * size, compiled.COLUMNS)
    else:
        divided(rows, m, n * size, compiled.ROWS)
    return c


def _place(x: Any) -> tuple[int, ...]:
    """The address and the strides in elements."""
    return x.ctypes.data, x.strides[0] >> 2, x.strides[1] >> 2


@register(Linear)
class LinearKernel:
    """All rows in one product."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any = None) -> Any:
        if x.dtype != SINGLE or x.size * len(w) < LEAST or x.ndim < 2 or x.shape[-1] != w.shape[1]:
            return NotImplemented
        if op.needs[0]:
            op.w = w
        if op.needs[1]:
            op.x = x
        if x.ndim == 2:
            return multiply(x, w.T, b)
        return multiply(x.reshape(rows_of(x)), w.T, b).reshape(*x.shape[:-1], len(w))

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        g = dense(g)
        rows = g if g.ndim == 2 else g.reshape(rows_of(g))
        dx = dw = db = None
        if op.needs[0]:
            dx = multiply(rows, op.w)
            dx = dx if g.ndim == 2 else dx.reshape(*g.shape[:-1], dx.shape[1])
        if op.needs[1]:
            dw = multiply(rows.T, op.x if g.ndim == 2 else op.x.reshape(rows_of(op.x)))
        if len(op.needs) > 2 and op.needs[2]:
            db = rows.sum(0)
        return (dx, dw, db)[: len(op.needs)]
