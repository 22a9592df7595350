"""Sums over rows that follow each other."""

from __future__ import annotations

import math

from ...autograd.op import CONSTANT, Op, run


class SumBags(Op):
    """y[b] = the sum of the next counts[b] rows of x; 0 where there are none"""

    saves = {"counts": CONSTANT}

    def forward(self, xp, x, counts):
        if self.needs[0]:
            self.counts = counts
        if len(x) and (counts == counts[0]).all():
            bags = x.reshape(len(counts), counts[0], math.prod(x.shape[1:]))
            return xp.matmul(xp.ones(counts[0], x.dtype), bags).reshape(-1, *x.shape[1:])
        y = xp.zeros((len(counts), *x.shape[1:]), x.dtype)
        full = counts > 0
        if len(x):
            y[full] = xp.add.reduceat(x, (xp.cumsum(counts) - counts)[full], axis=0)
        return y

    def backward(self, xp, g):
        return run(xp, SpreadBags(), g, self.counts), None


class SpreadBags(Op):
    """y[b] counts[b] times, one below another"""

    saves = {"counts": CONSTANT}

    def forward(self, xp, y, counts):
        if self.needs[0]:
            self.counts = counts
        return xp.repeat(y, counts, axis=0)

    def backward(self, xp, g):
        return run(xp, SumBags(), g, self.counts), None


def largest(xp, x, counts):
    """Which row of x holds each bag's first maximum of each column; 0 for empty bags. x has at least one row."""
    full = counts > 0
    starts = (xp.cumsum(counts) - counts)[full]
    top = xp.repeat(xp.maximum.reduceat(x, starts, axis=0), counts[full], axis=0)
    places = xp.where((x == top) | (x != x), xp.arange(len(x))[:, None], len(x))
    rows = xp.zeros((len(counts), x.shape[1]), "int64")
    rows[full] = xp.minimum.reduceat(places, starts, axis=0)
    return rows
