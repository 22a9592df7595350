"""Distances between all rows of two matrices."""

from __future__ import annotations

from ...autograd.op import RESULT, Op
from .matrices import transposed


class EuclideanDistances(Op):
    """y_ij = |a_i - b_j|; slope 0 where it is 0. products: by a^2 + b^2 - 2 a b, faster and less exact for near rows

    With w = g / y: ga_i = sum_j w_ij (a_i - b_j), gb_j = sum_i w_ij (b_j - a_i).
    """

    saves = {"a": 0, "b": 1, "y": RESULT}
    broadcasts = True

    def __init__(self, products):
        self.products = products

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        self.y = y = xp.sqrt(self.by_products(xp, a, b) if self.products else self.by_differences(a, b))
        return y

    def by_products(self, xp, a, b):
        square = (a * a).sum(-1)[..., :, None] + (b * b).sum(-1)[..., None, :]
        square -= 2 * (a @ transposed(xp, b))
        return xp.maximum(square, 0)

    def by_differences(self, a, b):
        apart = a[..., :, None, :] - b[..., None, :, :]
        apart *= apart
        return apart.sum(-1)

    def backward(self, xp, g):
        zero = self.y == 0
        w = xp.where(zero, 0.0, g / xp.where(zero, 1.0, self.y))
        if self.products:
            wt = transposed(xp, w)
            ga = xp.sum(w, axis=-1, keepdims=True) * self.a - w @ self.b if self.needs[0] else None
            gb = xp.sum(wt, axis=-1, keepdims=True) * self.b - wt @ self.a if self.needs[1] else None
            return ga, gb
        pull = w[..., None] * (self.a[..., :, None, :] - self.b[..., None, :, :])
        ga = xp.sum(pull, axis=-2) if self.needs[0] else None
        return ga, -xp.sum(pull, axis=-3) if self.needs[1] else None

    def name(self):
        return "CdistBackward0"


class DifferingElements(Op):
    """The number of elements of each row that are not 0: the 0-norm, of slope 0"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return (x != 0).sum(-1).astype(x.dtype)

    def backward(self, xp, g):
        return (xp.zeros_like(self.x),)
