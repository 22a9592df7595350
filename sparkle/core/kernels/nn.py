"""Faster bodies of normalisation, cross entropy and embedding on the CPU, compiled by numba where it is installed."""

from __future__ import annotations

import functools
import importlib
import os
from typing import Any

import numpy

from ..ops.nn.embedding import Embedding
from ..ops.nn.loss import CrossEntropy
from ..ops.nn.norm import Normalize
from .registry import register

# Loading numba takes longer than small arrays could repay. Size alone decides, not what the process did before: the
# loops add up in another order, and a run that is resumed must take the same way as one that was never stopped.
LARGE = 1 << 16  # elements
TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


@functools.cache
def _compiled(module: str = ".nn_loops") -> Any:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle OpenMP threads of other kernels would starve BLAS
    try:
        return importlib.import_module(module, __package__)
    except ImportError:
        return None


def loops(size: int, module: str = ".nn_loops", least: int | None = None) -> Any:
    """The compiled loops of a module; None for arrays of fewer than `least` elements (LARGE) and without numba."""
    return _compiled(module) if size >= (LARGE if least is None else least) else None


def weights_along_rows(op: Any, x: Any) -> bool:
    """Does op normalise over the last axes, with a weight for each element there, as layer norm does?"""
    outer = x.ndim - len(op.axes)
    return op.axes == tuple(range(outer, x.ndim)) and op.affine == (1,) * outer + x.shape[outer:]


def as_rows(x: Any, axes: tuple[int, ...]) -> Any:
    """x as a matrix whose columns run over the last axes, as many as `axes` has; None where that is a copy."""
    if not x.flags.c_contiguous or not x.size:
        return None
    return x.reshape(-1, int(numpy.prod(x.shape[-len(axes) :])))


def as_columns(x: Any, axes: tuple[int, ...]) -> Any:
    """x (n, c, *size) as a matrix with a column for each channel; None where that is a copy or `axes` are others."""
    if axes != (0, *range(2, x.ndim)) or not x.size:
        return None
    last = x.transpose(0, *range(2, x.ndim), 1)
    return last.reshape(-1, x.shape[1]) if last.flags.c_contiguous else None


def from_columns(matrix: Any, like: Any) -> Any:
    """A matrix with a column for each channel in the shape of `like`, (n, c, *size)."""
    if like.ndim == 2:
        return matrix
    last = matrix.reshape(like.shape[0], *like.shape[2:], like.shape[1])
    return last.transpose(0, like.ndim - 1, *range(1, like.ndim - 1))


@register(Normalize)
class NormalizeKernel:
    """Rows (layer norm) and channels of channels-last memory (batch norm); two passes each way over the data."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any) -> Any:
        compiled = loops(x.size) if x.dtype in TYPES else None
        if compiled is None:
            return NotImplemented
        along = weights_along_rows(op, x)
        matrix = as_rows(x, op.axes) if along else as_columns(x, op.axes)
        if matrix is None:
            return NotImplemented
        n = matrix.shape[1]
        one, zero = _vector(w, 1, n, x), _vector(b, 0, n, x)
        op.count = x.size // (len(matrix) if along else n)
        run = _rows_forward if along else _columns_forward
        y, mean, scale, var = run(op, compiled, matrix, one, zero)
        shape = [1 if i in op.axes else size for i, size in enumerate(x.shape)]
        if op.keep:
            op.statistics = mean.reshape(shape), var.reshape(shape)
        if op.needs[0] or op.needs[1]:
            op.x, op.w, op.mean, op.scale = x, w, mean.reshape(shape), scale.reshape(shape)
        op.form = None if w is None and b is None else (b if w is None else w).shape
        return _in_shape(y, x.shape) if along else from_columns(y, x)

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        x = op.x
        if x is None or g.dtype != x.dtype:
            return op.backward(xp, g)
        along = weights_along_rows(op, x)
        like = numpy.empty_like(x)
        if g.strides != like.strides:
            like[...] = g
            g = like
        split = as_rows if along else as_columns
        run = _rows_backward if along else _columns_backward
        matrix = split(x, op.axes)
        dx, dw, db = run(op, _compiled(), matrix, split(g, op.axes), _vector(op.w, 1, matrix.shape[1], x))
        dx = _in_shape(dx, x.shape) if along else from_columns(dx, x)
        if len(op.form or ()) > 1:
            dw, db = dw.reshape(op.form), db.reshape(op.form)
        return dx, dw if op.needs[1] else None, db if op.needs[2] else None


def _in_shape(x: Any, shape: tuple[int, ...]) -> Any:
    """x in that shape; x itself, which nothing else holds, where it has it."""
    return x if x.shape == shape else x.reshape(shape)


def _vector(v: Any, value: int, n: int, like: Any) -> Any:
    """v as a vector of n, or n times the value for None."""
    return numpy.full(n, value, like.dtype) if v is None else numpy.ascontiguousarray(v).reshape(n)


def _rows_forward(op: Any, compiled: Any, x: Any, w: Any, b: Any) -> tuple[Any, ...]:
    y = numpy.empty_like(x)
    mean, scale = numpy.empty(len(x), x.dtype), numpy.empty(len(x), x.dtype)
    compiled.normalize_rows(x, w, b, op.eps, y, mean, scale)
    return y, mean, scale, scale**-2 - op.eps


def _rows_backward(op: Any, compiled: Any, x: Any, g: Any, w: Any) -> tuple[Any, ...]:
    dx, dw, db = numpy.empty_like(x), numpy.zeros_like(w), numpy.zeros_like(w)
    compiled.normalize_rows_backward(x, w, op.mean.reshape(-1), op.scale.reshape(-1), g, dx, dw, db)
    return dx, dw, db


def _columns_forward(op: Any, compiled: Any, x: Any, w: Any, b: Any) -> tuple[Any, ...]:
    y, mean, scale, var = numpy.empty_like(x), numpy.empty_like(w), numpy.empty_like(w), numpy.empty_like(w)
    compiled.normalize_columns(x, w, b, op.eps, y, mean, scale, var)
    return y, mean, scale, var


def _columns_backward(op: Any, compiled: Any, x: Any, g: Any, w: Any) -> tuple[Any, ...]:
    dx, dw, db = numpy.empty_like(x), numpy.empty_like(w), numpy.empty_like(w)
    compiled.normalize_columns_backward(x, w, op.mean.reshape(-1), op.scale.reshape(-1), g, dx, dw, db)
    return dx, dw, db


@register(CrossEntropy)
class CrossEntropyKernel:
    """Rows of classes, all with the same weight, and their sum or mean."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, index: Any, scale: Any) -> Any:
        usual = x.ndim == 2 and x.size and op.summed and not op.nothing and type(scale) is float
        compiled = loops(x.size) if usual and x.dtype in TYPES and x.flags.c_contiguous else None
        if compiled is None:
            return NotImplemented
        p = numpy.empty_like(x)
        loss = compiled.cross_entropy(x, index.reshape(-1), p)
        op.classes = x.shape[1]
        if op.needs[0]:
            op.x, op.index, op.scale, op.p = x, index, scale, p
        return numpy.asarray(loss * scale, x.dtype)

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        return op.backward(xp, g)


@register(Embedding)
class EmbeddingKernel:
    """The rows' gradients added one after the other, without sorting them."""

    @staticmethod
    def forward(op: Any, xp: Any, w: Any, index: Any) -> Any:
        usual = w.dtype in TYPES and w.ndim == 2 and not op.by_count
        if not usual or loops(index.size * w.shape[1]) is None:
            return NotImplemented
        return op.forward(xp, w, index)

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        dw = numpy.zeros((op.rows, g.shape[-1]), g.dtype)
        rows = numpy.ascontiguousarray(g).reshape(-1, g.shape[-1])
        _compiled().add_rows(rows, numpy.ascontiguousarray(op.index).reshape(-1), dw)
        if op.silent is not None:
            dw[op.silent] = 0
        return dw, None
