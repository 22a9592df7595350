"""Faster products of matrices on the CPU, in single precision: tiles in vector registers, columns or rows in threads.

One pool of threads for everything: those of BLAS keep a core busy for a while after each call, waiting for the next,
and whatever else would use threads then waits as well. A bias costs nothing here: sums begin with it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..autograd.op import sum_to
from ..ops.linear.linalg import Folded, Linear, MatMul, Mm, column_sums, dense, rows_of
from ..settings import get_num_threads
from .compiling import loops
from .crew import shared
from .registry import MANY, register

SINGLE = numpy.dtype("float32")
SHIFT = 4  # as many multiplications take the time of one element elsewhere, as a power of 2
CACHED = 1 << 17  # elements of a processor's own cache
NOTHING = numpy.empty(0, SINGLE)  # in the place of a bias
FEW = 4  # matrices of a stack, from which on threads take whole matrices


def multiply(a: Any, b: Any, bias: Any = None, out: Any = None) -> Any:
    """a b + bias for matrices of any strides and a vector; by BLAS where the loops do not serve. out: row-major."""
    m, size = a.shape
    n = b.shape[1]
    single = a.dtype == b.dtype == SINGLE and (bias is None or bias.dtype == SINGLE)
    compiled = loops("product_loops") if single and m * n * size >= max(MANY, 1) else None
    if compiled is None:
        c = numpy.matmul(a, b, out=out)
        return c if bias is None else numpy.add(c, bias, out=c)
    c = numpy.empty((m, n), SINGLE) if out is None else out
    total, line, given = compiled.plan(a, b, NOTHING if bias is None else numpy.ascontiguousarray(bias), c)
    if given[0] == compiled.BY_COLUMNS and m * size >= CACHED:  # each share reads all of a
        line = -(-n // get_num_threads() // line) * line
    shared(compiled.part_of_product, given, total, m * n * size // total >> SHIFT, line)
    return c


def _place(x: Any) -> tuple[int, ...]:
    """The address and the strides in elements."""
    return x.ctypes.data, x.strides[-2] >> 2, x.strides[-1] >> 2


def multiply_all(a: Any, b: Any) -> Any:
    """a b for matrices and stacks of them, which broadcast as in NumPy."""
    if a.ndim == b.ndim == 2:
        return multiply(a, b)
    (m, size), n = a.shape[-2:], b.shape[-1]
    front = numpy.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    count = math.prod(front)
    every = count * m * n * size
    single = a.dtype == b.dtype == SINGLE and size == b.shape[-2]
    compiled = loops("product_loops") if single and every >= max(MANY, 1) else None
    if compiled is None:
        return a @ b
    a, b = (numpy.broadcast_to(x, (*front, *x.shape[-2:])) for x in (a, b))
    c = numpy.empty((*front, m, n), SINGLE)
    if count < FEW:
        for place in numpy.ndindex(*front):
            multiply(a[place], b[place], out=c[place])
        return c
    left, right, to = _place(a), _place(b), c.ctypes.data
    starts = numpy.stack([_addresses(a), _addresses(b)], axis=1)

    given = m, n, size, starts, left, right, to
    shared(compiled.some_matrices, given, count, max(1, m * n * size >> SHIFT), 1)
    return c


def _addresses(x: Any) -> Any:
    """Where each matrix of a stack is."""
    where = numpy.full((1,), x.ctypes.data)
    for count, step in zip(x.shape[:-2], x.strides[:-2], strict=True):
        where = (where[:, None] + numpy.arange(count) * step).reshape(-1)
    return where


@register(MatMul)
class MatMulKernel:
    """Stacks of matrices: each matrix by one thread."""

    @staticmethod
    def forward(op: Any, xp: Any, a: Any, b: Any) -> Any:
        if a.size * b.shape[-1] < MANY or not a.dtype == b.dtype == SINGLE or a.shape[-1] != b.shape[-2]:
            return NotImplemented
        y = multiply_all(a, b)
        if op.needs[0]:
            op.b = b
        if op.needs[1]:
            op.a = a
        op.sizes = a.shape, b.shape
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        g, da, db = dense(g), None, None
        if op.needs[0]:
            da = sum_to(xp, multiply_all(g, op.b.swapaxes(-1, -2)), op.sizes[0])
        if op.needs[1]:
            db = sum_to(xp, multiply_all(op.a.swapaxes(-1, -2), g), op.sizes[1])
        return da, db


@register(Mm)
class MmKernel(MatMulKernel):
    """Two matrices."""


@register(Folded)
class FoldedKernel:
    """A stack and one matrix: all rows of the stack in one product."""

    @staticmethod
    def forward(op: Any, xp: Any, a: Any, b: Any) -> Any:
        if a.size * b.shape[1] < MANY or not a.dtype == b.dtype == SINGLE or a.shape[-1] != b.shape[0]:
            return NotImplemented
        if op.needs[0]:
            op.b = b
        if op.needs[1]:
            op.a = a
        return multiply(a.reshape(rows_of(a)), b).reshape(*a.shape[:-1], b.shape[1])

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        rows, da, db = dense(g).reshape(rows_of(g)), None, None
        if op.needs[0]:
            da = multiply(rows, op.b.T).reshape(*g.shape[:-1], len(op.b))
        if op.needs[1]:
            db = multiply(op.a.reshape(rows_of(op.a)).T, rows)
        return da, db


@register(Linear)
class LinearKernel:
    """All rows in one product."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any = None) -> Any:
        if x.size * len(w) < MANY or x.dtype != SINGLE or x.ndim < 2 or x.shape[-1] != w.shape[1]:
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
            db = column_sums(xp, rows)
        return (dx, dw, db)[: len(op.needs)]
