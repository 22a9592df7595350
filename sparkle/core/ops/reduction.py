"""Ops that reduce axes."""

from __future__ import annotations

from ..autograd.op import Op


def spread(xp, g, axis, keepdims, shape):
    """g of a reduction, broadcastable against the reduced array of that shape."""
    if not keepdims and axis is not None and len(shape):
        axes = {a % len(shape) for a in ((axis,) if isinstance(axis, int) else axis)}
        g = xp.reshape(g, tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return g


class Sum(Op):
    """The sum over axes"""

    def __init__(self, axis=None, keepdims=False, dtype=None):
        self.axis, self.keepdims, self.dtype = axis, keepdims, dtype

    def forward(self, xp, x):
        self.shape = x.shape
        return x.sum(axis=self.axis, keepdims=self.keepdims, dtype=self.dtype)

    def backward(self, xp, g):
        return (xp.broadcast_to(spread(xp, g, self.axis, self.keepdims, self.shape), self.shape),)


class Mean(Sum):
    """The mean over axes"""

    def forward(self, xp, x):
        self.shape = x.shape
        y = x.sum(axis=self.axis, keepdims=self.keepdims)
        self.count = x.size // y.size if y.size else 0
        return y / self.count if self.count else y / (y * 0)  # the mean of nothing is nan

    def backward(self, xp, g):
        g = spread(xp, g, self.axis, self.keepdims, self.shape) / max(self.count, 1)
        return (xp.broadcast_to(g, self.shape),)
