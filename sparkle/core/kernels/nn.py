"""Faster bodies of cross entropy and embedding on the CPU, compiled by numba where it is installed."""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn.embedding import Embedding
from ..ops.nn.loss import CrossEntropy
from . import compiling
from .registry import register

# Loading numba takes longer than small arrays could repay. Size alone decides, not what the process did before: the
# loops add up in another order, and a run that is resumed must take the same way as one that was never stopped.
LARGE = 1 << 16  # elements
TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


def loops(size: int, module: str = "nn_loops") -> Any:
    """The compiled loops of a module; None for small arrays and without numba."""
    return compiling.loops(module.lstrip(".")) if size >= LARGE else None


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
        compiling.loops("nn_loops").add_rows(rows, numpy.ascontiguousarray(op.index).reshape(-1), dw)
        if op.silent is not None:
            dw[op.silent] = 0
        return dw, None
