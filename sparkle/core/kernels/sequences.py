"""Faster bodies of LSTM and attention on the CPU: the same formulas in place, in memory that is taken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ..ops.linear.linalg import dense
from ..ops.nn.attention import Attention
from ..ops.nn.recurrent import Lstm, columns
from .crew import divided
from .nn import loops
from .registry import register

SINGLE = numpy.dtype("float32")
TYPES = (SINGLE, numpy.dtype("float64"))
CACHED = 1 << 16  # elements of attention's weights that are worked on at a time


def single_loops(size: int) -> Any:
    """The compiled loops for single precision; None for small arrays and without numba."""
    return loops(size, ".sequence_loops")


@register(Lstm)
class LstmKernel:
    """The products by BLAS, all the rest of a step in one pass; without compiled loops by NumPy, in place."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, h: Any, c: Any, w: Any, r: Any = None) -> Any:
        if x.dtype not in TYPES or not x.size:
            return NotImplemented
        kept = Kept(op, x, h, c, w, r)
        x, h, c = numpy.ascontiguousarray(x), h.copy(), c.copy()
        out, product = numpy.empty((len(x), h.shape[1]), x.dtype), numpy.empty_like(c)
        turned = numpy.ascontiguousarray(w.T)
        one_step = step_of(x, c.shape[1])
        for a, n in op.steps():
            z, bent, live, y = (*kept.step(a, n, h[:n], c[:n]), h[:n], out[a : a + n])
            numpy.matmul(live, turned, out=z)
            one_step(z, x[a : a + n], c[:n], bent, y if r is None else product[:n])
            if r is not None:
                numpy.matmul(product[:n], r.T, out=y)
            live[...] = y
        return out, h, c

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        x, w, r, size = op.x, op.w, op.r, op.c.shape[1]
        if any(d is not None and d.dtype != x.dtype for d in g):
            return op.backward(xp, g)  # type: ignore[no-any-return]
        dh = numpy.zeros_like(op.h) if g[1] is None else g[1].copy()
        dc = numpy.zeros_like(op.c) if g[2] is None else g[2].copy()
        dx = numpy.empty(x.shape, x.dtype)
        lives = numpy.empty((len(x), dh.shape[1]), x.dtype) if r is not None and op.needs[4] else None
        step_back = step_back_of(dx)
        for a, n in reversed(op.steps()):
            live, cell, part = dh[:n], dc[:n], slice(a, a + n)
            if g[0] is not None:
                live += g[0][part]
            if lives is not None:
                lives[part] = live
            above = live if r is None else live @ r
            step_back(op.gates[part], op.bent[part], op.cells[part], above, cell, dx[part])
            numpy.matmul(dx[part], w, out=live)
        dr = None if lives is None else lives.T @ (op.gates[:, 3 * size :] * op.bent)
        return dx, dh, dc, dx.T @ op.before if op.needs[3] else None, dr


def step_of(x: Any, size: int) -> Callable[..., None]:
    """What turns z, one step's h wᵀ, into gates, and moves the cells on: see `lstm_step` in sequence_loops."""
    compiled = single_loops(x.size) if x.dtype == SINGLE else None
    if compiled is not None:
        return compiled.lstm_step  # type: ignore[no-any-return]
    scale = numpy.repeat(numpy.array([0.5, 0.5, 1, 0.5], x.dtype), size)
    shift = numpy.repeat(numpy.array([0.5, 0.5, 0, 0.5], x.dtype), size)

    def plain(z: Any, x: Any, cell: Any, bent: Any, out: Any) -> None:
        z += x
        z *= scale  # one tanh for all gates, which NumPy runs in vector registers: σ(z) = tanh(z / 2) / 2 + 1 / 2
        numpy.tanh(z, out=z)
        z *= scale
        z += shift
        i, f, new, o = columns(z, size)
        cell *= f
        cell += numpy.multiply(i, new, out=out)
        numpy.tanh(cell, out=bent)
        numpy.multiply(o, bent, out=out)

    return plain


def step_back_of(dx: Any) -> Callable[..., None]:
    """What writes the gradients of one step's gates, and makes dc that of the cells which it started from."""
    compiled = single_loops(dx.size) if dx.dtype == SINGLE else None
    return plain_step_back if compiled is None else compiled.lstm_step_backward  # type: ignore[no-any-return]


def plain_step_back(gates: Any, bent: Any, cells: Any, dh: Any, dc: Any, dz: Any) -> None:
    """`lstm_step_backward` of sequence_loops by NumPy."""
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


@register(Attention)
class AttentionKernel:
    """Head after head, so that a head's weights stay in the cache between products and softmax; heads in threads."""

    @staticmethod
    def forward(op: Any, xp: Any, q: Any, k: Any, v: Any, mask: Any, kept: Any) -> Any:
        if q.dtype not in TYPES or not q.size or not k.size or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
            return NotImplemented
        p = numpy.empty((*q.shape[:-1], k.shape[-2]), q.dtype)
        if mask is not None and (numpy.broadcast_shapes(p.shape, mask.shape) != p.shape or mask.dtype != p.dtype):
            return NotImplemented
        y, turned = beside_heads(q, v.shape[-1]), k.swapaxes(-1, -2)
        softmax = softmax_of(p, mask, op.scale)

        def work(part: slice) -> None:
            numpy.matmul(q[part], turned[part], out=p[part])
            softmax(part)
            numpy.matmul(used(op, p, kept, part), v[part], out=y[part])

        stack_by_stack(work, p)
        if True in op.needs:
            op.q, op.k, op.v, op.mask, op.kept, op.p = q, k, v, mask, kept, p
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        g, q, k, v, p, kept = dense(g), op.q, op.k, op.v, op.p, op.kept
        if g.dtype != p.dtype or op.needs[3]:
            return op.backward(xp, g)  # type: ignore[no-any-return]
        dq, dk, dv = (
            beside_heads(x, x.shape[-1]) if need else None for x, need in zip((q, k, v), op.needs, strict=False)
        )
        compiled = single_loops(p.size) if p.dtype == SINGLE else None

        def work(part: slice) -> None:
            if dv is not None:
                numpy.matmul(used(op, p, kept, part).swapaxes(-1, -2), g[part], out=dv[part])
            ds = numpy.matmul(g[part], v[part].swapaxes(-1, -2))
            if kept is not None:
                ds *= kept[part]
                ds *= op.grown
            if compiled is None:
                ds -= numpy.einsum("...i,...i->...", ds, p[part])[..., None]
                ds *= p[part]
                ds *= op.scale
            else:
                compiled.softmax_rows_backward(rows(p[part]), rows(ds), SINGLE.type(op.scale))
            if dq is not None:
                numpy.matmul(ds, k[part], out=dq[part])
            if dk is not None:
                numpy.matmul(ds.swapaxes(-1, -2), q[part], out=dk[part])

        stack_by_stack(work, p)
        return dq, dk, dv, None, None


def rows(x: Any) -> Any:
    """All rows of a contiguous stack of matrices as one matrix."""
    return x.reshape(-1, x.shape[-1])


def beside_heads(like: Any, size: int) -> Any:
    """Memory for (..., heads, l, size) where the heads of a place lie side by side, as the next layer wants them."""
    if like.ndim != 4:
        return numpy.empty((*like.shape[:-1], size), like.dtype)
    n, heads, length, _ = like.shape
    return numpy.empty((n, length, heads, size), like.dtype).swapaxes(1, 2)


def stack_by_stack(work: Callable[[slice], None], p: Any) -> None:
    """The work for parts of the first axis, in threads where p is large; at once for a single matrix."""
    if p.ndim < 3:
        work(slice(None))
        return
    weight = p.size // len(p)

    def step(start: int, stop: int) -> None:
        each = max(1, CACHED // weight)
        for at in range(start, stop, each):
            work(slice(at, min(at + each, stop)))

    divided(step, len(p), 4 * weight, line=1)


def used(op: Any, p: Any, kept: Any, part: slice) -> Any:
    """The weights that dropout leaves."""
    if kept is None:
        return p[part]
    left = p[part] * kept[part]
    left *= op.grown
    return left


def softmax_of(p: Any, mask: Any, scale: float) -> Callable[[slice], None]:
    """What makes a part of p, in place, softmax(p scale + mask)."""
    compiled: Any = single_loops(p.size) if p.dtype == SINGLE else None
    same = mask is not None and mask.shape == p.shape[-2:]
    spread: Any = None if mask is None or same else numpy.broadcast_to(mask, p.shape)
    nothing = numpy.empty((0, 0), p.dtype)
    own = numpy.ascontiguousarray(mask) if same else nothing

    def fast(part: slice) -> None:
        factor = scale
        if spread is not None:
            p[part] *= scale
            p[part] += spread[part]
            factor = 1.0
        compiled.softmax_rows(rows(p[part]), own, SINGLE.type(factor))

    def plain(part: slice) -> None:
        x = p[part]
        x *= scale
        if mask is not None:
            x += own if same else spread[part]
        top = x.max(axis=-1, keepdims=True)
        top[top == -numpy.inf] = 0
        x -= top
        numpy.exp(x, out=x)
        total = x.sum(axis=-1, keepdims=True)
        total[total == 0] = 1
        x /= total

    return plain if compiled is None else fast
