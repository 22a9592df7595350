"""Dropout."""

from __future__ import annotations

from ...autograd.op import CONSTANT, Op


class Dropout(Op):
    """x scale where kept, 0 elsewhere; `kept` is broadcast against x"""

    saves = {"kept": 1}

    def __init__(self, scale):
        self.scale = scale

    def forward(self, xp, x, kept):
        if self.needs[0]:
            self.kept = kept
        y = x * kept
        y *= self.scale
        return y

    def backward(self, xp, g):
        return g * self.kept * self.scale, None


class AlphaDropout(Op):
    """a x + b where kept, a floor + b elsewhere: keeps the mean and the variance that selu aims at"""

    saves = {"kept": CONSTANT}

    def __init__(self, a, b, floor):
        self.a, self.b, self.floor = a, b, floor

    def forward(self, xp, x, kept):
        if self.needs[0]:
            self.kept = kept
        return xp.where(kept, x, self.floor) * self.a + self.b

    def backward(self, xp, g):
        return g * self.kept * self.a, None
