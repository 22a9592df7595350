"""Cross entropy on the CPU as compiled loops in threads, for classes in rows and in columns."""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn.loss import CrossEntropy
from .compiling import loops
from .crew import shared
from .registry import register

LARGE = 1 << 14  # elements
MANY = 128  # classes, from which a row is long enough for vector instructions
LANES = 64  # columns that the loops do at a time
TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


def by_rows(x: Any) -> bool:
    """Are there many classes, side by side in memory?"""
    return x.shape[1] >= MANY and bool(numpy.moveaxis(x, 1, -1).flags.c_contiguous)


def over_targets(name: str, x: Any, *arrays: Any) -> None:
    """The loop of that name over all targets; the arrays but for the last have one number for each target, or one."""
    *others, last = arrays
    if by_rows(x):
        loop, matrix = getattr(loops("loss_loops"), name.format("rows")), rows_of(x)
        last = rows_of(last) if last.shape == x.shape else last.reshape(-1)
        given = [a.reshape(-1) for a in others]
        shared(loop, (matrix, *given, last), len(matrix), matrix.shape[1], 1)
        return
    loop, cube = getattr(loops("loss_loops"), name.format("columns")), columns_of(x)
    n, classes, m = cube.shape
    last = columns_of(last) if last.shape == x.shape else last.reshape(n, m)
    given = [a.reshape(-1) if i == 1 else a.reshape(n, m) for i, a in enumerate(others)]
    shared(loop, (cube, *given, last), n * -(-m // LANES), LANES * classes, 1)


def rows_of(x: Any) -> Any:
    """(n, classes, ...) as (targets, classes)."""
    return numpy.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def columns_of(x: Any) -> Any:
    """(n, classes, ...) as (n, classes, m), without a copy of row-major or channels-last memory."""
    return x.T[None] if x.ndim == 2 else x.reshape(*x.shape[:2], -1)


@register(CrossEntropy)
class CrossEntropyKernel:
    """The losses in one pass, their gradient in another; softmax is computed in both and never kept."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, index: Any, scale: Any) -> Any:
        """The loss, or one for each target; NotImplemented for small arrays, other types and memory orders."""
        usual = x.size >= LARGE and x.dtype in TYPES and not op.nothing
        dense = x.flags.c_contiguous or numpy.moveaxis(x, 1, -1).flags.c_contiguous
        if not (usual and dense) or loops("loss_loops") is None:
            return NotImplemented
        losses, top, below = numpy.empty((3, index.size), x.dtype)
        factors = numpy.ascontiguousarray(scale, x.dtype)
        over_targets("cross_entropy_{}", x, numpy.ascontiguousarray(index), factors, losses, top, below)
        op.classes = x.shape[1]
        if op.needs[0]:
            op.x, op.index, op.scale, op.top, op.below = x, index, scale, top, below
        if op.summed:
            return numpy.asarray(losses.sum(dtype=numpy.float64), x.dtype)
        return losses.reshape(x.shape[0], *x.shape[2:])

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """softmax(x) share less share at the targets, where share is what each target is given."""
        share = numpy.ascontiguousarray(op.share(xp, g), op.x.dtype)
        dx, index = numpy.empty_like(op.x), numpy.ascontiguousarray(op.index)
        over_targets("cross_entropy_{}_backward", op.x, index, share, op.top, op.below, dx)
        return dx, None, None
