"""Ops that combine values with what is at the places an index names: products, means, extremes.

All share Gather's way of naming places: element [i, j, k] of the source meets x[i, index[i, j, k], k] for axis 1.
"""

from __future__ import annotations

from ...autograd.op import RESULT, Op, run
from ...backend import scatter_with
from ...dtypes import FLOATS
from .indexing import Gather, Scatter, along


def met(xp, axis, like, index, values):
    """Zeros like an array, with values added at the index."""
    add = Scatter(axis)
    add.accumulate = True
    return run(xp, add, xp.zeros_like(like), values, index)


class ScatterMean(Op):
    """The mean of what index brings to each place, and (own = 1) of what is there; own = 0: zeros are there"""

    saves = {"index": 2}

    def __init__(self, axis, own):
        self.axis, self.own = axis, own

    def forward(self, xp, x, src, index):
        self.index = index
        y, count = x.copy(), xp.full_like(x, self.own)
        scatter_with(xp, "add", y, along(xp, self.axis, index), src)
        scatter_with(xp, "add", count, along(xp, self.axis, index), xp.ones_like(src))
        count[count == 0] = 1
        return y / count if y.dtype.kind in FLOATS else y // count

    def backward(self, xp, g):
        count = met(xp, self.axis, g, self.index, run(xp, Gather(self.axis), xp.ones_like(g), self.index)) + self.own
        share = g / xp.where(count == 0, 1.0, count)
        return (
            share if self.needs[0] else None,
            run(xp, Gather(self.axis), share, self.index) if self.needs[1] else None,
            None,
        )


class ScatterExtreme(Op):
    """The largest (or smallest) of what is at a place and what index brings there; ties share the gradient"""

    saves = {"x": 0, "src": 1, "index": 2, "y": RESULT}

    def __init__(self, axis, which):
        self.axis, self.which = axis, which

    def forward(self, xp, x, src, index):
        self.x, self.src, self.index = x, src, index
        self.y = y = x.copy()
        scatter_with(xp, self.which, y, along(xp, self.axis, index), src)
        return y

    def backward(self, xp, g):
        one = xp.ones_like(g)
        chosen = self.src == run(xp, Gather(self.axis), self.y, self.index)
        ones = run(xp, Gather(self.axis), one, self.index)
        own = xp.where(self.x == self.y, one, 0.0)
        share = g / (own + met(xp, self.axis, g, self.index, xp.where(chosen, ones, 0.0)))
        dx = xp.where(self.x == self.y, share, 0.0) if self.needs[0] else None
        ds = xp.where(chosen, run(xp, Gather(self.axis), share, self.index), 0.0) if self.needs[1] else None
        return dx, ds, None


class ScatterProd(Op):
    """The product of what is at a place and of all that index brings there"""

    saves = {"x": 0, "src": 1, "index": 2}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x, src, index):
        self.x, self.src, self.index = x, src, index
        y = x.copy()
        scatter_with(xp, "multiply", y, along(xp, self.axis, index), src)
        return y

    def backward(self, xp, g):
        dx = ds = None
        if self.needs[0]:  # the product of what was brought
            dx = g * run(xp, ScatterProd(self.axis), xp.ones_like(g), self.src, self.index)
        if self.needs[1]:
            ds = self.slope_of_source(xp, g)
        return dx, ds, None

    def slope_of_source(self, xp, g):
        """g times the product of all others at the same place: divided, or where the only 0 is one's own, without it"""
        zero = self.src == 0
        ones = run(xp, Gather(self.axis), xp.ones_like(g), self.index)
        zeros = met(xp, self.axis, g, self.index, xp.where(zero, ones, 0.0))
        only = zero & (run(xp, Gather(self.axis), zeros, self.index) == 1)
        y = run(xp, ScatterProd(self.axis), self.x, self.src, self.index)
        others = run(xp, ScatterProd(self.axis), self.x, xp.where(only, 1.0, self.src), self.index)
        divided = run(xp, Gather(self.axis), g * y, self.index) / xp.where(zero, 1.0, self.src)
        return xp.where(only, run(xp, Gather(self.axis), g * others, self.index), divided)
