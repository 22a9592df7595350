"""Faster bodies of LSTM and attention on the CPU: the same formulas in place, in memory that is taken once."""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.attention import Attention
from ..ops.linalg import dense
from ..ops.recurrent import Lstm, columns
from .registry import register

TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))


@register(Lstm)
class LstmKernel:
    """All gates of a step by one tanh, which NumPy runs in vector registers: σ(z) = tanh(z / 2) / 2 + 1 / 2."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, h: Any, c: Any, w: Any, r: Any = None) -> Any:
        if x.dtype not in TYPES or not x.size:
            return NotImplemented
        kept = Kept(op, x, h, c, w, r)
        size, n_rows = c.shape[1], len(x)
        out, h, c = numpy.empty((n_rows, h.shape[1]), x.dtype), h.copy(), c.copy()
        scale = numpy.repeat(numpy.array([0.5, 0.5, 1, 0.5], x.dtype), size)
        shift = numpy.repeat(numpy.array([0.5, 0.5, 0, 0.5], x.dtype), size)
        turned = numpy.ascontiguousarray(w.T) * scale
        added, product = numpy.empty_like(x[: op.sizes[0]]), numpy.empty_like(c)
        for a, n in op.steps():
            z, bent, live, cell, t = (*kept.step(a, n, h[:n], c[:n]), h[:n], c[:n], product[:n])
            numpy.matmul(live, turned, out=z)
            z += numpy.multiply(x[a : a + n], scale, out=added[:n])
            numpy.tanh(z, out=z)
            z *= scale
            z += shift
            i, f, new, o = columns(z, size)
            cell *= f
            cell += numpy.multiply(i, new, out=t)
            numpy.tanh(cell, out=bent)
            if r is None:
                numpy.multiply(o, bent, out=out[a : a + n])
            else:
                out[a : a + n] = numpy.multiply(o, bent, out=t) @ r.T
            live[...] = out[a : a + n]
        return out, h, c

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        x, w, r, size = op.x, op.w, op.r, op.c.shape[1]
        if any(d is not None and d.dtype != x.dtype for d in g):
            return op.backward(xp, g)
        dh = numpy.zeros_like(op.h) if g[1] is None else g[1].copy()
        dc = numpy.zeros_like(op.c) if g[2] is None else g[2].copy()
        dx = numpy.empty(x.shape, x.dtype)
        lives = numpy.empty((len(x), dh.shape[1]), x.dtype) if r is not None and op.needs[4] else None
        slope, product = numpy.empty_like(dx[: op.sizes[0]]), numpy.empty_like(dc)
        for a, n in reversed(op.steps()):
            live, cell = dh[:n], dc[:n]
            if g[0] is not None:
                live += g[0][a : a + n]
            if lives is not None:
                lives[a : a + n] = live
            one_back(op, slice(a, a + n), live if r is None else live @ r, cell, dx[a : a + n], slope[:n], product[:n])
            numpy.matmul(dx[a : a + n], w, out=live)
        dr = None if lives is None else lives.T @ (op.gates[:, 3 * size :] * op.bent)
        return dx, dh, dc, dx.T @ op.before if op.needs[3] else None, dr


class Kept:
    """Memory for what backward reads: of all steps where it is wanted, of one step where nothing is recorded."""

    def __init__(self, op: Any, x: Any, h: Any, c: Any, w: Any, r: Any) -> None:
        self.all = True in op.needs
        rows, size = len(x) if self.all else op.sizes[0], c.shape[1]
        self.gates, self.bent = numpy.empty((rows, 4 * size), x.dtype), numpy.empty((rows, size), x.dtype)
        if self.all:
            self.before, self.cells = numpy.empty((rows, h.shape[1]), x.dtype), numpy.empty((rows, size), x.dtype)
            op.x, op.h, op.c, op.w, op.r = x, h, c, w, r
            op.gates, op.bent, op.before, op.cells = self.gates, self.bent, self.before, self.cells

    def step(self, a: int, n: int, h: Any, c: Any) -> tuple[Any, Any]:
        """Where a step's gates and bent cells go; notes the states that it starts from."""
        if not self.all:
            return self.gates[:n], self.bent[:n]
        self.before[a : a + n], self.cells[a : a + n] = h, c
        return self.gates[a : a + n], self.bent[a : a + n]


def one_back(op: Any, rows: Any, dh: Any, dc: Any, dz: Any, slope: Any, t: Any) -> None:
    """Write the gradients of one step's gates to dz, and that of the cell which it started from to dc."""
    gates, bent, size = op.gates[rows], op.bent[rows], dc.shape[1]
    i, f, new, o = columns(gates, size)
    numpy.multiply(bent, bent, out=t)
    numpy.subtract(1, t, out=t)
    t *= o
    t *= dh
    dc += t
    numpy.subtract(1, gates, out=slope)
    slope *= gates
    of_new = slope[:, 2 * size : 3 * size]
    numpy.multiply(new, new, out=of_new)
    numpy.subtract(1, of_new, out=of_new)
    for d, above, other in zip(columns(dz, size), (dc, dc, dc, dh), (new, op.cells[rows], i, bent), strict=True):
        numpy.multiply(above, other, out=d)
    dz *= slope
    dc *= f


@register(Attention)
class AttentionKernel:
    """Softmax in the memory of the products, and no more than two arrays of that size in backward."""

    @staticmethod
    def forward(op: Any, xp: Any, q: Any, k: Any, v: Any, mask: Any, kept: Any) -> Any:
        if kept is not None or q.dtype not in TYPES or not q.size or not k.size:
            return NotImplemented
        p = numpy.matmul(q * op.scale, k.swapaxes(-1, -2))
        if mask is not None:
            if numpy.broadcast_shapes(p.shape, mask.shape) != p.shape:
                return NotImplemented
            p += mask
        top = p.max(axis=-1, keepdims=True)
        if mask is not None:
            top[top == -numpy.inf] = 0
        p -= top
        numpy.exp(p, out=p)
        total = p.sum(axis=-1, keepdims=True)
        if mask is not None:
            total[total == 0] = 1
        p /= total
        if True in op.needs:
            op.q, op.k, op.v, op.mask, op.kept, op.p = q, k, v, mask, kept, p
        return p @ v

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        g, q, k, v, p = dense(g), op.q, op.k, op.v, op.p
        if g.dtype != p.dtype or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2] or op.needs[3]:
            return op.backward(xp, g)
        dv = p.swapaxes(-1, -2) @ g if op.needs[2] else None
        ds = g @ v.swapaxes(-1, -2)
        ds -= numpy.einsum("...i,...i->...", ds, p)[..., None]
        ds *= p
        ds *= op.scale
        return ds @ k if op.needs[0] else None, ds.swapaxes(-1, -2) @ q if op.needs[1] else None, dv, None, None
