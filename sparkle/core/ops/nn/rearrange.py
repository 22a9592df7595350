"""Ops that put elements in another order or leave out a triangle."""

from __future__ import annotations

from ...autograd.op import Op, run


class Flip(Op):
    """Axes reversed"""

    def __init__(self, axes):
        self.axes = axes

    def forward(self, xp, x):
        return xp.ascontiguousarray(xp.flip(x, self.axes)).reshape(x.shape)

    def backward(self, xp, g):
        return (run(xp, Flip(self.axes), g),)


class Roll(Op):
    """Elements moved along axes; what leaves at one end comes back at the other"""

    def __init__(self, shifts, axes):
        self.shifts, self.axes = shifts, axes

    def forward(self, xp, x):
        return xp.roll(x, self.shifts, self.axes)

    def backward(self, xp, g):
        return (run(xp, Roll(tuple(-n for n in self.shifts), self.axes), g),)


class Tril(Op):
    """Zero above a diagonal"""

    def __init__(self, k):
        self.k = k

    def forward(self, xp, x):
        return xp.tril(x, self.k)

    def backward(self, xp, g):
        return (run(xp, Tril(self.k), g),)


class Triu(Op):
    """Zero below a diagonal"""

    def __init__(self, k):
        self.k = k

    def forward(self, xp, x):
        return xp.triu(x, self.k)

    def backward(self, xp, g):
        return (run(xp, Triu(self.k), g),)
