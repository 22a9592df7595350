"""Sampling along one axis at weighted positions, and images taken apart into windows and put together again."""

from __future__ import annotations

import math

from ...autograd.op import Op, run


class Resample(Op):
    """y_i = sum_k weights[i, k] x[positions[i, k]] along one axis"""

    def __init__(self, positions, weights, axis):
        self.taps, self.axis = (positions, weights), axis

    def forward(self, xp, x):
        self.length = x.shape[self.axis]
        positions, weights = self.taps
        shape = [1] * x.ndim
        shape[self.axis] = -1
        y = None
        for k in range(positions.shape[1]):
            part = xp.take(x, xp.asarray(positions[:, k]), axis=self.axis)
            part *= xp.asarray(weights[:, k], x.dtype).reshape(shape)
            y = part if y is None else xp.add(y, part, out=y)
        return y

    def backward(self, xp, g):
        return (run(xp, Spread(*self.taps, self.axis, self.length), g),)


class Spread(Op):
    """The transpose of `Resample`: y[positions[i, k]] gathers weights[i, k] x_i"""

    def __init__(self, positions, weights, axis, length):
        self.taps, self.axis, self.length = (positions, weights), axis, length

    def forward(self, xp, x):
        positions, weights = (xp.asarray(a) for a in self.taps)
        matrix = xp.zeros((len(positions), self.length), x.dtype)
        rows = xp.arange(len(positions))
        for k in range(positions.shape[1]):  # one tap at a time, so that no place is named twice
            matrix[rows, positions[:, k]] += weights[:, k].astype(x.dtype)
        return xp.ascontiguousarray(xp.moveaxis(xp.moveaxis(x, self.axis, -1) @ matrix, -1, self.axis))

    def backward(self, xp, h):
        return (run(xp, Resample(*self.taps, self.axis), h),)


class Unfold(Op):
    """(n, c, *size) to (n, c k, windows): for each window the k elements it covers, 0 in the padding"""

    def __init__(self, windows):
        self.windows = windows

    def forward(self, xp, x):
        self.size, out = x.shape[2:], self.windows.out(x.shape[2:])
        n, c = x.shape[:2]
        y = xp.zeros((n, c, math.prod(self.windows.kernel), *out), x.dtype)
        for number, to, at in self.windows.points(self.size, out):
            y[:, :, number][to] = x[at]
        return y.reshape(n, c * y.shape[2], math.prod(out))

    def backward(self, xp, g):
        return (run(xp, Fold(self.windows, self.size), g),)


class Fold(Op):
    """(n, c k, windows) to (n, c, *size): elements back where `Unfold` found them, added up where windows overlap"""

    def __init__(self, windows, size):
        self.windows, self.size = windows, size

    def forward(self, xp, x):
        out, k = self.windows.out(self.size), math.prod(self.windows.kernel)
        n, c = x.shape[0], x.shape[1] // k
        parts = x.reshape(n, c, k, *out)
        y = xp.zeros((n, c, *self.size), x.dtype)
        for number, to, at in self.windows.points(self.size, out):
            y[at] += parts[:, :, number][to]
        return y

    def backward(self, xp, h):
        return (run(xp, Unfold(self.windows), h),)
