"""Normalisation: x less its mean over its deviation, times a weight, plus a bias."""

from __future__ import annotations

import math

from ...autograd.op import CONSTANT, DERIVED, Op, sum_to


def total(xp, x, axes):
    """The sum over these axes, of which there may be none."""
    return xp.sum(x, axis=axes) if axes else x


def sum_positions(xp, x, affine):
    """The sums over the axes at the end along which `affine` has size 1; they stay, with size 1.

    A product with ones: where channels are last in memory, `sum` would go through them a few at a time.
    """
    outer = len(affine)
    while affine[outer - 1] == 1 and outer > 1:
        outer -= 1
    if outer == x.ndim:
        return x
    form, count = x.shape[:outer], math.prod(x.shape[outer:])
    rows = xp.reshape(x, (x.shape[0], math.prod(form[1:]), count))
    return xp.reshape(xp.matmul(rows, xp.ones(count, x.dtype)), (*form, *(1,) * (x.ndim - outer)))


class Normalize(Op):
    """(x - mean) / sqrt(var + eps) w + b, with mean and (biased) variance over `axes`

    w and b, either may be None, are reshaped to `affine`, which broadcasts against x. Leaves (mean, var) in
    `statistics` when told to: they are no part of the result, but batch norm averages them.
    groups: take x (n, c, ...) as (n, groups, c / groups, ...), which `axes` and `affine` are about.
    """

    saves = {"x": 0, "w": 1, "mean": DERIVED, "scale": DERIVED}
    statistics = None

    def __init__(self, axes, affine, eps, keep=False, groups=None):
        self.axes, self.affine, self.eps, self.keep, self.groups = axes, affine, float(eps), keep, groups

    def parted(self, xp, x):
        """x with its channels by groups."""
        shape = x.shape
        if self.groups is None:
            return x
        return xp.reshape(x, (shape[0], self.groups, shape[1] // self.groups, *shape[2:]))

    def whole(self, xp, x):
        """Undoes `parted`."""
        shape = x.shape
        return x if self.groups is None else xp.reshape(x, (shape[0], shape[1] * shape[2], *shape[3:]))

    def over(self, xp, cells):
        """The means over `axes`, from sums over positions."""
        return xp.sum(cells, axis=self.axes, keepdims=True) / self.count

    def each(self, xp, v):
        """A number for each group as one for each of its channels: NumPy is slow at short runs of the same."""
        if self.groups is None:
            return v
        return xp.ascontiguousarray(xp.broadcast_to(v, (v.shape[0], *self.affine[1:])))

    def forward(self, xp, x, w, b):
        if self.needs[0] or self.needs[1]:
            self.x, self.w = x, w
        x = self.parted(xp, x)
        self.count = math.prod([x.shape[axis] for axis in self.axes])
        mean = self.over(xp, sum_positions(xp, x, self.affine))
        y = x - self.each(xp, mean)
        var = self.over(xp, sum_positions(xp, y * y, self.affine))
        scale = 1 / xp.sqrt(var + self.eps)
        if self.keep:
            self.statistics = mean, var
        if self.needs[0] or self.needs[1]:
            self.mean, self.scale = mean, scale
        self.form = None if w is None and b is None else tuple((b if w is None else w).shape)
        y = y * self.factor(xp, scale, w)
        if b is not None:
            y += xp.reshape(b, self.affine)
        return self.whole(xp, y)

    def factor(self, xp, scale, w):
        """What x less its mean is multiplied by."""
        return self.each(xp, scale) if w is None else scale * xp.reshape(w, self.affine)

    def backward(self, xp, g):
        rest = tuple([i for i, n in enumerate(self.affine) if n == 1])
        dx = dw = db = None
        g = self.parted(xp, g)
        level = sum_positions(xp, g, self.affine)
        if self.needs[2]:
            db = total(xp, level, rest)
        if self.needs[0] or self.needs[1]:
            y = self.parted(xp, self.x) - self.each(xp, self.mean)
            along = sum_positions(xp, g * y, self.affine)
            if self.needs[1]:
                dw = total(xp, along * self.scale, rest)
            if self.needs[0]:
                dx = self.whole(xp, self.gradient(xp, g, y, level, along))
        return dx, self.shaped(xp, dw), self.shaped(xp, db)

    def gradient(self, xp, g, y, level, along):
        """dx, from the sums of g and of g y over positions."""
        w, scale = self.w, self.scale
        if w is not None:
            level, along = level * xp.reshape(w, self.affine), along * xp.reshape(w, self.affine)
        dx = g * self.factor(xp, scale, w)
        dx -= y * self.each(xp, self.over(xp, along) * scale * scale * scale)
        dx -= self.each(xp, self.over(xp, level) * scale)
        return dx

    def shaped(self, xp, d):
        """A gradient in the shape that the weight has."""
        return d if d is None or tuple(d.shape) == self.form else xp.reshape(d, self.form)

    def name(self):
        return "NativeNormBackward0"


class Affine(Op):
    """(x - mean) / sqrt(var + eps) w + b with mean and var as constants: batch norm in evaluation"""

    saves = {"x": 0, "w": 1, "mean": CONSTANT, "scale": CONSTANT}

    def __init__(self, affine, eps):
        self.affine, self.eps = affine, float(eps)

    def forward(self, xp, x, w, b, mean, var):
        mean, scale = xp.reshape(mean, self.affine), 1 / xp.sqrt(xp.reshape(var, self.affine) + self.eps)
        if self.needs[0]:
            self.w, self.scale = w, scale
        if self.needs[1]:
            self.x, self.mean, self.scale = x, mean, scale
        factor = scale if w is None else scale * xp.reshape(w, self.affine)
        shift = -mean * factor if b is None else xp.reshape(b, self.affine) - mean * factor
        return x * factor + shift

    def backward(self, xp, g):
        rest = tuple([i for i, n in enumerate(self.affine) if n == 1])
        dx = dw = None
        if self.needs[0]:
            dx = g * (self.scale if self.w is None else self.scale * xp.reshape(self.w, self.affine))
        if self.needs[1]:
            dw = xp.reshape(xp.sum(g * ((self.x - self.mean) * self.scale), axis=rest), (-1,))
        return dx, dw, xp.reshape(xp.sum(g, axis=rest), (-1,)) if self.needs[2] else None, None, None

    def name(self):
        return "NativeBatchNormBackward0"


class RmsNorm(Op):
    """x / sqrt(mean of x^2 over the axes + eps) w"""

    saves = {"x": 0, "w": 1, "scale": DERIVED}

    def __init__(self, axes, eps):
        self.axes, self.eps = axes, float(eps)

    def forward(self, xp, x, w):
        self.count = math.prod([x.shape[axis] for axis in self.axes])
        scale = 1 / xp.sqrt(xp.sum(x * x, axis=self.axes, keepdims=True) / self.count + self.eps)
        if self.needs[0] or self.needs[1]:
            self.x, self.w, self.scale = x, w, scale
        return x * scale if w is None else x * scale * w

    def backward(self, xp, g):
        normal = self.x * self.scale
        dw = sum_to(xp, g * normal, self.w.shape) if self.needs[1] else None
        if not self.needs[0]:
            return None, dw
        if self.w is not None:
            g = g * self.w
        along = xp.sum(g * normal, axis=self.axes, keepdims=True) / self.count
        return (g - normal * along) * self.scale, dw
