"""Ops that put arrays together and take them apart."""

from __future__ import annotations

from ...autograd.op import Op, run


class Cat(Op):
    """Arrays one after another along an axis"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, *xs):
        self.sizes = [x.shape[self.axis] for x in xs]
        return xp.concatenate(xs, self.axis)

    def backward(self, xp, g):
        lead = (slice(None),) * self.axis
        dxs, start = [], 0
        for size, needed in zip(self.sizes, self.needs, strict=False):
            dxs.append(g[(*lead, slice(start, start + size))] if needed else None)
            start += size
        return tuple(dxs)


class Stack(Op):
    """Arrays of one shape along a new axis"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, *xs):
        self.count = len(xs)
        return xp.stack(xs, self.axis)

    def backward(self, xp, g):
        lead = (slice(None),) * self.axis
        return tuple([g[(*lead, i, ...)] if self.needs[i] else None for i in range(self.count)])


class Split(Op):
    """Parts of an axis, as views"""

    is_view = True
    several = True

    def __init__(self, axis, parts):
        self.axis, self.parts = axis, parts

    def forward(self, xp, x):
        self.before = x.shape
        lead = (slice(None),) * self.axis
        return tuple([x[(*lead, part)] for part in self.parts])

    def backward(self, xp, gs):
        ends = [0, *(part.stop for part in self.parts)]
        whole = ends[-1] == self.before[self.axis] and all(
            end == part.start <= part.stop and g is not None for part, end, g in zip(self.parts, ends, gs, strict=False)
        )
        if whole:  # without gaps and overlaps
            return (run(xp, Cat(self.axis), *gs),)
        lead = (slice(None),) * self.axis
        return (run(xp, Assemble([(*lead, part) for part in self.parts], self.before), *gs),)


class Unbind(Op):
    """All positions of an axis, as views"""

    is_view = True
    several = True

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x):
        self.before = x.shape
        lead = (slice(None),) * self.axis
        return tuple([x[(*lead, i, ...)] for i in range(x.shape[self.axis])])

    def backward(self, xp, gs):
        lead = (slice(None),) * self.axis
        return (run(xp, Assemble([(*lead, i, ...) for i in range(len(gs))], self.before), *gs),)


class Assemble(Op):
    """Zeros of a shape to which parts are added; a missing part is None"""

    def __init__(self, places, shape):
        self.places, self.shape = places, shape

    def forward(self, xp, *parts):
        y = xp.zeros(self.shape, next(part.dtype for part in parts if part is not None))
        for place, part in zip(self.places, parts, strict=True):
            if part is not None:
                y[place] += part
        return y

    def backward(self, xp, g):
        return tuple([g[place] if needed else None for place, needed in zip(self.places, self.needs, strict=False)])


class Repeat(Op):
    """The array as a tile, laid down a number of times along every axis"""

    def __init__(self, counts):
        self.counts = counts

    def forward(self, xp, x):
        self.before = x.shape
        return xp.tile(x, self.counts)

    def backward(self, xp, g):
        before = (1,) * (len(self.counts) - len(self.before)) + tuple(self.before)
        pairs = [n for pair in zip(self.counts, before, strict=True) for n in pair]
        summed = xp.sum(xp.reshape(g, tuple(pairs)), axis=tuple(range(0, len(pairs), 2)))
        return (xp.reshape(summed, self.before),)
