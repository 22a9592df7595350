"""A faster body of embedding on the CPU, compiled by numba where it is installed."""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn.embedding import Embedding
from . import compiling
from .registry import register

# Loading numba takes longer than small arrays could repay. Size alone decides, not what the process did before: the
# loops add up in another order, and a run that is resumed must take the same way as one that was never stopped.
LARGE = 1 << 16  # elements
TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


def loops(size: int, module: str = "nn_loops") -> Any:
    """The compiled loops of a module; None for small arrays and without numba."""
    return compiling.loops(module.lstrip(".")) if size >= LARGE else None


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
