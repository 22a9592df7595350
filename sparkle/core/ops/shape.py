"""Ops that move, view or convert elements without changing their values."""

from __future__ import annotations

from ..autograd.op import Op, run, sum_to


class Cast(Op):
    """The same numbers in another type"""

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
    """A copy that keeps the layout"""

    def forward(self, xp, x):
        return x.copy(order="K")

    def backward(self, xp, g):
        return (g,)


class View(Op):
    """The same memory in another shape"""

    is_view = True

    def __init__(self, shape):
        self.shape = shape

    def forward(self, xp, x):
        self.before = x.shape
        return x.reshape(self.shape)

    def backward(self, xp, g):
        return (xp.reshape(g, self.before),)


class Reshape(View):
    """The same elements in another shape, copied"""

    is_view = False


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


class T(Transpose):
    """The axes of a matrix change places"""

    def __init__(self):
        super().__init__(0, 1)


class Expand(Op):
    """Axes of size one repeated without copying"""

    is_view = True

    def __init__(self, shape):
        self.shape = shape

    def forward(self, xp, x):
        self.before = x.shape
        return xp.broadcast_to(x, self.shape)

    def backward(self, xp, g):
        return (sum_to(xp, g, self.before),)
