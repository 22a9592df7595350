"""Matrix products."""

from __future__ import annotations

from ..autograd.op import Op, sum_to


def matmul_error(a, b, where):
    """The sizes that do not fit, in words."""
    return RuntimeError(
        f"{where}: a is {tuple(a.shape)}, b is {tuple(b.shape)}: mat1 and mat2 shapes cannot be multiplied: a.shape[-1] = "
        f"{a.shape[-1] if a.ndim else 'none'} must equal b.shape[{-2 if b.ndim > 1 else -1}] = "
        f"{(b.shape[-2] if b.ndim > 1 else b.shape[-1]) if b.ndim else 'none'}"
    )


class MatMul(Op):
    """a b for matrices and stacks of matrices (ndim >= 2 each)"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        if self.needs[0]:
            self.b = b
        if self.needs[1]:
            self.a = a
        self.sizes = a.shape, b.shape
        return a @ b

    def backward(self, xp, g):
        da = db = None
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
        return g @ self.b.T if self.needs[0] else None, self.a.T @ g if self.needs[1] else None


class Linear(Op):
    """x w^T + b, with x of any number of axes; the sum over the others in one product"""

    saves = {"x": 0, "w": 1}

    def forward(self, xp, x, w, b=None):
        if self.needs[0]:
            self.w = w
        if self.needs[1]:
            self.x = x
        y = x @ w.T
        if b is not None:
            y += b
        return y

    def backward(self, xp, g):
        dx = g @ self.w if self.needs[0] else None
        rows = g if g.ndim == 2 else xp.reshape(g, (-1, g.shape[-1]))
        dw = db = None
        if self.needs[1]:
            dw = rows.T @ (self.x if g.ndim == 2 else xp.reshape(self.x, (-1, self.x.shape[-1])))
        if len(self.needs) > 2 and self.needs[2]:
            db = xp.sum(rows, axis=0)
        return (dx, dw, db)[: len(self.needs)]

    def explain(self, error, *arrays):
        return matmul_error(arrays[0], arrays[1].T, "linear: input and weight.T")

    def name(self):
        return "AddmmBackward0"
