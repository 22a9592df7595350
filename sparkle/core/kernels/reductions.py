"""Large reductions on the CPU as compiled loops in threads: over the last axes, over the first ones, or over all."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..ops.reductions import reduction, scan
from .compiling import loops
from .crew import divided
from .registry import register

LARGE = 1 << 16  # elements; loading numba takes longer than less could repay
PIECE = 1 << 14  # elements that a reduction of everything adds up at once
TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


def loops_for(x: Any) -> Any:
    """The compiled loops for this array; None for small ones, other types and memory orders, and without numba."""
    usual = x.size >= LARGE and x.dtype in TYPES and x.flags.c_contiguous
    return loops("reduction_loops") if usual else None


def form_of(x: Any, axis: Any) -> str:
    """Whether the axes are "all", the last ones ("rows"), the first ones ("columns"), or others ("")."""
    axes = range(x.ndim) if axis is None else sorted({a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis)})
    if len(axes) == x.ndim:
        return "all"
    if list(axes) == list(range(x.ndim - len(axes), x.ndim)):
        return "rows"
    return "columns" if list(axes) == list(range(len(axes))) else ""


def matrix(x: Any, axis: Any, form: str) -> Any:
    """x with the axes that go in the last dim (rows) or the first one (columns)."""
    count = 1 if isinstance(axis, int) else len(axis)
    shape = x.shape[x.ndim - count :] if form == "rows" else x.shape[count:]
    n = math.prod(shape)
    return x.reshape(-1, n)


def shaped(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """The results of a reduction in their shape and type."""
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis)]
    kept = [1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes]
    return y.astype(x.dtype, copy=False).reshape(kept)


def by_rows(loop: Any, x: Any, *others: Any, out: Any = None) -> Any:
    """A loop(rows, *others, out) over the rows of a matrix, in threads."""
    out = numpy.empty(len(x), x.dtype) if out is None else out
    divided(lambda a, b: loop(x[a:b], *[o[a:b] for o in others], out[a:b]), len(x), x.shape[1], 1)
    return out


def by_columns(loop: Any, x: Any, *others: Any) -> Any:
    """A loop(matrix, *others, out, start, stop) over the columns of a matrix, in threads."""
    out = numpy.empty(x.shape[1], x.dtype)
    divided(lambda a, b: loop(x, *others, out, a, b), x.shape[1], len(x), 64)
    return out


def of_all(loop: Any, x: Any, *others: Any) -> Any:
    """The results of a loop for the pieces of all elements, in float64."""
    flat = x.reshape(-1)
    whole = flat.size // PIECE
    out = numpy.empty(whole + (whole * PIECE < flat.size))
    rows = flat[: whole * PIECE].reshape(whole, PIECE)
    divided(lambda a, b: loop(rows[a:b], *others, out[a:b]), whole, PIECE, 1)
    if len(out) > whole:
        loop(flat[whole * PIECE :].reshape(1, -1), *others, out[whole:])
    return out


def reduced(op: Any, x: Any, name: str) -> Any:
    """The sums and the like over op's axes by the loops called `name`; NotImplemented where there is none."""
    compiled = loops_for(x)
    form = form_of(x, op.axis) if compiled is not None else ""
    loop = getattr(compiled, f"{name}_{'rows' if form == 'all' else form}", None)
    if not form or loop is None:
        return NotImplemented
    if form == "all":
        y = numpy.asarray(of_all(loop, x).sum())
    else:
        y = (by_rows if form == "rows" else by_columns)(loop, matrix(x, op.axis, form))
    return shaped(y, x, op.axis, op.keepdims)


def deviations(op: Any, x: Any) -> Any:
    """The sums of squared distances from the means over op's axes, or NotImplemented."""
    sums = reduced(op, x, "sum")
    if sums is NotImplemented:
        return sums
    compiled, form = loops("reduction_loops"), form_of(x, op.axis)
    mean = numpy.atleast_1d(sums.reshape(-1) / x.dtype.type(x.size // sums.size))
    if form == "all":
        y = numpy.asarray(of_all(compiled.deviations_rows, x, mean).sum())
    elif form == "rows":
        y = by_rows(compiled.deviations_rows, matrix(x, op.axis, form), mean)
    else:
        y = by_columns(compiled.deviations_columns, matrix(x, op.axis, form), mean)
    return shaped(y, x, op.axis, op.keepdims)


class ReductionKernel:
    """A reduction whose backward is the op's own."""

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> Any:
        """The op's."""
        return op.backward(xp, g)


@register(reduction.Sum)
class SumKernel(ReductionKernel):
    """Sums"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """The sum in x's own type."""
        if op.dtype is not None and op.dtype != x.dtype:
            return NotImplemented
        op.shape = x.shape
        return reduced(op, x, "sum")


@register(reduction.Mean)
class MeanKernel(ReductionKernel):
    """Means"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """The sum over the count."""
        y = reduced(op, x, "sum")
        if y is NotImplemented:
            return y
        op.shape, op.count = x.shape, x.size // y.size
        return y / op.count


@register(reduction.Prod)
class ProdKernel(ReductionKernel):
    """Products"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """The product along the last axis, in x's own type."""
        if op.axis is None or (op.dtype is not None and op.dtype != x.dtype):
            return NotImplemented
        y = reduced(op, x, "prod")
        if y is not NotImplemented:
            op.x, op.y = x, y
        return y


@register(reduction.Var)
class VarKernel(ReductionKernel):
    """Variances, in two passes: one for the means, one for the distances from them"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """As the op's own."""
        y = deviations(op, x)
        if y is NotImplemented:
            return y
        op.x, op.freedom = x, x.size // y.size - op.correction
        return y / max(op.freedom, 0)


@register(reduction.Std)
class StdKernel(ReductionKernel):
    """Roots of variances"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """As the op's own."""
        y = VarKernel.forward(op, xp, x)
        if y is not NotImplemented:
            op.y = y = numpy.asarray(numpy.sqrt(y))
        return y


@register(reduction.Norm)
class NormKernel(ReductionKernel):
    """Euclidean norms, and sums of absolute values"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """Of rows, or of all elements."""
        if op.p not in (1, 2):
            return NotImplemented
        y = reduced(op, x, "squares" if op.p == 2 else "sizes")
        if y is not NotImplemented:
            op.x, op.y = x, numpy.asarray(numpy.sqrt(y)) if op.p == 2 else y
            return op.y
        return y


@register(reduction.LogSumExp)
class LogSumExpKernel(ReductionKernel):
    """Along the last axes"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """Each row in two passes while it is in the cache."""
        if op.axis is None or form_of(x, op.axis) != "rows":
            return NotImplemented
        y = reduced(op, x, "logsumexp")
        if y is not NotImplemented:
            op.x, op.y = x, y
        return y


class SoftmaxRows:
    """softmax and log_softmax along the last axis, each row while it is in the cache"""

    name = ""

    @classmethod
    def forward(cls, op: Any, xp: Any, x: Any) -> Any:
        """The result."""
        compiled = loops_for(x) if x.ndim and op.axis in (-1, x.ndim - 1) else None
        if compiled is None:
            return NotImplemented
        op.y = y = numpy.empty_like(x)
        rows = (-1, x.shape[-1])
        by_rows(getattr(compiled, f"{cls.name}_rows"), x.reshape(rows), out=y.reshape(rows))
        return y

    @classmethod
    def backward(cls, op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """From the result."""
        rows, y, dx = (-1, op.y.shape[-1]), op.y, numpy.empty_like(op.y)
        loop = getattr(loops("reduction_loops"), f"{cls.name}_rows_backward")
        by_rows(loop, y.reshape(rows), numpy.ascontiguousarray(g).reshape(rows), out=dx.reshape(rows))
        return (dx,)


@register(reduction.Softmax)
class SoftmaxKernel(SoftmaxRows):
    """softmax"""

    name = "softmax"


@register(reduction.LogSoftmax)
class LogSoftmaxKernel(SoftmaxRows):
    """log_softmax"""

    name = "log_softmax"


@register(scan.Cumsum)
class CumsumKernel(ReductionKernel):
    """Running sums along the last axis"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """Row by row."""
        compiled = loops_for(x) if x.ndim > 1 and op.axis in (-1, x.ndim - 1) and not op.backwards else None
        if compiled is None or (op.dtype is not None and op.dtype != x.dtype):
            return NotImplemented
        y, rows = numpy.empty_like(x), (-1, x.shape[-1])
        by_rows(compiled.cumsum_rows, x.reshape(rows), out=y.reshape(rows))
        return y
