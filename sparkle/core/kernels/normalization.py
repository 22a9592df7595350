"""Normalisation on the CPU as compiled loops in threads: one pass over the data for the moments, one for the result.

Layer norm works on rows, with a weight for each element along them. Batch, group and instance norm work on cells, the
channels of each sample, which lie side by side in memory ("rows", NCHW) or in columns (channels last): loops give the
moments of the cells, a few NumPy calls join cells to groups or batches, and loops scale the cells.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy

from ..ops.nn.norm import Affine, Normalize, RmsNorm
from .compiling import loops
from .crew import shared
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


def shared_out(loop: Any, arguments: tuple[Any, ...], count: int, elements: int) -> None:
    """loop(*arguments, start, stop) for `count` items of so many elements each."""
    shared(loop, arguments, count, elements, 1)


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
        shared_out(loop, (matrix, w, b, op.eps, self.centred, to, mean, scale), rows, n)
        shape = [1 if i in op.axes else size for i, size in enumerate(x.shape)]
        self.mean, op.scale, op.count = mean.reshape(shape), scale.reshape(shape), n
        return y

    def backward(self, g: Any, mean: Any) -> tuple[Any, ...]:
        """The gradients in x, w and b, as far as they are needed."""
        op, x, (rows, n) = self.op, self.matrix, self.matrix.shape
        weighted, length = True in op.needs[1:], max(CHUNK // n, 1)
        dx = numpy.empty_like(op.x) if op.needs[0] else None
        to = x[:0] if dx is None else dx.reshape(rows, n)
        count = -(-rows // length)
        parts = numpy.empty((2, count, n if weighted else 0), x.dtype)
        given = x, vector(op.w, 1, n, x), mean, op.scale.reshape(-1), self.centred, g.reshape(rows, n), to, *parts
        loop = loops("normalization_loops").normalize_rows_backward
        shared_out(loop, (*given, length), count, length * n)
        dw, db = parts.sum(axis=1, dtype=numpy.float64).astype(x.dtype) if weighted else (None, None)
        return dx, dw, db


class Cells:
    """Where the cells of an array (n, c, ...) lie: the channels of its samples, of `size` elements each.

    groups: how many groups of channels share their moments; 0 where the channels of all samples do (batch norm).
    """

    def __init__(self, shape: tuple[int, ...], groups: int, across: bool) -> None:
        self.n, self.c, self.size = shape[0], shape[1], math.prod(shape[2:])
        self.groups, self.across = groups, across
        self.samples = self.n if groups else 1  # that have moments of their own
        self.form = self.samples, groups or self.c  # of the moments
        rows = self.n * self.size // self.samples
        self.fold = fold_of(rows, self.c) if across else 1
        self.rows = rows // self.fold if across else self.size  # that make the moments below
        self.order = (0, *range(2, len(shape)), 1)
        self.matrix: tuple[int, ...]
        self.matrix = (self.samples, self.rows, self.c * self.fold) if across else (self.n * self.c, self.size)
        self.length = chunk_of(self.matrix[-1]) if across else self.size  # of the parts that are summed
        self.parts = -(-self.rows // self.length) if across else 1

    def arranged(self, x: Any) -> Any:
        """x as rows, or as columns (samples, rows, n): few columns are taken as several times as many, half as long."""
        return (x.transpose(self.order) if self.across else x).reshape(self.matrix)

    def over_parts(self, name: str, *arrays: Any) -> Any:
        """Two results, (samples, parts, n) each, of the loop of that name."""
        if not self.across:
            results = numpy.empty((2, self.n, 1, self.c))
            flat, loop = results.reshape(2, -1), getattr(loops("normalization_loops"), f"{name}_of_rows")
            shared_out(loop, (*arrays, *flat), self.n * self.c, self.size)
            return results
        length, n = self.length, self.matrix[2]
        results, loop = (
            numpy.empty((2, self.samples, self.parts, n)),
            getattr(loops("normalization_loops"), f"{name}_of_columns"),
        )
        shared_out(loop, (*arrays, length, *results), self.samples * self.parts, length * n)
        return results

    def over(self, name: str, *arrays: Any) -> None:
        """The loop of that name over all rows; the last array is written to."""
        loop = getattr(loops("normalization_loops"), f"{name}_{'columns' if self.across else 'rows'}")
        count = math.prod(self.matrix[:-1])
        shared_out(loop, arrays, count, self.matrix[-1])

    def numbers(self, count: int, dtype: Any) -> Any:
        """Room for `count` numbers for each cell that differs from others."""
        return numpy.empty((count, self.samples, self.c * self.fold), dtype)


@functools.lru_cache(maxsize=256)
def cells_of(shape: tuple[int, ...], axes: tuple[int, ...], affine: tuple[int, ...], groups: Any, across: bool) -> Any:
    """The cells over which an op with these attributes normalises; None where it is about something else."""
    inner, c = tuple(range(2, len(affine))), shape[1]
    fits = affine == (1, c, *(1,) * (len(shape) - 2)) and axes in (inner, (0, *inner))
    if not (fits or groups) or 0 in shape or (not across and math.prod(shape[2:]) == 1):
        return None
    return Cells(shape, 0 if axes[0] == 0 else groups or c, across)


def cells_in(x: Any, axes: tuple[int, ...], affine: tuple[int, ...], groups: Any) -> Any:
    """The cells of x; None where it lies in memory neither as (n, c, ...) nor with the channels last."""
    if x.ndim < 2 or not axes:
        return None
    rows = x.flags.c_contiguous
    across = math.prod(x.shape[2:]) == 1 or not rows
    if across and not x.transpose(0, *range(2, x.ndim), 1).flags.c_contiguous:
        return None
    return cells_of(x.shape, axes, affine, groups, across)


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
        cells = None if along else cells_in(x, op.axes, op.affine, op.groups)
        if not (x.flags.c_contiguous and x.size if along else cells):
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
            return op.backward(xp, g)  # type: ignore[no-any-return]
        g = in_order_of(x, g)
        if weights_along_rows(op, x):
            dx, dw, db = Rows(op, x, True).backward(g, op.mean.reshape(-1))
        else:
            dx, dw, db = gradients(op, cells_in(x, op.axes, op.affine, op.groups), g)
        if len(op.form or ()) > 1:
            dw, db = (d if d is None else d.reshape(op.form) for d in (dw, db))
        return dx, dw if op.needs[1] else None, db if op.needs[2] else None


def scaled(op: Any, cells: Cells, x: Any, w: Any, b: Any) -> tuple[Any, ...]:
    """The result with the moments of the cells taken out; mean and scale in shapes that broadcast against x."""
    matrix, y, dtype = cells.arranged(x), numpy.empty_like(x), x.dtype
    w, b = vector(w, 1, cells.c, x), vector(b, 0, cells.c, x)
    mean, var, scale = numpy.empty((3, *cells.form), dtype)
    numbers = cells.numbers(2, dtype)
    parts = cells.over_parts("moments", matrix)
    join = loops("normalization_loops").join_moments
    join(*parts, cells.length, cells.rows, cells.groups, op.eps, w, mean, var, scale, *numbers)
    shift = numpy.tile(b, cells.fold) if cells.fold > 1 else b
    cells.over("scale", matrix, *(numbers if cells.across else numbers.reshape(2, -1)), shift, cells.arranged(y))
    op.count = x.size // mean.size
    shape = [*cells.form, *(1,) * (len(op.affine) - 2)]
    if op.keep:
        op.statistics = mean.reshape(shape), var.reshape(shape)
    return y, mean.reshape(shape), scale.reshape(shape)


def gradients(op: Any, cells: Cells, g: Any) -> tuple[Any, ...]:
    """The gradients in x, w and b."""
    x, given, dtype = cells.arranged(op.x), cells.arranged(g), g.dtype
    w, scale = vector(op.w, 1, cells.c, g), op.scale.reshape(cells.form)
    mean = numpy.repeat(op.mean.reshape(cells.form), cells.c // cells.form[1], axis=1)
    mean = numpy.tile(mean, cells.fold) if cells.across else mean.reshape(-1)
    level, along = cells.over_parts("sums", x, given, mean)
    dw, db = numpy.empty((2, cells.c), dtype)
    numbers = cells.numbers(3, dtype)
    loops("normalization_loops").join_sums(level, along, cells.groups, op.count, w, scale, dw, db, *numbers)
    if not op.needs[0]:
        return None, dw, db
    dx = numpy.empty_like(op.x)
    cells.over("combine", x, given, mean, *(numbers if cells.across else numbers.reshape(3, -1)), cells.arranged(dx))
    return dx, dw, db


@register(Affine)
class AffineKernel:
    """Batch norm in evaluation: one pass"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any, mean: Any, var: Any) -> Any:
        """The result; NotImplemented for small arrays and other types and memory orders."""
        if x.dtype not in TYPES or compiled(x.size) is None or mean.dtype != x.dtype:
            return NotImplemented
        cells = cells_in(x, (0, *range(2, x.ndim)), op.affine, None)
        if cells is None:
            return NotImplemented
        y, scale = numpy.empty_like(x), 1 / numpy.sqrt(var + op.eps)
        numbers = mean, scale if w is None else scale * w, vector(b, 0, cells.c, x)
        middle, factor, shift = (numpy.tile(v, cells.fold).astype(x.dtype, copy=False) for v in numbers)
        form = (1, -1) if cells.across else (-1,)
        cells.over("scale", cells.arranged(x), middle.reshape(form), factor.reshape(form), shift, cells.arranged(y))
        shape = op.affine
        if op.needs[0]:
            op.w, op.scale = w, scale.reshape(shape)
        if op.needs[1]:
            op.x, op.mean, op.scale = x, mean.reshape(shape), scale.reshape(shape)
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """The op's own."""
        return op.backward(xp, g)  # type: ignore[no-any-return]


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
