"""Elements at given places of an axis, and back: the gradient of everything that picks or orders elements."""

from __future__ import annotations

from ...autograd.op import CONSTANT, Op, run
from ...backend import scatter_add
from ...dtypes import FLOATS
from .reduction import Max


def along(xp, index, axis):
    """The index of an axis, with the other axes' own numbers, as a tuple to index an array with."""
    places = []
    for i, n in enumerate(index.shape):
        places.append(index if i == axis else xp.arange(n).reshape([n if j == i else 1 for j in range(index.ndim)]))
    return tuple(places)


class TakeAlong(Op):
    """x at index along an axis; squeeze: without that axis, of size 1; distinct: the index names no place twice;
    called: the function that users called"""

    saves = {"index": CONSTANT}

    def __init__(self, index, axis, distinct=True, squeeze=False, called="gather"):
        self.index, self.axis, self.distinct, self.squeeze, self.called = index, axis, distinct, squeeze, called

    def name(self):
        return f"{self.called.capitalize()}Backward{int('median' in self.called)}"

    def forward(self, xp, x):
        self.size = x.shape[self.axis]
        y = x[along(xp, self.index, self.axis)]
        return y.squeeze(self.axis) if self.squeeze else y

    def backward(self, xp, g):
        g = xp.reshape(g, self.index.shape)
        return (run(xp, PutAlong(getattr(self.index, "array", self.index), self.axis, self.size, self.distinct), g),)


class PutAlong(Op):
    """Zeros with g added at index along an axis of the given size"""

    saves = {"index": CONSTANT}

    def __init__(self, index, axis, size, distinct):
        self.index, self.axis, self.size, self.distinct = index, axis, size, distinct

    def forward(self, xp, g):
        shape = list(g.shape)
        shape[self.axis] = self.size
        out = xp.zeros(shape, dtype=g.dtype)
        places = along(xp, self.index, self.axis)
        if self.distinct:
            out[places] = g
        else:
            scatter_add(xp, out, places, g)
        return out

    def backward(self, xp, g):
        return (run(xp, TakeAlong(getattr(self.index, "array", self.index), self.axis, self.distinct), g),)


def ordered(xp, x, axis, descending):
    """The index that sorts x along an axis; equal elements keep their order, nan counts as the largest."""
    if not descending:
        return xp.argsort(x, axis=axis, kind="stable")
    back = xp.flip(xp.argsort(xp.flip(x, axis), axis=axis, kind="stable"), axis)
    return x.shape[axis] - 1 - back


def top(xp, x, k, axis, largest):
    """The index of the k largest (smallest) along an axis, in order; nan counts as the largest."""
    n = x.shape[axis]
    if k in (0, n) or n <= 16:
        index = ordered(xp, x, axis, largest)
        return index[(slice(None),) * axis + (slice(0, k),)]
    cut = xp.argpartition(x, n - k if largest else k - 1, axis=axis)
    part = slice(n - k, n) if largest else slice(0, k)
    index = xp.sort(cut[(slice(None),) * axis + (part,)], axis=axis)
    return xp.take_along_axis(index, ordered(xp, xp.take_along_axis(x, index, axis), axis, largest), axis)


def kth(xp, x, k, axis):
    """The index, of size 1 along the axis, of the element at place k in ascending order."""
    index = xp.argpartition(x, k, axis=axis)
    return index[(slice(None),) * axis + (slice(k, k + 1),)]


def bisected(xp, rows, values, right):
    """Where values go into the ascending last axis of rows; nan lies behind everything, wherever it stands."""
    before = xp.less_equal if right else xp.less
    first = xp.zeros(values.shape, dtype="int64")
    last = xp.full(values.shape, rows.shape[-1], dtype="int64")
    behind = values != values
    for _ in range(rows.shape[-1].bit_length()):
        middle = (first + last) // 2
        met = xp.take_along_axis(rows, xp.minimum(middle, rows.shape[-1] - 1), -1)
        late = before(met, values) | (met != met) | behind
        searching = first < last
        first = xp.where(searching & late, middle + 1, first)
        last = xp.where(searching & ~late, middle, last)
    return first


def middle(xp, x, axis, skip_nan):
    """The index of the median, the lower of two, along an axis: of nan where there is one, unless these are skipped."""
    if x.dtype.kind not in FLOATS or not (x != x).any():
        return kth(xp, x, (x.shape[axis] - 1) // 2, axis)
    index = ordered(xp, x, axis, False)
    n, missing = x.shape[axis], (x != x).sum(axis=axis, keepdims=True)
    places = xp.maximum(n - missing - 1, 0) // 2 if skip_nan else xp.where(missing > 0, n - missing, (n - 1) // 2)
    return xp.take_along_axis(index, places, axis)


class Median(Max):
    """The median of all elements, the lower of two; elements that are equal to it share the gradient"""

    def __init__(self, skip_nan):
        super().__init__()
        self.skip_nan = skip_nan

    def forward(self, xp, x):
        self.x = x
        flat = x.reshape(-1)
        if not x.size:  # there is no median: nan, or the smallest integer
            return xp.full((), xp.nan if x.dtype.kind in FLOATS else xp.iinfo(x.dtype).min, dtype=x.dtype)
        self.y = y = flat[middle(xp, flat, 0, self.skip_nan)].reshape(())
        return y
