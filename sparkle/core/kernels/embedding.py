"""Faster bodies of embedding and of bags on the CPU, compiled by numba where it is installed."""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn.bags import SpreadBags, SumBags
from ..ops.nn.embedding import Embedding
from ..settings import get_num_threads
from .compiling import loops, loops_for
from .crew import shared
from .registry import register

TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


@register(Embedding)
class EmbeddingKernel:
    """The rows' gradients added one after the other, without sorting them; each thread has rows of its own."""

    @staticmethod
    def forward(op: Any, xp: Any, w: Any, index: Any) -> Any:
        usual = w.dtype in TYPES and w.ndim == 2 and not op.by_count
        if not usual or loops_for(index.size * w.shape[1], "embedding_loops") is None:
            return NotImplemented
        return op.forward(xp, w, index)

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        dw = numpy.empty((op.rows, g.shape[-1]), g.dtype)
        rows = numpy.ascontiguousarray(g).reshape(-1, g.shape[-1])
        given = rows, numpy.ascontiguousarray(op.index).reshape(-1), dw
        most = -(-op.rows // get_num_threads())  # each share looks at every index
        shared(loops("embedding_loops").add_rows, given, op.rows, dw.shape[1] + rows.size // max(op.rows, 1), most)
        if op.silent is not None:
            dw[op.silent] = 0
        return dw, None


@register(SumBags)
class SumBagsKernel:
    """Row by row into the bag's own."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, counts: Any) -> Any:
        usual = x.dtype in TYPES and x.ndim == 2 and x.flags.c_contiguous
        compiled = loops_for(x.size, "embedding_loops") if usual else None
        if compiled is None:
            return NotImplemented
        op.counts = counts if op.needs[0] else None
        y = numpy.zeros((len(counts), x.shape[1]), x.dtype)
        compiled.sum_bags(x, numpy.ascontiguousarray(counts), y)
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        return SpreadBags().forward(xp, g, op.counts), None
