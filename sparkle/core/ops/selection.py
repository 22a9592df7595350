"""Ops that choose elements: by a condition, by size, or by limits."""

from __future__ import annotations

from ..autograd.op import RESULT, Op
from .arithmetic import Broadcasting, mismatch


class Where(Broadcasting):
    """a where the condition holds, b elsewhere"""

    saves = {"condition": 0}

    def forward(self, xp, condition, a, b):
        self.condition = condition
        return xp.where(condition, a, b)

    def backward(self, xp, g):
        da = xp.where(self.condition, g, 0.0) if self.needs[1] else None
        return None, da, xp.where(self.condition, 0.0, g) if self.needs[2] else None

    def explain(self, error, *arrays):
        a, b = sorted(arrays, key=lambda x: getattr(x, "ndim", 0))[1:]
        return mismatch("where", a, b) or mismatch("where", arrays[0], a) or mismatch("where", arrays[0], b) or error


class Clamp(Op):
    """x held between two numbers, either of which may be None"""

    saves = {"x": 0}

    def __init__(self, low, high):
        self.low, self.high = low, high

    def forward(self, xp, x):
        self.x = x
        if self.low is not None:
            x = xp.maximum(x, self.low)
        return x if self.high is None else xp.minimum(x, self.high)

    def backward(self, xp, g):
        if self.low is not None:
            g = g * (self.x >= self.low)
        return (g if self.high is None else g * (self.x <= self.high),)


class ClampMin(Broadcasting):
    """a, but not below b; a keeps the gradient where they are equal"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.maximum(a, b)

    def backward(self, xp, g):
        kept = self.a >= self.b
        return xp.where(kept, g, 0.0) if self.needs[0] else None, xp.where(kept, 0.0, g) if self.needs[1] else None


class ClampMax(ClampMin):
    """a, but not above b; a keeps the gradient where they are equal"""

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.minimum(a, b)

    def backward(self, xp, g):
        kept = self.a <= self.b
        return xp.where(kept, g, 0.0) if self.needs[0] else None, xp.where(kept, 0.0, g) if self.needs[1] else None


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
        da = xp.where(only_b, 0.0, half) if self.needs[0] else None
        return da, xp.where(only_a, 0.0, half) if self.needs[1] else None


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
        return self.split(xp, g, (self.a >= self.b) | xp.isnan(self.b))

    def split(self, xp, g, first):
        """g to a where it was chosen, to b elsewhere."""
        return xp.where(first, g, 0.0) if self.needs[0] else None, xp.where(first, 0.0, g) if self.needs[1] else None


class Fmin(Fmax):
    """The smaller of a and b; the other one where one is nan. The gradient of equal elements goes to a."""

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.fmin(a, b)

    def backward(self, xp, g):
        return self.split(xp, g, (self.a <= self.b) | xp.isnan(self.b))


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
