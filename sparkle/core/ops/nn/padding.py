"""Padding by a constant, and by elements of the input itself."""

from __future__ import annotations

from ...autograd.op import Op, run


class Pad(Op):
    """x with `value` around it: (before, after) for each axis; negative widths cut off"""

    def __init__(self, widths, value=0):
        self.widths, self.value = widths, value

    def forward(self, xp, x):
        shape = [n + low + high for n, (low, high) in zip(x.shape, self.widths, strict=True)]
        y = xp.full(shape, self.value, x.dtype) if self.value else xp.zeros(shape, x.dtype)
        y[inside(self.widths, shape)] = x[inside([(-low, -high) for low, high in self.widths], x.shape)]
        return y

    def backward(self, xp, g):
        return (run(xp, Pad([(-low, -high) for low, high in self.widths]), g),)

    def name(self):
        return "ConstantPadNdBackward0"


def inside(widths, shape):
    """The part of the padded array of that shape that came from the input."""
    return tuple([slice(max(low, 0), n - max(high, 0)) for n, (low, high) in zip(shape, widths, strict=True)])


class TakeAlong(Op):
    """x at the given positions of one axis, which may repeat"""

    def __init__(self, positions, axis):
        self.positions, self.axis = positions, axis

    def forward(self, xp, x):
        self.length = x.shape[self.axis]
        return xp.take(x, xp.asarray(self.positions), axis=self.axis)

    def backward(self, xp, g):
        return (run(xp, AddAlong(self.positions, self.axis, self.length), g),)


class AddAlong(Op):
    """Zeros of the given length along one axis, to which g is added at the positions"""

    def __init__(self, positions, axis, length):
        self.positions, self.axis, self.length = positions, axis, length

    def forward(self, xp, g):
        once = xp.asarray(self.positions)[:, None] == xp.arange(self.length)
        moved = xp.moveaxis(g, self.axis, -1) @ once.astype(g.dtype)
        return xp.ascontiguousarray(xp.moveaxis(moved, -1, self.axis))

    def backward(self, xp, h):
        return (run(xp, TakeAlong(self.positions, self.axis), h),)
