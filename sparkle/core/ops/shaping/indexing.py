"""Ops that read and write at positions given by arrays of integers.

A pattern says which axes the index arrays belong to: (None, 0, 1) is x[:, i, j]. Where the arrays stand side by side
their broadcast shape takes the place of these axes in the result, otherwise it comes first, as in NumPy and torch.
"""

from __future__ import annotations

from ...autograd.op import Op, run, sum_to
from ...backend import scatter_add
from .shape import Embed


def at(pattern, indices):
    """The index as NumPy takes it."""
    return tuple([slice(None) if k is None else indices[k] for k in pattern])


def flat_places(xp, pattern, shape, indices):
    """The places in flat memory of x[at(pattern, indices)] for an x of this shape.

    Adding at places of one axis is 4 to 7 times faster in NumPy than adding at several index arrays.
    """
    strides, following = [], 1
    for n in reversed(shape):
        strides.insert(0, following)
        following *= n
    rows, others = 0, []
    for axis, (n, stride) in enumerate(zip(shape, strides, strict=True)):
        k = pattern[axis] if axis < len(pattern) else None
        if k is None:
            others.append((axis, xp.arange(n) * stride))
        else:
            rows = rows + xp.where(indices[k] < 0, indices[k] + n, indices[k]) * stride
    taken = [axis for axis, k in enumerate(pattern) if k is not None]
    first = taken[0] if taken[-1] - taken[0] + 1 == len(taken) else 0
    before = sum(1 for axis, _ in others if axis < first)
    total = rows.reshape((1,) * before + rows.shape + (1,) * (len(others) - before))
    for j, (_, places) in enumerate(others):
        slot = j if j < before else j + rows.ndim
        total = total + places.reshape((1,) * slot + (-1,) + (1,) * (total.ndim - slot - 1))
    return total


def add_at(xp, y, pattern, indices, values):
    """y[index] += values, where places named twice get both; y has row-major memory."""
    places = flat_places(xp, pattern, y.shape, indices)
    scatter_add(xp, y.reshape(-1), places.reshape(-1), xp.broadcast_to(values, places.shape).reshape(-1))


class Placed(Op):
    """An op with index arrays, which come last among its inputs and are saved as i0, i1, ..."""

    first = 1  # the input number of the first index array

    def __init__(self, pattern):
        self.pattern = pattern
        self.saves = {f"i{k}": self.first + k for k in range(sum(p is not None for p in pattern))}

    def keep(self, indices):
        for name, array in zip(self.saves, indices, strict=True):
            setattr(self, name, array)

    def kept(self):
        return [getattr(self, name) for name in self.saves]


class Index(Placed):
    """x[i, j, ...]; `distinct` says that no place is named twice"""

    distinct = False

    def forward(self, xp, x, *indices):
        self.keep(indices)
        self.before = x.shape
        return x[at(self.pattern, indices)]

    def backward(self, xp, g):
        op = Deposit(self.pattern)
        op.before, op.distinct = self.before, self.distinct
        return (run(xp, op, g, *self.kept()), *[None] * len(self.saves))


class Deposit(Index):
    """Zeros with g added at [i, j, ...]"""

    def forward(self, xp, g, *indices):
        self.keep(indices)
        y = xp.zeros(self.before, g.dtype)
        if self.distinct:
            y[at(self.pattern, indices)] = g
        else:
            add_at(xp, y, self.pattern, indices, g)
        return y

    def backward(self, xp, g):
        op = Index(self.pattern)
        op.distinct = self.distinct
        return (run(xp, op, g, *self.kept()), *[None] * len(self.saves))


class IndexSelect(Index):
    """The positions of an axis that an array of integers names"""

    def __init__(self, axis):
        super().__init__((*[None] * axis, 0))

    def forward(self, xp, x, index):
        self.i0 = index
        self.before = x.shape
        return xp.take(x, index, len(self.pattern) - 1)


class IndexPut(Placed):
    """x with values at [i, j, ...], put or (accumulate) added; `here` writes into x itself"""

    first = 2
    here = False
    accumulate = False

    def forward(self, xp, x, values, *indices):
        self.keep(indices)
        self.given = getattr(values, "shape", ())
        y = x if self.here else x.copy()
        if not self.accumulate:
            y[at(self.pattern, indices)] = values
        elif y.flags.c_contiguous:
            add_at(xp, y, self.pattern, indices, values)
        else:
            scatter_add(xp, y, at(self.pattern, indices), values)
        return y

    def backward(self, xp, g):
        dx = dv = None
        if self.needs[0]:
            dx = g
            if not self.accumulate:
                clear = IndexPut(self.pattern)
                dx = run(xp, clear, g, 0, *self.kept())
        if self.needs[1]:
            dv = sum_to(xp, run(xp, Index(self.pattern), g, *self.kept()), self.given)
        return (dx, dv, *[None] * len(self.saves))

    def explain(self, error, *arrays):
        x, values, *indices = arrays
        wanted = x[at(self.pattern, indices)].shape
        return RuntimeError(
            f"index_put: shape mismatch: value tensor of shape {list(getattr(values, 'shape', ()))} cannot be "
            f"broadcast to indexing result of shape {list(wanted)}: {error}"
        )


def along(xp, axis, index):
    """The index arrays of gather: on this axis the places that `index` names, on the others its own."""
    grid = []
    for d, n in enumerate(index.shape):
        grid.append(index if d == axis else xp.arange(n).reshape((1,) * d + (-1,) + (1,) * (index.ndim - d - 1)))
    return tuple(grid)


class Gather(Op):
    """y[i, j, k] = x[i, index[i, j, k], k] for axis 1"""

    saves = {"index": 1}

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x, index):
        self.index = index
        self.before = x.shape
        return x[along(xp, self.axis, index)] if x.ndim else xp.broadcast_to(x, index.shape).copy()

    def backward(self, xp, g):
        return run(xp, Ungather(self.axis, self.before), g, self.index), None


class Ungather(Gather):
    """Zeros with g added where index names: the reverse of Gather"""

    def __init__(self, axis, shape):
        super().__init__(axis)
        self.before = shape

    def forward(self, xp, g, index):
        self.index = index
        y = xp.zeros(self.before, g.dtype)
        if not y.ndim:
            return y + g.sum()
        add_at(xp, y, tuple(range(y.ndim)), along(xp, self.axis, index), g)
        return y

    def backward(self, xp, g):
        return run(xp, Gather(self.axis), g, self.index), None


class Scatter(Op):
    """x with y[i, index[i, j, k], k] = values[i, j, k] for axis 1, put or added; `here` writes into x itself"""

    saves = {"index": 2}
    here = False
    accumulate = False

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x, values, index):
        self.index = index
        self.given = getattr(values, "shape", None)
        y = x if self.here else x.copy()
        if self.given:
            values = values[tuple([slice(n) for n in index.shape])]
        if not y.ndim:
            y[...] = y + xp.sum(xp.broadcast_to(values, index.shape)) if self.accumulate else values
        elif self.accumulate and y.flags.c_contiguous:
            add_at(xp, y, tuple(range(y.ndim)), along(xp, self.axis, index), values)
        elif self.accumulate:
            scatter_add(xp, y, along(xp, self.axis, index), values)
        else:
            y[along(xp, self.axis, index)] = values
        return y

    def backward(self, xp, g):
        dx = dv = None
        if self.needs[0]:
            dx = g if self.accumulate else run(xp, Scatter(self.axis), g, 0, self.index)
        if self.needs[1]:
            dv = run(xp, Gather(self.axis), g, self.index)
            if tuple(dv.shape) != tuple(self.given):
                corner = Embed(tuple([slice(n) for n in dv.shape]), self.given)
                dv = run(xp, corner, dv)
        return dx, dv, None


class MaskedFill(Op):
    """x with a value where the mask is true; `here` writes into x itself"""

    saves = {"mask": 2}
    here = False

    def forward(self, xp, x, value, mask):
        self.mask = mask
        self.before = x.shape
        if not self.here:
            return xp.where(mask, value, x)
        xp.copyto(x, value, where=mask)
        return x

    def backward(self, xp, g):
        dx = dv = None
        if self.needs[0]:
            dx = sum_to(xp, xp.where(self.mask, 0.0, g), self.before)
        if self.needs[1]:
            dv = xp.sum(xp.where(self.mask, g, 0.0))
        return dx, dv, None


class Overwrite(Op):
    """b, in a's memory"""

    def forward(self, xp, a, b):
        a[...] = b
        return a

    def backward(self, xp, g):
        return xp.zeros_like(g) if self.needs[0] else None, g if self.needs[1] else None

    def name(self):
        return "CopyBackwards"
