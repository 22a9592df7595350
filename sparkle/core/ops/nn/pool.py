"""Pooling over windows, in any number of dims. The kernel's points are gone through one by one, for all windows."""

from __future__ import annotations

import itertools
import math

from ...autograd.op import CONSTANT, RESULT, Op, run
from ...dtypes import FLOATS


class Windows:
    """Where the windows lie: kernel, stride, padding on both sides, dilation, and is the output's size rounded up?"""

    def __init__(self, kernel, stride, padding, dilation, ceil_mode=False):
        self.kernel, self.stride, self.padding, self.dilation, self.ceil_mode = (
            kernel,
            stride,
            padding,
            dilation,
            ceil_mode,
        )

    def out(self, size):
        """The number of windows per dim; with ceil_mode none starts outside the input and its left padding."""
        counts = []
        for n, k, s, p, d in zip(size, self.kernel, self.stride, self.padding, self.dilation, strict=True):
            room = n + 2 * p - d * (k - 1) - 1
            count = (-(-room // s) if self.ceil_mode else room // s) + 1
            if self.ceil_mode and (count - 1) * s >= n + p:
                count -= 1
            counts.append(count)
        return tuple(counts)

    def whole(self, size):
        """Is there one window, of all elements?"""
        return tuple(self.kernel) == tuple(size) and not any(self.padding) and set(self.dilation) == {1}

    def points(self, size, out):
        """For each point of the kernel: its number, the windows in which it lies inside the input, and where."""
        dims = list(zip(size, out, self.stride, self.padding, self.dilation, strict=True))
        for number, point in enumerate(itertools.product(*map(range, self.kernel))):
            parts = [self._part(k, *dim) for k, dim in zip(point, dims, strict=True)]
            if None not in parts:
                yield number, (..., *[part[0] for part in parts]), (..., *[part[1] for part in parts])

    @staticmethod
    def _part(k, n, m, s, p, d):
        """The windows and the positions of one point of the kernel in one dim; None where all are outside."""
        shift = k * d - p
        begin, end = max(0, -(shift // s)), min(m, (n - 1 - shift) // s + 1)
        if end <= begin:
            return None
        return slice(begin, end), slice(begin * s + shift, (end - 1) * s + shift + 1, s)

    def areas(self, xp, size, out, dtype, count_padding):
        """How many elements each window covers, with or without the padding."""
        areas = xp.ones((), dtype)
        for n, m, k, s, p in zip(size, out, self.kernel, self.stride, self.padding, strict=True):
            begin = xp.arange(m) * s - p
            end = xp.minimum(begin + k, n + p)
            length = end - begin if count_padding else xp.minimum(end, n) - xp.maximum(begin, 0)
            areas = xp.expand_dims(areas, -1) * length
        return areas.astype(dtype)


def empty_like_layout(xp, x, out, value=None):
    """An array (n, c, *out) with the dims in memory in the order they have in x."""
    shape, dtype = (*x.shape[:2], *out), bool if value is True else x.dtype
    if x.flags.c_contiguous or x.strides[1] != min(x.strides):
        return xp.empty(shape, dtype) if value is None else xp.full(shape, value, dtype)
    shape = (shape[0], *out, shape[1])
    y = xp.empty(shape, dtype) if value is None else xp.full(shape, value, dtype)
    return xp.moveaxis(y, -1, 1)


class MaxPool(Op):
    """y = the largest x of each window; the first of equal ones gets the gradient"""

    saves = {"x": 0, "y": RESULT, "at": CONSTANT}

    def __init__(self, windows):
        self.windows = windows

    def forward(self, xp, x):
        size, out = x.shape[2:], self.windows.out(x.shape[2:])
        y = empty_like_layout(xp, x, out, -math.inf if x.dtype.kind in FLOATS else xp.iinfo(x.dtype).min)
        for _, to, at in self.windows.points(size, out):
            part = y[to]
            xp.maximum(part, x[at], out=part)
        if self.needs[0]:
            self.x, self.y = x, y
        return y

    def backward(self, xp, g):
        return (run(xp, ToLargest(self.windows), g, self.x, self.y),)

    def label(self):
        return "max_pool"


def first_largest(xp, windows, x, y):
    """For each point of the kernel: where it goes, where it lies, and the windows in which it is the one chosen."""
    free = empty_like_layout(xp, y, y.shape[2:], True)
    for number, to, at in windows.points(x.shape[2:], y.shape[2:]):
        part = free[to]
        chosen = part > (x[at] < y[to])
        part ^= chosen
        yield number, to, at, chosen


class ToLargest(Op):
    """dx of a max pool: g where the largest x of the window was"""

    saves = {"x": 1, "y": 2}

    def __init__(self, windows):
        self.windows = windows

    def forward(self, xp, g, x, y):
        self.x, self.y = x, y
        dx = xp.zeros_like(x)
        g, given = empty_like_layout(xp, x, y.shape[2:]), g
        g[...] = given
        for _, to, at, chosen in first_largest(xp, self.windows, x, y):
            dx[at] += g[to] * chosen
        return dx

    def backward(self, xp, h):
        return run(xp, FromLargest(self.windows), h, self.x, self.y), None, None


class FromLargest(Op):
    """h at the place of the largest x of each window"""

    saves = {"x": 1, "y": 2}

    def __init__(self, windows):
        self.windows = windows

    def forward(self, xp, h, x, y):
        self.x, self.y = x, y
        out = xp.zeros_like(y)
        for _, to, at, chosen in first_largest(xp, self.windows, x, y):
            out[to] += h[at] * chosen
        return out

    def backward(self, xp, g):
        return run(xp, ToLargest(self.windows), g, self.x, self.y), None, None


class MaxIndices(Op):
    """The place of the largest x of each window in the flattened input of its channel"""

    differentiable = False

    def __init__(self, windows):
        self.windows = windows

    def forward(self, xp, x, y):
        size = x.shape[2:]
        index = xp.zeros(y.shape, xp.int64)
        places = xp.arange(math.prod(size)).reshape(size)
        for _, to, at, chosen in first_largest(xp, self.windows, x, y):
            index[to] += places[at[1:]] * chosen
        return index


def channels_flat(x):
    """(n, c, ...) as (n, c, m), without elements too"""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


class Unpool(Op):
    """Zeros, with x at the given places of the flattened output of each channel"""

    saves = {"index": 1}

    def __init__(self, size):
        self.size = size

    def forward(self, xp, x, index):
        self.index = index
        n, c = x.shape[:2]
        y = xp.zeros((n, c, math.prod(self.size)), x.dtype)
        xp.put_along_axis(y, channels_flat(index), channels_flat(x), axis=-1)
        return y.reshape(n, c, *self.size)

    def backward(self, xp, g):
        return run(xp, AtPlaces(), g, self.index), None


class AtPlaces(Op):
    """x at the given places of each channel, flattened"""

    saves = {"index": 1}

    def forward(self, xp, x, index):
        self.index, self.size = index, x.shape[2:]
        return xp.take_along_axis(channels_flat(x), channels_flat(index), axis=-1).reshape(index.shape)

    def backward(self, xp, g):
        return run(xp, AddAtPlaces(self.size), g, self.index), None


class AddAtPlaces(Op):
    """Zeros, to which x is added at the given places of each channel, flattened; several x may meet in a place"""

    saves = {"index": 1}

    def __init__(self, size):
        self.size = size

    def forward(self, xp, x, index):
        self.index = index
        n, c = x.shape[:2]
        length = math.prod(self.size)
        flat = (index.reshape(n * c, math.prod(index.shape[2:])) + xp.arange(n * c)[:, None] * length).ravel()
        y = xp.bincount(flat, weights=x.ravel(), minlength=n * c * length)
        return y.astype(x.dtype).reshape(n, c, *self.size)

    def backward(self, xp, g):
        return run(xp, AtPlaces(), g, self.index), None


class AveragePool(Op):
    """The sum of each window over the number of elements it covers, or over the divisor"""

    def __init__(self, windows, count_padding, divisor):
        self.windows, self.count_padding, self.divisor = windows, count_padding, divisor

    def over(self, xp, size, out, dtype):
        """What to divide the sums by: a number where it is the same for all windows."""
        if self.divisor is not None:
            return self.divisor
        if not any(self.windows.padding) and not self.windows.ceil_mode:
            return math.prod(self.windows.kernel)
        return self.windows.areas(xp, size, out, dtype, self.count_padding)

    def forward(self, xp, x):
        self.size, out = x.shape[2:], self.windows.out(x.shape[2:])
        if self.windows.whole(self.size):
            y = x.sum(axis=tuple(range(2, x.ndim)), keepdims=True, dtype=x.dtype)
        else:
            y = empty_like_layout(xp, x, out, 0)
            for _, to, at in self.windows.points(self.size, out):
                y[to] += x[at]
        y /= self.over(xp, self.size, out, x.dtype)
        return y

    def backward(self, xp, g):
        return (run(xp, AverageSpread(self, self.size), g),)

    def label(self):
        return "avg_pool"


class AverageSpread(Op):
    """dx of an average pool: each element of a window gets its share of g"""

    def __init__(self, pool, size):
        self.pool, self.size = pool, size

    def forward(self, xp, g):
        share = g / self.pool.over(xp, self.size, g.shape[2:], g.dtype)
        if self.pool.windows.whole(self.size):
            dx = empty_like_layout(xp, g, self.size)
            dx[...] = share
            return dx
        dx = empty_like_layout(xp, g, self.size, 0)
        for _, to, at in self.pool.windows.points(self.size, g.shape[2:]):
            dx[at] += share[to]
        return dx

    def backward(self, xp, h):
        return (run(xp, self.pool.again(), h),)
