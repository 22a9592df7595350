"""Ops that view, convert or lay out elements anew without changing their values or their order."""

from __future__ import annotations

import math

from numpy import ndarray

from ... import backend
from ...autograd.op import Op, run, sum_to


class Cast(Op):
    """The same numbers in another type"""

    widens = False

    def __init__(self, dtype):
        self.dtype = dtype

    def forward(self, xp, x):
        self.before = x.dtype
        return x.astype(self.dtype)

    def backward(self, xp, g):
        return (run(xp, Cast(self.before), g),)

    def name(self):
        return "ToCopyBackward0"


class Clone(Op):
    """A copy that keeps the layout, or (order "C") in row-major memory"""

    widens = False

    def __init__(self, order="K"):
        self.order = order

    def forward(self, xp, x):
        return x.copy(order=self.order)

    def backward(self, xp, g):
        return (g,)


class CloneIn(Clone):
    """A copy whose memory runs along the axes in the given order, the last one fastest"""

    def forward(self, xp, x):
        inverse = [0] * len(self.order)
        for i, axis in enumerate(self.order):
            inverse[axis] = i
        return x.transpose(self.order).copy(order="C").transpose(inverse)


class View(Op):
    """The same memory in another shape"""

    is_view = True

    def __init__(self, shape, before=None):
        self.shape, self.before = shape, before

    def forward(self, xp, x):
        self.before = x.shape
        return x.reshape(self.shape)

    def backward(self, xp, g):
        return (xp.reshape(g, self.before),)


class Squeeze(View):
    """Axes of size one left out"""


class Unsqueeze(View):
    """An axis of size one put in"""


class Alias(Op):
    """The same memory, seen by another tensor"""

    is_view = True

    def forward(self, xp, x):
        return x[...]

    def backward(self, xp, g):
        return (g,)


class Reshape(View):
    """The same elements in another shape, copied"""

    is_view = False


class ViewType(Op):
    """The same bytes as elements of another type; no gradient passes"""

    is_view = True
    differentiable = False

    def __init__(self, dtype):
        self.dtype = dtype

    def forward(self, xp, x):
        return x.view(self.dtype)


class Permute(Op):
    """The axes in another order"""

    is_view = True

    def __init__(self, axes):
        self.axes = axes

    def forward(self, xp, x):
        return x.transpose(self.axes)

    def backward(self, xp, g):
        inverse = [0] * len(self.axes)
        for i, axis in enumerate(self.axes):
            inverse[axis] = i
        return (xp.transpose(g, tuple(inverse)),)


class Transpose(Op):
    """Two axes change places"""

    is_view = True

    def __init__(self, a, b):
        self.a, self.b = a, b

    def forward(self, xp, x):
        return x.swapaxes(self.a, self.b)

    def backward(self, xp, g):
        return (xp.swapaxes(g, self.a, self.b),)


class T(Op):
    """The axes of a matrix change places"""

    is_view = True

    def forward(self, xp, x):
        return x.T

    def backward(self, xp, g):
        return (g.T,)


def repeatable(x):
    """Can `repeated` take the array?"""
    return type(x) is ndarray and x.flags.c_contiguous


def repeated(x, shape, strides):
    """What numpy.broadcast_to gives, in a third of its time: row-major memory seen with strides of 0."""
    y = ndarray(shape, x.dtype, x, 0, strides)
    y.flags.writeable = False
    return y


class Expand(Op):
    """Axes of size one repeated without copying; an array that is really enlarged cannot be written"""

    is_view = True

    def __init__(self, shape, before=None):
        self.shape, self.before = shape, before

    def forward(self, xp, x):
        self.before = before = x.shape
        shape = self.shape
        if math.prod(shape) == x.size:  # only axes of size one are added: the result can be written
            return x.reshape(shape)
        if 0 in shape or not repeatable(x):
            return xp.broadcast_to(x, shape)
        strides = [0 if n == 1 else stride for n, stride in zip(before, x.strides, strict=True)]
        return repeated(x, shape, [0] * (len(shape) - len(before)) + strides)

    def backward(self, xp, g):
        return (sum_to(xp, g, self.before),)


class Slice(Op):
    """x[index] for integers, slices, new axes and the ellipsis"""

    is_view = True

    def __init__(self, index, before=None):
        self.index, self.before = index, before

    def forward(self, xp, x):
        self.before = x.shape
        return x[self.index]

    def backward(self, xp, g):
        return (run(xp, Embed(self.index, self.before), g),)


class Select(Slice):
    """One position of an axis"""


class Embed(Op):
    """Zeros of a shape, with g in the part that index names"""

    def __init__(self, index, shape):
        self.index, self.shape = index, shape

    def forward(self, xp, g):
        y = xp.zeros(self.shape, g.dtype)
        y[self.index] = g
        return y

    def backward(self, xp, g):
        return (g[self.index],)


class Diagonal(Op):
    """The diagonals of the planes of two axes, as a last axis"""

    is_view = True

    def __init__(self, offset, a, b):
        self.offset, self.a, self.b = offset, a, b

    def forward(self, xp, x):
        self.before = x.shape
        if xp.__name__ == "numpy":
            y = x.diagonal(self.offset, self.a, self.b)
            if x.flags.writeable:  # NumPy's diagonal is read-only by default only to warn of an old change
                y.flags.writeable = True
            return y
        return x.diagonal(self.offset, self.a, self.b)

    def backward(self, xp, g):
        return (run(xp, EmbedDiagonal(self.offset, self.a, self.b, self.before), g),)


class EmbedDiagonal(Op):
    """Zeros of a shape, with g on the diagonals"""

    def __init__(self, offset, a, b, shape):
        self.offset, self.a, self.b, self.shape = offset, a, b, shape

    def forward(self, xp, g):
        y = xp.zeros(self.shape, g.dtype)
        Diagonal(self.offset, self.a, self.b).forward(xp, y)[...] = g
        return y

    def backward(self, xp, g):
        return (run(xp, Diagonal(self.offset, self.a, self.b), g),)


class Unfold(Op):
    """All windows of a size along an axis, a step apart; the window is the last axis"""

    is_view = True

    def __init__(self, axis, size, step):
        self.axis, self.size, self.step = axis, size, step

    def forward(self, xp, x):
        self.before = x.shape
        if not x.ndim:
            return x.reshape(1)[: self.size]
        count = (x.shape[self.axis] - self.size) // self.step + 1
        shape, strides = list(x.shape), list(x.strides)
        shape[self.axis] = count
        strides[self.axis] *= self.step
        strided = xp.lib.stride_tricks.as_strided
        return strided(x, (*shape, self.size), (*strides, x.strides[self.axis]))

    def backward(self, xp, g):
        return (run(xp, FoldWindows(self.axis, self.size, self.step, self.before), g),)


class FoldWindows(Op):
    """The sum of windows at their places along an axis"""

    def __init__(self, axis, size, step, shape):
        self.axis, self.size, self.step, self.shape = axis, size, step, shape

    def forward(self, xp, g):
        y = xp.zeros(self.shape, g.dtype)
        if not y.ndim:
            return y + g.sum()
        lead = (slice(None),) * self.axis
        span = (g.shape[self.axis] - 1) * self.step + 1
        for i in range(self.size):  # one strided addition for each place in the window
            y[(*lead, slice(i, i + span, self.step))] += g[..., i]
        return y

    def backward(self, xp, g):
        return (run(xp, Unfold(self.axis, self.size, self.step), g),)


class AsStrided(Op):
    """Any view of the storage: `root` makes the flat storage from the array, `where` the places of the array in it"""

    is_view = True

    def __init__(self, shape, strides, offset, flat):
        self.shape, self.strides, self.offset, self.flat = shape, strides, offset, flat

    def forward(self, xp, x):
        root, start = self.flat(x)
        size = x.dtype.itemsize
        self.geometry = x.shape, tuple(s // size for s in x.strides), start, root.size
        return windows(root, self.shape, self.strides, start if self.offset is None else self.offset)

    def backward(self, xp, g):
        shape, strides, start, size = self.geometry
        out = (self.shape, self.strides, start if self.offset is None else self.offset)
        return (run(xp, Restride(out, (shape, strides, start), size), g),)


class Restride(Op):
    """Elements put at one set of places in an empty storage, where they add up, and read at another"""

    def __init__(self, there, here, size, counted=None):
        self.there, self.here, self.size = there, here, size
        self.counted = here if counted is None else counted

    def forward(self, xp, g):
        places = xp.arange(self.size)
        held = xp.bincount(windows(places, *self.there).ravel(), weights=g.ravel(), minlength=self.size)
        # A place that the viewed array itself holds more than once shares the gradient among its holders.
        shared = xp.bincount(windows(places, *self.counted).ravel(), minlength=self.size)
        return (held / xp.maximum(shared, 1))[windows(places, *self.here)].astype(g.dtype)

    def backward(self, xp, g):
        return (run(xp, Restride(self.here, self.there, self.size, self.counted), g),)


def windows(root, shape, strides, offset):
    """A view of flat memory with strides and offset counted in elements."""
    size = root.dtype.itemsize
    return backend.window(root, tuple(shape), tuple(s * size for s in strides), offset * size)
