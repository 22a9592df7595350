"""Ops that reduce axes: sums, means, products, extremes, spread, norms."""

from __future__ import annotations

import math

from ...autograd.op import RESULT, Op, run


def spread(xp, g, axis, keepdims, shape):
    """g of a reduction, broadcastable against the reduced array of that shape."""
    if not keepdims and axis is not None and len(shape):
        axes = {a % len(shape) for a in ((axis,) if isinstance(axis, int) else axis)}
        g = xp.reshape(g, tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return g


def stretched(xp, g, shape):
    """g broadcast to the shape; few elements are copied, which takes NumPy a tenth of the time of making a view."""
    if xp.__name__ != "numpy" or math.prod(shape) > 1024:
        return xp.broadcast_to(g, shape)
    out = xp.empty(shape, dtype=g.dtype)
    out[...] = g
    return out


class Reduction(Op):
    """Over the axes (all where None), which keepdims keeps with size 1"""

    def __init__(self, axis=None, keepdims=False):
        self.axis, self.keepdims = axis, keepdims

    def spread(self, xp, g, x):
        """g, broadcastable against x."""
        return spread(xp, g, self.axis, self.keepdims, x.shape)


class Sum(Reduction):
    """The sum over axes"""

    def __init__(self, axis=None, keepdims=False, dtype=None):
        self.axis, self.keepdims, self.dtype = axis, keepdims, dtype

    def name(self):
        return f"{type(self).__name__}Backward{int(self.axis is not None)}"

    def forward(self, xp, x):
        self.shape = x.shape
        return x.sum(axis=self.axis, keepdims=self.keepdims, dtype=self.dtype)

    def backward(self, xp, g):
        return (stretched(xp, spread(xp, g, self.axis, self.keepdims, self.shape), self.shape),)


class Mean(Sum):
    """The mean over axes"""

    def forward(self, xp, x):
        self.shape = x.shape
        y = x.sum(axis=self.axis, keepdims=self.keepdims)
        self.count = x.size // y.size if y.size else 0
        return y / self.count

    def backward(self, xp, g):
        g = spread(xp, g, self.axis, self.keepdims, self.shape) / max(self.count, 1)
        return (stretched(xp, g, self.shape),)


class Prod(Op):
    """The product over one axis, or over all elements"""

    saves = {"x": 0, "y": RESULT}

    def __init__(self, axis=None, keepdims=False, dtype=None):
        self.axis, self.keepdims, self.dtype = axis, keepdims, dtype

    def name(self):
        return f"ProdBackward{int(self.axis is not None)}"

    def forward(self, xp, x):
        self.x = x
        self.y = y = x.prod(axis=self.axis, keepdims=self.keepdims, dtype=self.dtype)
        return y

    def backward(self, xp, g):
        g = spread(xp, g, self.axis, self.keepdims, self.x.shape)
        if (self.x == 0).any():
            return (g * run(xp, ProdOfOthers(self.axis), self.x),)
        return (g * spread(xp, self.y, self.axis, self.keepdims, self.x.shape) / self.x,)


class ProdOfOthers(Op):
    """In each place the product of all elements of the axis but the one there"""

    saves = {"x": 0}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x):
        self.x = x
        rows = x.reshape(1, -1) if self.axis is None else xp.moveaxis(x, self.axis, -1)
        before, after = xp.ones_like(rows), xp.ones_like(rows)
        before[..., 1:] = xp.cumprod(rows[..., :-1], axis=-1)
        after[..., :-1] = xp.cumprod(rows[..., :0:-1], axis=-1)[..., ::-1]
        others = before * after
        return others.reshape(x.shape) if self.axis is None else xp.moveaxis(others, -1, self.axis)

    def backward(self, xp, g):
        # others[i] moves with x[j] by the product of all but i and j, so every i needs the product once more
        shape = self.x.shape
        x, g = (xp.reshape(t, (1, -1)) if self.axis is None else xp.swapaxes(t, self.axis, -1) for t in (self.x, g))
        n = x.shape[-1]
        same = xp.eye(n, dtype=bool)
        without_one = xp.where(same, 1.0, xp.reshape(x, (*x.shape[:-1], 1, n)))
        slopes = xp.where(same, 0.0, run(xp, ProdOfOthers(-1), without_one))
        dx = xp.sum(slopes * xp.reshape(g, (*g.shape, 1)), axis=-2)
        return (xp.reshape(dx, shape) if self.axis is None else xp.swapaxes(dx, self.axis, -1),)


class Amax(Reduction):
    """The largest element over axes; elements that share that place share the gradient"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = x.max(axis=self.axis, keepdims=self.keepdims)
        return y

    def backward(self, xp, g):
        share = xp.where(self.chosen(self.spread(xp, self.y, self.x)), xp.ones_like(self.x), 0.0)
        return (self.spread(xp, g, self.x) * share / xp.sum(share, axis=self.axis, keepdims=True),)


    def chosen(self, y):
        """The elements that are the result; as in torch none is where that is nan, which makes the gradient nan."""
        return self.x == y


class Max(Amax):
    """The largest of all elements; a result of nan comes from all that are nan"""

    def chosen(self, y):
        return (self.x == y) | ((self.x != self.x) & (y != y))


class Min(Max):
    """The smallest of all elements; a result of nan comes from all that are nan"""

    def forward(self, xp, x):
        self.x = x
        self.y = y = x.min(axis=self.axis, keepdims=self.keepdims)
        return y


class Amin(Amax):
    """The smallest element over axes; elements that share that place share the gradient"""

    def forward(self, xp, x):
        self.x = x
        self.y = y = x.min(axis=self.axis, keepdims=self.keepdims)
        return y


class Var(Reduction):
    """sum((x - mean(x)) ** 2) / (n - correction) over axes"""

    saves = {"x": 0}

    def __init__(self, axis=None, keepdims=False, correction=1):
        self.axis, self.keepdims, self.correction = axis, keepdims, correction

    def forward(self, xp, x):
        self.x = x
        return self.variance(xp, x)

    def variance(self, xp, x):
        d = x - x.mean(axis=self.axis, keepdims=True)
        d *= d
        y = d.sum(axis=self.axis, keepdims=self.keepdims)
        self.freedom = (x.size // y.size if y.size else 0) - self.correction
        return y / max(self.freedom, 0)

    def backward(self, xp, g):
        return (self.slope(xp, self.spread(xp, g, self.x)),)

    def slope(self, xp, g):
        d = self.x - xp.mean(self.x, axis=self.axis, keepdims=True)
        return g * d * (2 / self.freedom if self.freedom else math.inf)


class Std(Var):
    """The square root of the variance over axes; slope 0 where it is 0"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = xp.sqrt(self.variance(xp, x))
        return y

    def backward(self, xp, g):
        still = self.y == 0
        g = xp.where(still, 0.0, g / xp.where(still, 1.0, self.y * 2))
        return (self.slope(xp, self.spread(xp, g, self.x)),)


class Norm(Reduction):
    """sum(|x| ** p) ** (1 / p) over axes, for p other than 0 and the infinities; slope 0 where the norm is 0"""

    saves = {"x": 0, "y": RESULT}

    def __init__(self, p, axis=None, keepdims=False):
        self.p, self.axis, self.keepdims = float(p), axis, keepdims

    def forward(self, xp, x):
        self.x = x
        p = self.p
        powers = x * x if p == 2 else abs(x) if p == 1 else abs(x) ** p
        y = powers.sum(axis=self.axis, keepdims=self.keepdims)
        self.y = y = xp.sqrt(y) if p == 2 else y if p == 1 else y ** (1 / p)
        return y

    def backward(self, xp, g):
        x, p = self.x, self.p
        g, y = self.spread(xp, g, x), self.spread(xp, self.y, x)
        if p == 1:
            return (g * xp.sign(x),)
        zero = y == 0
        y = xp.where(zero, 1.0, y)
        if p == 2:
            return (x * xp.where(zero, 0.0, g / y),)
        slope = xp.sign(x) * xp.where(x == 0, 0.0, xp.where(x == 0, 1.0, xp.absolute(x)) ** (p - 1))
        return (xp.where(zero, 0.0, g / y ** (p - 1)) * slope,)


class CountNorm(Norm):
    """The number of elements that are not 0, as a norm: p = 0"""

    def forward(self, xp, x):
        return (x != 0).sum(axis=self.axis, keepdims=self.keepdims).astype(x.dtype)

    def backward(self, xp, g):
        return (None,)


class LogSumExp(Reduction):
    """log(sum(exp(x))) over axes"""

    saves = {"x": 0, "y": RESULT}

    def name(self):
        return "LogsumexpBackward0"

    def forward(self, xp, x):
        self.x = x
        if x.size == 0:
            return xp.log(x.sum(axis=self.axis, keepdims=self.keepdims))
        top = x.max(axis=self.axis, keepdims=True)
        top = xp.where(xp.isfinite(top), top, 0.0)
        y = xp.log(xp.exp(x - top).sum(axis=self.axis, keepdims=self.keepdims))
        self.y = y = y + top.reshape(y.shape)
        return y

    def backward(self, xp, g):
        if self.y is None:
            return (xp.zeros_like(self.x),)
        return (self.spread(xp, g, self.x) * xp.exp(self.x - self.spread(xp, self.y, self.x)),)


class Softmax(Op):
    """exp(x) / sum(exp(x)) over an axis"""

    saves = {"y": RESULT}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x):
        y = xp.exp(x - x.max(axis=self.axis, keepdims=True)) if x.size else x.copy()
        y /= y.sum(axis=self.axis, keepdims=True)
        self.y = y
        return y

    def backward(self, xp, g):
        t = g * self.y
        return (t - self.y * xp.sum(t, axis=self.axis, keepdims=True),)


class LogSoftmax(Op):
    """x - log(sum(exp(x))) over an axis"""

    saves = {"y": RESULT}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x):
        y = x - x.max(axis=self.axis, keepdims=True) if x.size else x.copy()
        y -= xp.log(xp.exp(y).sum(axis=self.axis, keepdims=True))
        self.y = y
        return y

    def backward(self, xp, g):
        return (g - xp.exp(self.y) * xp.sum(g, axis=self.axis, keepdims=True),)
