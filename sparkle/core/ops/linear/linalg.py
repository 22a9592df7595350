"""Matrix products."""

from __future__ import annotations

import math

import numpy

from ...autograd.op import Op, sum_to


def matmul_error(a, b, where):
    """The sizes that do not fit, in words."""
    return RuntimeError(
        f"{where}: a is {tuple(a.shape)}, b is {tuple(b.shape)}: mat1 and mat2 shapes cannot be multiplied: "
        f"a.shape[-1] = {a.shape[-1] if a.ndim else 'none'} must equal b.shape[{-2 if b.ndim > 1 else -1}] = "
        f"{(b.shape[-2] if b.ndim > 1 else b.shape[-1]) if b.ndim else 'none'}"
    )


def dense(g):
    """g in memory of its own where it is spread from fewer numbers: BLAS takes no strides of 0."""
    return g.copy() if 0 in getattr(g, "strides", ()) else g


SHORT = 1 << 13  # elements of a matrix below which BLAS multiplies a vector with it in one thread
ONES = numpy.ones(SHORT, numpy.float32)
ONES.flags.writeable = False


def ones(xp, count, dtype):
    """So many of them, to be read: a sum is a product with them, which starts faster."""
    return ONES[:count] if dtype is ONES.dtype and count <= SHORT and xp is numpy else xp.ones(count, dtype)


def column_sums(xp, rows):
    """The sum of the rows; for few numbers by a product with ones."""
    if xp is numpy and rows.size < SHORT:
        return ones(xp, len(rows), rows.dtype).dot(rows)
    return xp.sum(rows, axis=0)


class MatMul(Op):
    """a b for matrices and stacks of matrices (ndim >= 2 each)"""

    saves = {"a": 0, "b": 1}
    heavy = True

    def forward(self, xp, a, b):
        if self.needs[0]:
            self.b = b
        if self.needs[1]:
            self.a = a
        self.sizes = a.shape, b.shape
        return xp.dot(a, b) if a.ndim == b.ndim == 2 else a @ b

    def backward(self, xp, g):
        da = db = None
        g = dense(g)
        if self.needs[0]:
            da = sum_to(xp, g @ xp.swapaxes(self.b, -1, -2), self.sizes[0])
        if self.needs[1]:
            db = sum_to(xp, xp.swapaxes(self.a, -1, -2) @ g, self.sizes[1])
        return da, db

    def explain(self, error, *arrays):
        return matmul_error(*arrays, "matmul")


class Mm(MatMul):
    """a b for two matrices"""

    def backward(self, xp, g):
        g = dense(g)
        return g @ self.b.T if self.needs[0] else None, self.a.T @ g if self.needs[1] else None


class Folded(MatMul):
    """a b for a stack a and one matrix b: the stack's rows in one product"""

    def forward(self, xp, a, b):
        if self.needs[0]:
            self.b = b
        if self.needs[1]:
            self.a = a
        return (a.reshape(rows_of(a)) @ b).reshape(*a.shape[:-1], b.shape[-1])

    def backward(self, xp, g):
        rows = xp.reshape(dense(g), rows_of(g))
        da = db = None
        if self.needs[0]:
            da = xp.reshape(rows @ self.b.T, (*g.shape[:-1], self.b.shape[0]))
        if self.needs[1]:
            db = xp.reshape(self.a, rows_of(self.a)).T @ rows
        return da, db


def rows_of(x):
    """The shape of all rows of a stack of matrices below one another."""
    return math.prod(x.shape[:-1]), x.shape[-1]


class AddMatMul(Op):
    """beta c + alpha a b for matrices, and for stacks of one size"""

    saves = {"a": 1, "b": 2}
    broadcasts = True

    def __init__(self, beta, alpha):
        self.beta, self.alpha = beta, alpha

    def forward(self, xp, c, a, b):
        if self.needs[1]:
            self.b = b
        if self.needs[2]:
            self.a = a
        y = a @ b
        if self.alpha != 1:
            y = y * self.alpha
        if self.beta == 0:  # what c holds, even nan, does not matter
            return y
        y += c if self.beta == 1 else c * self.beta
        return y

    def backward(self, xp, g):
        dc = da = db = None
        g = dense(g)
        if self.needs[0]:
            dc = g if self.beta == 1 else g * self.beta
        ga = g if self.alpha == 1 else g * self.alpha
        if self.needs[1]:
            da = ga @ xp.swapaxes(self.b, -1, -2)
        if self.needs[2]:
            db = xp.swapaxes(self.a, -1, -2) @ ga
        return dc, da, db

    def name(self):
        return "AddmmBackward0"


class Dot(Op):
    """The sum of a b for two vectors"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return a @ b

    def backward(self, xp, g):
        return g * self.b if self.needs[0] else None, g * self.a if self.needs[1] else None

    def explain(self, error, *arrays):
        return matmul_error(*arrays, "dot")


class MatVec(Op):
    """a b for a matrix and a vector"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return a @ b

    def backward(self, xp, g):
        da = xp.reshape(g, (-1, 1)) * self.b if self.needs[0] else None
        return da, self.a.T @ g if self.needs[1] else None

    def explain(self, error, *arrays):
        return matmul_error(*arrays, "mv")

    def name(self):
        return "MvBackward0"


class VecMat(MatVec):
    """a b for a vector and a matrix"""

    def backward(self, xp, g):
        da = self.b @ g if self.needs[0] else None
        return da, xp.reshape(self.a, (-1, 1)) * g if self.needs[1] else None


class Linear(Op):
    """x w^T + b, with x of any number of axes; the sum over the others in one product"""

    saves = {"x": 0, "w": 1}
    heavy = True

    def forward(self, xp, x, w, b=None):
        if self.needs[0]:
            self.w = w
        if self.needs[1]:
            self.x = x
        # NumPy multiplies a stack of matrices one by one.
        y = xp.dot(x, w.T) if x.ndim < 3 else xp.dot(x.reshape(rows_of(x)), w.T).reshape(*x.shape[:-1], w.shape[0])
        if b is not None:
            xp.add(y, b.reshape(y.shape) if y.size == b.size else b, out=y)  # NumPy broadcasts slowly
        return y

    def backward(self, xp, g):
        g = dense(g)
        rows = g if g.ndim == 2 else xp.reshape(g, rows_of(g))
        dx = dw = db = None
        if self.needs[0]:
            dx = xp.dot(rows, self.w)
            dx = dx if g.ndim == 2 else xp.reshape(dx, (*g.shape[:-1], dx.shape[-1]))
        if self.needs[1]:
            x = self.x if g.ndim == 2 else xp.reshape(self.x, rows_of(self.x))
            dw = xp.dot(rows.T, x) if rows.shape[0] != 1 else rows.T * x  # NumPy multiplies a column by a row slowly
        if len(self.needs) > 2 and self.needs[2]:
            db = column_sums(xp, rows)
        return (dx, dw, db)[: len(self.needs)]

    def explain(self, error, *arrays):
        return matmul_error(arrays[0], arrays[1].T, "linear: input and weight.T")

    def name(self):
        return "AddmmBackward0"
