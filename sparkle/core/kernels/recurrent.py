"""Faster bodies of LSTM and GRU on the CPU: all steps in one compiled call, the sequences divided among threads.

Without numba, and in double precision, an LSTM's steps are NumPy's in memory that is taken once.
"""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn.recurrent import Gru, Lstm, columns
from ..settings import get_num_threads
from .compiling import loops_for
from .crew import shared
from .products import multiply
from .registry import register

SINGLE = numpy.dtype("float32")
TYPES = (SINGLE, numpy.dtype("float64"))
TALL = 8  # sequences of a thread: fewer make no use of the vectors
CACHED = 1 << 19  # elements of the weights that a processor's cache holds; larger ones are read once a step by BLAS


def compiled_for(x: Any, w: Any) -> Any:
    """The compiled loops for gates' inputs and weights; None where NumPy's steps are faster, and without numba."""
    if x.dtype != SINGLE or w.size > CACHED:
        return None
    return loops_for(x.size, "recurrent_loops")


def in_threads(op: Any, width: int, loop: Any, *arguments: Any) -> None:
    """loop(*arguments, low, high) for parts of the sequences: one part for each thread."""
    sequences = op.sizes[0]
    line = -(-sequences // (get_num_threads() * TALL)) * TALL
    shared(loop, arguments, sequences, len(op.sizes) * width, line)


def steps_of(op: Any) -> Any:
    """(first row, rows) of each step as an array."""
    return numpy.array(op.steps(), numpy.int64).reshape(-1, 2)


def empty(*shape: int) -> Any:
    return numpy.empty(shape, SINGLE)


def whole(x: Any, columns: int) -> Any:
    """x in row-major memory, no rows for None."""
    return empty(0, columns) if x is None else numpy.ascontiguousarray(x)


@register(Lstm)
class LstmKernel:
    """Four gates and a cell; see `recurrent_loops`."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, h: Any, c: Any, w: Any, r: Any = None) -> Any:
        if x.dtype not in TYPES or not x.size:
            return NotImplemented
        compiled = compiled_for(x, w)
        kept = Kept(op, x, h, c, w, r)
        x, h, c = numpy.ascontiguousarray(x), h.copy(), c.copy()
        if compiled is None:
            return lstm_forward(op, x, h, c, w, r, kept)
        out, steps = empty(len(x), h.shape[1]), steps_of(op)
        turned, reduce = numpy.ascontiguousarray(w.T), whole(None if r is None else r.T, h.shape[1])
        given = steps, x, turned, reduce, h, c, out, kept.all, *kept.arrays
        in_threads(op, x.shape[1], compiled.lstm_forward, *given)
        return out, h, c

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        x, w, r, size = op.x, op.w, op.r, op.c.shape[1]
        if any(d is not None and d.dtype != x.dtype for d in g):
            return op.backward(xp, g)  # type: ignore[no-any-return]
        dh = numpy.zeros(op.h.shape, x.dtype) if g[1] is None else g[1].copy()
        dc = numpy.zeros(op.c.shape, x.dtype) if g[2] is None else g[2].copy()
        dx = numpy.empty(x.shape, x.dtype)
        lives = numpy.empty((len(x), dh.shape[1]), x.dtype) if r is not None and op.needs[4] else None
        compiled = compiled_for(x, w)
        if compiled is None:
            lstm_backward(op, g[0], dh, dc, dx, lives)
        else:
            steps, given, wide = steps_of(op), whole(g[0], dh.shape[1]), whole(w, dh.shape[1])
            reduce, noted = whole(r, size), whole(lives, dh.shape[1])
            read = op.gates, op.bent, op.cells
            in_threads(op, x.shape[1], compiled.lstm_backward, steps, given, wide, reduce, *read, dh, dc, dx, noted)
        dr = None if lives is None else lives.T @ (op.gates[:, 3 * size :] * op.bent)
        return dx, dh, dc, multiply(dx.T, op.before) if op.needs[3] else None, dr


class Kept:
    """Memory for what backward reads: of all steps where it is wanted, of one step where nothing is recorded."""

    def __init__(self, op: Any, x: Any, h: Any, c: Any, w: Any, r: Any) -> None:
        self.all = True in op.needs
        rows, size = len(x) if self.all else op.sizes[0], c.shape[1]
        past = rows if self.all else 0
        gates, bent = numpy.empty((rows, 4 * size), x.dtype), numpy.empty((rows, size), x.dtype)
        before, cells = numpy.empty((past, h.shape[1]), x.dtype), numpy.empty((past, size), x.dtype)
        self.arrays = gates, bent, before, cells
        if self.all:
            op.x, op.h, op.c, op.w, op.r = x, h, c, w, r
            op.gates, op.bent, op.before, op.cells = self.arrays

    def step(self, a: int, n: int, h: Any, c: Any) -> tuple[Any, Any]:
        """Where a step's gates and bent cells go; notes the states that it starts from."""
        gates, bent, before, cells = self.arrays
        if not self.all:
            return gates[:n], bent[:n]
        before[a : a + n], cells[a : a + n] = h, c
        return gates[a : a + n], bent[a : a + n]


def lstm_forward(op: Any, x: Any, h: Any, c: Any, w: Any, r: Any, kept: Kept) -> Any:
    """All steps by NumPy, the states moved on in place."""
    out, product = numpy.empty((len(x), h.shape[1]), x.dtype), numpy.empty_like(c)
    turned, size = numpy.ascontiguousarray(w.T), c.shape[1]
    scale = numpy.repeat(numpy.array([0.5, 0.5, 1, 0.5], x.dtype), size)
    shift = numpy.repeat(numpy.array([0.5, 0.5, 0, 0.5], x.dtype), size)
    for a, n in op.steps():
        z, bent, live, y = (*kept.step(a, n, h[:n], c[:n]), h[:n], out[a : a + n])
        numpy.matmul(live, turned, out=z)
        z += x[a : a + n]
        z *= scale  # one tanh for all gates, which NumPy runs in vector registers: σ(z) = tanh(z / 2) / 2 + 1 / 2
        numpy.tanh(z, out=z)
        z *= scale
        z += shift
        i, f, new, o = columns(z, size)
        cell, made = c[:n], y if r is None else product[:n]
        cell *= f
        cell += numpy.multiply(i, new, out=made)
        numpy.tanh(cell, out=bent)
        numpy.multiply(o, bent, out=made)
        if r is not None:
            numpy.matmul(made, r.T, out=y)
        live[...] = y
    return out, h, c


def lstm_backward(op: Any, g: Any, dh: Any, dc: Any, dx: Any, lives: Any) -> None:
    """All steps by NumPy: fills dx and lives, and moves dh and dc back in place."""
    for a, n in reversed(op.steps()):
        live, cell, part = dh[:n], dc[:n], slice(a, a + n)
        if g is not None:
            live += g[part]
        if lives is not None:
            lives[part] = live
        above = live if op.r is None else live @ op.r
        step_back(op.gates[part], op.bent[part], op.cells[part], above, cell, dx[part])
        numpy.matmul(dx[part], op.w, out=live)


def step_back(gates: Any, bent: Any, cells: Any, dh: Any, dc: Any, dz: Any) -> None:
    """The gradients of a step: dz of the gates' inputs; dc, of the cells after it, becomes that of those before it."""
    i, f, new, o = columns(gates, dc.shape[1])
    t = bent * bent
    numpy.subtract(1, t, out=t)
    t *= o
    t *= dh
    dc += t
    slope = 1 - gates
    slope *= gates
    _, _, of_new, _ = columns(slope, dc.shape[1])
    numpy.multiply(new, new, out=of_new)
    numpy.subtract(1, of_new, out=of_new)
    for d, above, other in zip(columns(dz, dc.shape[1]), (dc, dc, dc, dh), (new, cells, i, bent), strict=True):
        numpy.multiply(above, other, out=d)
    dz *= slope
    dc *= f


@register(Gru)
class GruKernel:
    """Two gates and a proposal; see `recurrent_loops`."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, h: Any, w: Any, b: Any = None) -> Any:
        compiled = compiled_for(x, w) if x.size else None
        if compiled is None:
            return NotImplemented
        keep, size = True in op.needs, h.shape[1]
        rows, past = (len(x), len(x)) if keep else (op.sizes[0], 0)
        kept = empty(rows, 2 * size), empty(rows, size), empty(past, size), empty(past, size)
        if keep:
            op.x, op.h, op.w, op.b = x, h, w, b
            op.gates, op.drawn, op.inner, op.before = kept
        x, h, turned = numpy.ascontiguousarray(x), h.copy(), numpy.ascontiguousarray(w.T)
        shift = numpy.zeros(3 * size, SINGLE) if b is None else numpy.ascontiguousarray(b)
        out, steps = empty(len(x), size), steps_of(op)
        in_threads(op, x.shape[1], compiled.gru_forward, steps, x, turned, shift, h, out, keep, *kept)
        return out, h

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        x, w, b = op.x, op.w, op.b
        compiled = compiled_for(x, w)
        if compiled is None or any(d is not None and d.dtype != SINGLE for d in g):
            return op.backward(xp, g)  # type: ignore[no-any-return]
        dh = numpy.zeros(op.h.shape, SINGLE) if g[1] is None else g[1].copy()
        dx, dq = empty(*x.shape), empty(*x.shape)
        steps, given, wide = steps_of(op), whole(g[0], dh.shape[1]), numpy.ascontiguousarray(w)
        read = op.gates, op.drawn, op.inner, op.before
        in_threads(op, x.shape[1], compiled.gru_backward, steps, given, wide, *read, dh, dx, dq)
        dw = multiply(dq.T, op.before) if op.needs[2] else None
        return dx, dh, dw, dq.sum(0) if b is not None and op.needs[3] else None
