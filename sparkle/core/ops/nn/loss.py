"""Losses as one op each: the elements' losses and their mean or sum together."""

from __future__ import annotations

import functools
import math

import numpy

from ...autograd.op import DERIVED, Op, run, sum_to
from ..linear.linalg import ones
from ..pointwise.elementwise import Sigmoid

MODERATE = 80.0  # in size, so that exp neither overflows nor becomes 0
BATCH = 1024  # rows up to which calls are what costs


def reduced(xp, values, reduction):
    """The values as they are, their mean or their sum."""
    if reduction == "none":
        return values
    total = values.sum()
    return total if reduction == "sum" else total / values.size if values.size else total / (total * 0)


class Loss(Op):
    """A loss of input x and target t, elementwise, then reduced."""

    saves = {"x": 0, "t": 1}

    def __init__(self, reduction):
        self.reduction = reduction

    def value(self, xp, x, t):
        raise NotImplementedError(f"{type(self).__name__}.value")

    def slopes(self, xp, x, t, g):
        """g times the derivatives in x and in t."""
        raise NotImplementedError(f"{type(self).__name__}.slopes")

    def forward(self, xp, x, t):
        if self.needs[0] or self.needs[1]:
            self.x, self.t = x, t
        self.count = max(x.size, 1)
        return reduced(xp, self.value(xp, x, t), self.reduction)

    def backward(self, xp, g):
        if self.reduction == "mean":
            g = g / self.count
        return self.slopes(xp, self.x, self.t, g)


class Symmetric(Loss):
    """A loss of the difference x - t."""

    def slopes(self, xp, x, t, g):
        dx = self.slope(xp, x - t) * g
        return dx if self.needs[0] else None, -dx if self.needs[1] else None


class MSELoss(Symmetric):
    """(x - t)^2"""

    def value(self, xp, x, t):
        d = x - t
        return d * d

    def slope(self, xp, d):
        return d * 2

    def name(self):
        return "MseLossBackward0"


class L1Loss(Symmetric):
    """|x - t|"""

    def value(self, xp, x, t):
        return xp.absolute(x - t)

    def slope(self, xp, d):
        return xp.sign(d)


class SmoothL1Loss(Symmetric):
    """(x - t)^2 / (2 beta) where |x - t| < beta, else |x - t| - beta / 2"""

    def __init__(self, reduction, beta):
        super().__init__(reduction)
        self.beta = beta

    def value(self, xp, x, t):
        d = xp.absolute(x - t)
        near = xp.minimum(d, self.beta)
        return near * (d - 0.5 * near) / self.beta

    def slope(self, xp, d):
        return xp.minimum(xp.maximum(d / self.beta, -1), 1)


class HuberLoss(Symmetric):
    """(x - t)^2 / 2 where |x - t| <= delta, else delta (|x - t| - delta / 2)"""

    def __init__(self, reduction, delta):
        super().__init__(reduction)
        self.delta = delta

    def value(self, xp, x, t):
        d = xp.absolute(x - t)
        near = xp.minimum(d, self.delta)
        return near * (d - 0.5 * near)

    def slope(self, xp, d):
        return xp.minimum(xp.maximum(d, -self.delta), self.delta)


class BinaryCrossEntropy(Loss):
    """-t log x - (1 - t) log(1 - x), the logarithms not below -100"""

    def value(self, xp, x, t):
        return (t - 1) * xp.maximum(xp.log1p(-x), -100) - t * xp.maximum(xp.log(x), -100)

    def slopes(self, xp, x, t, g):
        dx = dt = None
        if self.needs[0]:
            dx = g * (x - t) / xp.maximum(x * (1 - x), 1e-12)
        if self.needs[1]:
            dt = g * (xp.maximum(xp.log1p(-x), -100) - xp.maximum(xp.log(x), -100))
        return dx, dt


class BinaryCrossEntropyWithLogits(Loss):
    """-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)), without overflow"""

    def value(self, xp, x, t):
        return xp.maximum(x, 0) - x * t + xp.log1p(xp.exp(-xp.absolute(x)))

    def slopes(self, xp, x, t, g):
        return (run(xp, Sigmoid(), x) - t) * g if self.needs[0] else None, -x * g if self.needs[1] else None


class SoftMarginLoss(Loss):
    """log(1 + exp(-t x))"""

    def value(self, xp, x, t):
        z = -t * x
        return xp.maximum(z, 0) + xp.log1p(xp.exp(-xp.absolute(z)))

    def slopes(self, xp, x, t, g):
        dz = run(xp, Sigmoid(), -t * x) * g
        return -t * dz if self.needs[0] else None, -x * dz if self.needs[1] else None


def chosen(xp, x, index, axis):
    """x at index along an axis; for matrices without the detour of the general form."""
    if x.ndim == 2 and axis == 1:
        return x[xp.arange(x.shape[0])[:, None], index]
    return xp.take_along_axis(x, index, axis=axis)


class Chosen(Op):
    """x at index along an axis; the index has one element there, or several that differ"""

    saves = {"index": 1}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x, index):
        if self.needs[0]:
            self.index = index
        self.length = x.shape[self.axis]
        return chosen(xp, x, index, self.axis)

    def backward(self, xp, g):
        return run(xp, Placed(self.axis, self.length), g, self.index), None


class Placed(Op):
    """Zeros of the given length along an axis, with x at index"""

    saves = {"index": 1}

    def __init__(self, axis, length):
        self.axis, self.length = axis, length

    def forward(self, xp, x, index):
        if self.needs[0]:
            self.index = index
        shape = list(x.shape)
        shape[self.axis] = self.length
        y = xp.zeros(shape, x.dtype)
        xp.put_along_axis(y, index, x, axis=self.axis)
        return y

    def backward(self, xp, g):
        return run(xp, Chosen(self.axis), g, self.index), None


class NllLoss(Op):
    """-scale x[index] along axis 1, or the sum of that. scale: a number, or one for each index.

    nothing: a mean over no targets, which is nan but has gradient 0.
    """

    saves = {"index": 1, "scale": 2}

    def __init__(self, summed, nothing=False):
        self.summed, self.nothing = summed, nothing

    def forward(self, xp, x, index, scale):
        if self.needs[0]:
            self.index, self.scale = index, scale
        self.classes = x.shape[1]
        return self.total(xp, chosen(xp, x, index, 1), scale)

    def total(self, xp, picked, scale):
        """The loss from the logarithms at the targets; what counts nothing may be infinite."""
        losses = picked * -scale
        if type(scale) is not float:
            losses = xp.where(scale == 0, 0.0, losses)
        if not self.summed:
            return losses[:, 0]
        return losses.sum() * math.nan if self.nothing else losses.sum()

    def share(self, xp, g):
        """The gradient for each index."""
        return (g if self.summed else xp.reshape(g, self.index.shape)) * self.scale

    def backward(self, xp, g):
        share = xp.broadcast_to(-self.share(xp, g), self.index.shape)
        return run(xp, Placed(1, self.classes), share, self.index), None, None


class CrossEntropy(NllLoss):
    """-scale log(softmax(x))[index] along axis 1, or the sum of that"""

    saves = {"x": 0, "index": 1, "scale": 2, "p": DERIVED, "places": DERIVED, "top": DERIVED, "below": DERIVED}

    def forward(self, xp, x, index, scale):
        if is_moderate(xp, x):
            return self.of_moderate(xp, x, index, scale)
        z = x - xp.max(x, axis=1, keepdims=True)
        p = xp.exp(z)
        below = xp.sum(p, axis=1, keepdims=True)
        if self.needs[0]:
            self.x, self.index, self.scale, self.p = x, index, scale, p / below
        return self.total(xp, run(xp, Chosen(1), z, index) - xp.log(below), scale)

    def of_moderate(self, xp, x, index, scale):
        """The same without taking the largest away before exp: a third of the time where calls are what costs."""
        p = xp.exp(x)
        below = p.dot(ones(xp, x.shape[1], x.dtype))
        places = flat_places(xp, x, index)
        logs = x.take(places) - xp.log(below)
        if self.needs[0]:
            p /= below[:, None]
            self.x, self.index, self.scale, self.p, self.places = x, index, scale, p, places
        if self.summed and type(scale) is float and len(logs) <= BATCH and not self.nothing:
            return logs.dot(ones(xp, len(logs), x.dtype)) * x.dtype.type(-scale)
        return self.total(xp, logs[:, None], scale)

    def backward(self, xp, g):
        share = self.share(xp, g)
        dx = self.p * share
        if self.places is None or xp is not numpy:
            return run(xp, LessAt(1), dx, share, self.index), None, None
        dx.reshape(-1)[self.places] -= share if share.ndim == 0 else share.ravel()
        return dx, None, None

    def name(self):
        return "NllLossBackward0"


def is_moderate(xp, x):
    """Is x a row-major matrix of NumPy's whose elements are all below MODERATE in size, and none is nan?"""
    return xp is numpy and x.ndim == 2 and x.flags.c_contiguous and xp.vdot(x, x) < MODERATE * MODERATE


def flat_places(xp, x, index):
    """Where the elements of a matrix at one index for each row are in its memory."""
    few = xp is numpy and len(x) <= BATCH
    return index.ravel() + (starts(*x.shape) if few else xp.arange(0, x.size, x.shape[1]))


@functools.lru_cache(8)
def starts(rows, columns):
    """Where the rows of a matrix begin in its memory."""
    return numpy.arange(0, rows * columns, columns)


class LessAt(Op):
    """x less v, or v of each index, at index along an axis.

    x is overwritten: it must be fresh, and no node may have saved it.
    """

    saves = {"index": 2}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x, v, index):
        self.index, self.form = index, v.shape
        if x.ndim == 2 and self.axis == 1 and x.flags.c_contiguous:
            x.reshape(-1)[flat_places(xp, x, index)] -= v if v.ndim == 0 else v.ravel()
        else:
            xp.put_along_axis(x, index, xp.take_along_axis(x, index, axis=self.axis) - v, axis=self.axis)
        return x

    def backward(self, xp, g):
        dv = -sum_to(xp, run(xp, Chosen(self.axis), g, self.index), self.form) if self.needs[1] else None
        return g, dv, None
