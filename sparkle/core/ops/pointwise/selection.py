"""Ops that choose elements: by a condition, by size, or by limits."""

from __future__ import annotations

from ...autograd.op import RESULT, Op
from .arithmetic import Broadcasting, mismatch
from .masks import blend, kept


def divided(xp, g, first, needs):
    """g to the first of two inputs where the mask holds, to the second elsewhere."""
    return kept(xp, g, first) if needs[0] else None, kept(xp, g, first == 0) if needs[1] else None


class Where(Broadcasting):
    """a where the condition holds, b elsewhere"""

    saves = {"condition": 0}

    def forward(self, xp, condition, a, b):
        self.condition = condition
        return blend(xp, condition, a, b)

    def backward(self, xp, g):
        da = kept(xp, g, self.condition) if self.needs[1] else None
        return None, da, kept(xp, g, self.condition == 0) if self.needs[2] else None

    def explain(self, error, *arrays):
        a, b = sorted(arrays, key=lambda x: getattr(x, "ndim", 0))[1:]
        return mismatch("where", a, b) or mismatch("where", arrays[0], a) or mismatch("where", arrays[0], b) or error


class Clamp(Op):
    """x held between two numbers, either of which may be None"""

    saves = {"x": 0}

    def __init__(self, low, high):
        self.low, self.high = low, high

    def name(self):
        return "ClampBackward1"

    def forward(self, xp, x):
        self.x = x
        return x.clip(self.low, self.high)

    def backward(self, xp, g):
        if self.high is None:
            return (kept(xp, g, self.x >= self.low),)
        inside = self.x <= self.high
        return (kept(xp, g, inside if self.low is None else inside & (self.x >= self.low)),)


class ClampMin(Broadcasting):
    """a, but not below b; a keeps the gradient where they are equal"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.maximum(a, b)

    def backward(self, xp, g):
        first = self.a >= self.b
        return divided(xp, g, first, self.needs)


class ClampMax(ClampMin):
    """a, but not above b; a keeps the gradient where they are equal"""

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.minimum(a, b)

    def backward(self, xp, g):
        first = self.a <= self.b
        return divided(xp, g, first, self.needs)


class Maximum(Broadcasting):
    """The larger of a and b; nan if either is. Equal elements share the gradient."""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.maximum(a, b)

    def backward(self, xp, g):
        return self.share(xp, g, self.a < self.b, self.a > self.b)

    def share(self, xp, g, only_b, only_a):
        """g halved where neither is chosen alone, then withheld from the one not chosen."""
        half = xp.where(only_a | only_b, g, g / 2)
        da = kept(xp, half, only_b == 0) if self.needs[0] else None
        return da, kept(xp, half, only_a == 0) if self.needs[1] else None


class Minimum(Maximum):
    """The smaller of a and b; nan if either is. Equal elements share the gradient."""

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.minimum(a, b)

    def backward(self, xp, g):
        return self.share(xp, g, self.a > self.b, self.a < self.b)


class Fmax(Broadcasting):
    """The larger of a and b; the other one where one is nan. The gradient of equal elements goes to a."""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.fmax(a, b)

    def backward(self, xp, g):
        return divided(xp, g, (self.a >= self.b) | xp.isnan(self.b), self.needs)


class Fmin(Fmax):
    """The smaller of a and b; the other one where one is nan. The gradient of equal elements goes to a."""

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.fmin(a, b)

    def backward(self, xp, g):
        return divided(xp, g, (self.a <= self.b) | xp.isnan(self.b), self.needs)


class Copysign(Broadcasting):
    """|a| with the sign of b"""

    saves = {"a": 0, "y": RESULT}

    def forward(self, xp, a, b):
        self.a = a
        self.y = y = xp.copysign(a, b)
        return y

    def backward(self, xp, g):
        da = g * xp.sign(self.a) * xp.sign(self.y) if self.needs[0] else None
        return da, xp.zeros_like(g) if self.needs[1] else None
