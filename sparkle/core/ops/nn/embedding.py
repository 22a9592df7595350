"""Rows of a table, and elements taken along an axis by a fixed order."""

from __future__ import annotations

from ...autograd.op import Op, run


class Embedding(Op):
    """w[index]; row `silent` gets no gradient; with `by_count` a row's gradient is over the number of its uses"""

    saves = {"index": 1}

    def __init__(self, silent=None, by_count=False):
        self.silent, self.by_count = silent, by_count

    def forward(self, xp, w, index):
        if self.needs[0]:
            self.index = index
        self.rows = w.shape[0]
        return xp.take(w, index, axis=0)

    def backward(self, xp, g):
        return run(xp, EmbeddingWeight(self.rows, self.silent, self.by_count), g, self.index), None


def begins(xp, ordered):
    """Where a run of equal numbers begins."""
    return xp.concatenate((ordered[:1] == ordered[:1], ordered[1:] != ordered[:-1]))


class EmbeddingWeight(Op):
    """dw[r] = the sum of g over the places where the index is r"""

    saves = {"index": 1}

    def __init__(self, rows, silent, by_count):
        self.rows, self.silent, self.by_count = rows, silent, by_count

    def forward(self, xp, g, index):
        if self.needs[0]:
            self.index = index
        flat = index.reshape(-1)
        g = g.reshape(flat.size, *g.shape[index.ndim :])
        dw = xp.zeros((self.rows, *g.shape[1:]), g.dtype)
        order = xp.argsort(flat, kind="stable")
        first = begins(xp, flat[order])
        dw[flat[order[first]]] = xp.take(g, order[first], axis=0)
        order = order[~first]  # most rows are used once: what is left for the slow sums of runs is little
        if order.size:
            starts = xp.flatnonzero(begins(xp, flat[order]))
            dw[flat[order[starts]]] += xp.add.reduceat(xp.take(g, order, axis=0), starts, axis=0)
        if self.by_count:
            counts = xp.maximum(xp.bincount(flat, minlength=self.rows), 1).astype(g.dtype)
            dw /= counts.reshape(-1, *(1,) * (dw.ndim - 1))
        if self.silent is not None:
            dw[self.silent] = 0
        return dw

    def backward(self, xp, h):
        if self.by_count:
            raise RuntimeError("embedding: a second derivative is not supported with scale_grad_by_freq=True")
        if self.silent is not None:
            h = run(xp, WithoutRow(self.silent), h)
        return run(xp, Embedding(self.silent), h, self.index), None


class WithoutRow(Op):
    """w with zeros in one row"""

    def __init__(self, row):
        self.row = row

    def forward(self, xp, w):
        w = w.copy()
        w[self.row] = 0
        return w

    def backward(self, xp, g):
        return (run(xp, WithoutRow(self.row), g),)
