"""Normalisation on the CPU as compiled loops in threads: one pass over the data for the moments, one for the result.

Layer norm works on rows, with a weight for each element along them. Batch, group and instance norm work on cells, the
channels of each sample, which lie side by side in memory ("rows", NCHW) or in columns (channels last): loops give the
moments of the cells, a few NumPy calls join cells to groups or batches, and loops scale the cells.
"""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..ops.nn.norm import Normalize, RmsNorm
from .compiling import loops
from .crew import divided
from .registry import register

TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))
LARGE = 1 << 14  # elements
CHUNK = 1 << 14  # elements that make a partial sum of columns
WIDE = 64  # columns from which a row is long enough for vector instructions


def compiled(size: int) -> Any:
    """The loops; None for small arrays and without numba."""
    return loops("normalization_loops") if size >= LARGE else None


def weights_along_rows(op: Any, x: Any) -> bool:
    """Does op normalise over the last axes, with a weight for each element there, as layer norm does?"""
    outer = x.ndim - len(op.axes)
    return op.axes == tuple(range(outer, x.ndim)) and op.affine == (1,) * outer + x.shape[outer:]


def vector(v: Any, value: int, n: int, like: Any) -> Any:
    """v as a vector of n, or n times the value for None."""
    return numpy.full(n, value, like.dtype) if v is None else numpy.ascontiguousarray(v).reshape(n)


def in_order_of(x: Any, g: Any) -> Any:
    """g in the memory order of x."""
    like = numpy.empty_like(x)
    if g.strides != like.strides:
        like[...] = g
        return like
    return g


class Rows:
    """Layer norm, and RMS norm as one without a mean."""

    def __init__(self, op: Any, x: Any, centred: bool) -> None:
        self.op, self.centred = op, centred
        self.matrix = x.reshape(-1, math.prod(x.shape[axis] for axis in op.axes))

    def forward(self, x: Any, w: Any, b: Any) -> Any:
        """The result; the rows' means and scales are left in the op."""
        op, matrix, y = self.op, self.matrix, numpy.empty_like(x)
        rows, n = matrix.shape
        loop, to = loops("normalization_loops").normalize_rows, y.reshape(rows, n)
        w, b = vector(w, 1, n, x), vector(b, 0, n, x)
        mean, scale = numpy.empty(rows, x.dtype), numpy.empty(rows, x.dtype)
        eps, centred = op.eps, self.centred
        divided(lambda i, j: loop(matrix, w, b, eps, centred, to, mean, scale, i, j), rows, n, 1)
        shape = [1 if i in op.axes else size for i, size in enumerate(x.shape)]
        self.mean, op.scale, op.count = mean.reshape(shape), scale.reshape(shape), n
        return y

    def backward(self, g: Any, mean: Any) -> tuple[Any, ...]:
        """The gradients in x, w and b, as far as they are needed."""
        op, x, (rows, n) = self.op, self.matrix, self.matrix.shape
        g, scale, loop = g.reshape(rows, n), op.scale.reshape(-1), loops("normalization_loops")
        w, centred = vector(op.w, 1, n, x), self.centred
        dx = dw = db = None
        if op.needs[0]:
            dx = numpy.empty_like(op.x)
            to = dx.reshape(rows, n)
            divided(lambda i, j: loop.normalize_rows_backward(x, w, mean, scale, centred, g, to, i, j), rows, n, 1)
        if True in op.needs[1:]:
            length = max(CHUNK // n, 1)
            count = -(-rows // length)
            parts = numpy.empty((2, count, n), x.dtype)
            divided(lambda i, j: loop.weights_of_rows(x, mean, scale, g, *parts, length, i, j), count, length * n, 1)
            dw, db = parts.sum(axis=1, dtype=numpy.float64).astype(x.dtype)
        return dx, dw, db


class Cells:
    """Where the cells of x lie: n samples of c channels of `size` elements each, over which op normalises.

    groups: the cells of how many groups of channels share their moments; 0 where all samples do (batch norm).
    """

    def __init__(self, op: Any, x: Any) -> None:
        lead = 3 if len(op.affine) > 2 and op.affine[2] != 1 else 2
        n, channels = x.shape[0], x.shape[1:lead]
        self.lead, self.n, self.c, self.size = lead, n, math.prod(channels), math.prod(x.shape[lead:])
        self.groups = 0 if op.axes[0] == 0 else x.shape[1]
        axes = (0, *range(2, x.ndim)) if lead == 2 and self.groups == 0 else tuple(range(2, x.ndim))
        self.fit = op.axes == axes and op.affine == (1, *channels, *(1,) * (x.ndim - lead)) and x.size > 0
        last = self.channels_last(x).flags.c_contiguous
        self.across = last and (self.size == 1 or not x.flags.c_contiguous)
        self.fit &= self.across or (x.flags.c_contiguous and self.size > 1)
        self.samples = n if self.groups else 1  # that have moments of their own, of columns
        self.rows = n * self.size // self.samples
        self.fold = fold_of(self.rows, self.c) if self.across else 1
        self.count = self.size if not self.across else self.rows // self.fold  # elements of each moment below

    def channels_last(self, x: Any) -> Any:
        """x with its channels in the last dims."""
        return x.transpose(0, *range(self.lead, x.ndim), *range(1, self.lead))

    def arranged(self, x: Any) -> Any:
        """x as rows, or as columns (samples, rows, n): few columns are taken as several times as many, half as long."""
        if self.across:
            return self.channels_last(x).reshape(self.samples, self.rows // self.fold, self.c * self.fold)
        return x.reshape(self.n * self.c, self.size)

    def moments(self, x: Any) -> tuple[Any, Any]:
        """The mean of each cell and its sum of squared distances from it, (samples, folds, c), in float64."""
        loop = loops("normalization_loops")
        if not self.across:
            mean, spread = numpy.empty((2, len(x)))
            divided(lambda i, j: loop.moments_of_rows(x, mean, spread, i, j), len(x), x.shape[1], 1)
            return mean.reshape(self.n, 1, self.c), spread.reshape(self.n, 1, self.c)
        samples, rows, n = x.shape
        length = chunk_of(n)
        parts = numpy.empty((2, samples, -(-rows // length), n))
        divided(lambda i, j: loop.moments_of_columns(x, length, *parts, i, j), samples * parts.shape[2], length * n, 1)
        mean, spread = numpy.empty((2, samples, n))
        loop.join_chunks(*parts, length, rows, mean, spread)
        return mean.reshape(samples, self.fold, self.c), spread.reshape(samples, self.fold, self.c)

    def sums(self, x: Any, g: Any, mean: Any) -> tuple[Any, Any]:
        """The sums of g and of g (x - mean) of each cell, (samples, c), in float64."""
        loop = loops("normalization_loops")
        if not self.across:
            level, along = numpy.empty((2, len(x)))
            mean = self.each(mean)
            divided(lambda i, j: loop.sums_of_rows(x, g, mean, level, along, i, j), len(x), x.shape[1], 1)
            return level.reshape(self.n, self.c), along.reshape(self.n, self.c)
        samples, rows, n = x.shape
        length, mean = chunk_of(n), self.each(mean)
        parts = numpy.empty((2, samples, -(-rows // length), n))
        divided(
            lambda i, j: loop.sums_of_columns(x, g, mean, length, *parts, i, j),
            samples * parts.shape[2],
            length * n,
            1,
        )
        level, along = parts.reshape(2, samples, -1, self.c).sum(axis=2)
        return level, along

    def joined(self, mean: Any, spread: Any) -> tuple[Any, Any]:
        """Mean and variance of each group, (samples, groups), or of each channel of all samples, (1, c)."""
        axes: Any = (0, 1)
        if self.groups:
            mean, spread = (a.reshape(self.n, -1, self.groups, self.c // self.groups) for a in (mean, spread))
            axes = (1, 3)
        shared = mean.mean(axis=axes, keepdims=True)
        away = mean - shared
        total = spread.sum(axis=axes) + self.count * (away * away).sum(axis=axes)
        number = self.count * (mean.size // shared.size)
        form = (self.n, self.groups) if self.groups else (1, self.c)
        return shared.reshape(form), (total / number).reshape(form)

    def of_channels(self, v: Any) -> Any:
        """What belongs to groups, (samples, groups), for each of their channels; what belongs to channels as it is."""
        if not self.groups or self.groups == self.c:
            return v
        return numpy.repeat(v, self.c // self.groups, axis=1)

    def each(self, v: Any) -> Any:
        """Numbers of channels, (samples, c), as the loops take them."""
        if not self.across:
            return numpy.ascontiguousarray(v).reshape(-1)
        return numpy.tile(v, (1, self.fold)) if self.fold > 1 else numpy.ascontiguousarray(v)

    def over(self, loop: Any, x: Any) -> None:
        """loop(start, stop) over all rows of x."""
        divided(loop, x.size // x.shape[-1], x.shape[-1], 1)


def fold_of(rows: int, n: int) -> int:
    """How many rows of few columns to take as one."""
    fold = 1
    while n * fold < WIDE and rows % (2 * fold) == 0:
        fold *= 2
    return fold


def chunk_of(n: int) -> int:
    """How many rows of n columns make a partial sum: whole blocks of 64."""
    return max(CHUNK // (64 * n), 1) * 64


@register(Normalize)
class NormalizeKernel:
    """Batch, group, instance and layer norm."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any) -> Any:
        """The result; NotImplemented for small arrays and other types and memory orders."""
        if x.dtype not in TYPES or compiled(x.size) is None:
            return NotImplemented
        along = weights_along_rows(op, x)
        cells = None if along else Cells(op, x)
        if not (x.flags.c_contiguous and x.size if cells is None else cells.fit):
            return NotImplemented
        if cells is None:
            rows = Rows(op, x, True)
            y, mean, scale = rows.forward(x, w, b), rows.mean, op.scale
            if op.keep:
                op.statistics = mean, scale**-2 - op.eps
        else:
            y, mean, scale = scaled(op, cells, x, w, b)
        op.scale = None
        if op.needs[0] or op.needs[1]:
            op.x, op.w, op.mean, op.scale = x, w, mean, scale
        op.form = None if w is None and b is None else (b if w is None else w).shape
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """The gradients as far as they are needed."""
        x = op.x
        if x is None or g.dtype != x.dtype:
            return op.backward(xp, g)
        g = in_order_of(x, g)
        if weights_along_rows(op, x):
            dx, dw, db = Rows(op, x, True).backward(g, op.mean.reshape(-1))
        else:
            dx, dw, db = gradients(op, Cells(op, x), g)
        if len(op.form or ()) > 1:
            dw, db = (d if d is None else d.reshape(op.form) for d in (dw, db))
        return dx, dw if op.needs[1] else None, db if op.needs[2] else None


def scaled(op: Any, cells: Cells, x: Any, w: Any, b: Any) -> tuple[Any, ...]:
    """The result with the moments of the cells taken out; mean and scale in shapes that broadcast against x."""
    matrix = cells.arranged(x)
    mean, var = cells.joined(*cells.moments(matrix))
    op.count = x.size // mean.size
    shape = [1 if i in op.axes else size for i, size in enumerate(x.shape)]
    if op.keep:
        op.statistics = mean.astype(x.dtype).reshape(shape), var.astype(x.dtype).reshape(shape)
    scale = (1 / numpy.sqrt(var + op.eps)).astype(x.dtype)
    mean = mean.astype(x.dtype)
    factor = cells.of_channels(scale)
    factor = cells.each(factor if w is None else factor * w.reshape(1, -1))
    shift, middle = vector(b, 0, cells.c, x), cells.each(cells.of_channels(mean))
    shift = numpy.tile(shift, cells.fold) if cells.fold > 1 else shift
    y = numpy.empty_like(x)
    to, loop = cells.arranged(y), loops("normalization_loops")
    run = loop.scale_columns if cells.across else loop.scale_rows
    cells.over(lambda i, j: run(matrix, middle, factor, shift, to, i, j), matrix)
    return y, mean.reshape(shape), scale.reshape(shape)


def gradients(op: Any, cells: Cells, g: Any) -> tuple[Any, ...]:
    """The gradients in x, w and b."""
    x, given = cells.arranged(op.x), cells.arranged(g)
    form = (cells.n, cells.groups) if cells.groups else (1, cells.c)
    scale, mean = op.scale.reshape(form), cells.of_channels(op.mean.reshape(form))
    level, along = cells.sums(x, given, mean)
    factor = cells.of_channels(scale).astype(numpy.float64)
    dtype = g.dtype
    dw, db = (along * factor).sum(axis=0).astype(dtype), level.sum(axis=0).astype(dtype)
    if not op.needs[0]:
        return None, dw, db
    w = 1 if op.w is None else op.w.reshape(1, -1)
    level, along = (cells.of_channels(shared(cells, s * w) / op.count) for s in (level, along))
    a, b, c = (cells.each(v.astype(dtype)) for v in (factor * w, -along * factor**3, -level * factor))
    dx, middle = numpy.empty_like(op.x), cells.each(mean)
    to, loop = cells.arranged(dx), loops("normalization_loops")
    run = loop.combine_columns if cells.across else loop.combine_rows
    cells.over(lambda i, j: run(x, given, middle, a, b, c, to, i, j), x)
    return dx, dw, db


def shared(cells: Cells, sums: Any) -> Any:
    """The sums of cells, (samples, c), over those that share their moments."""
    if not cells.groups:
        return sums.sum(axis=0, keepdims=True)
    return sums.reshape(cells.n, cells.groups, -1).sum(axis=2)


@register(RmsNorm)
class RmsNormKernel:
    """RMS norm of rows"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any) -> Any:
        """The result; NotImplemented for small arrays and other types and memory orders."""
        if x.dtype not in TYPES or compiled(x.size) is None or not x.flags.c_contiguous:
            return NotImplemented
        y = Rows(op, x, False).forward(x, w, None)
        if op.needs[0] or op.needs[1]:
            op.x, op.w = x, w
        else:
            op.scale = None
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """The gradients as far as they are needed."""
        x = op.x
        if g.dtype != x.dtype:
            return op.backward(xp, g)
        mean = numpy.zeros(op.scale.size, x.dtype)
        dx, dw, _ = Rows(op, x, False).backward(in_order_of(x, g), mean)
        return dx, dw.reshape(op.w.shape) if op.needs[1] else None
