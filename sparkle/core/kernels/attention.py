"""A faster body of attention on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ..ops.linear.linalg import dense
from ..ops.nn.attention import Attention, with_causal
from .compiling import loops, loops_for
from .crew import divided, shared
from .registry import register

SINGLE = numpy.dtype("float32")
TYPES = (SINGLE, numpy.dtype("float64"))
CACHED = 1 << 16  # elements of attention's weights that are worked on at a time
TALL = 16  # queries whose weights are made at a time where each sees only some keys


def single_loops(size: int) -> Any:
    """The compiled loops for single precision; None for small arrays and without numba."""
    return loops_for(size, "attention_loops")


@register(Attention)
class AttentionKernel:
    """Head after head, so that a head's weights stay in the cache between products and softmax; heads in threads."""

    @staticmethod
    def forward(op: Any, xp: Any, q: Any, k: Any, v: Any, mask: Any, kept: Any) -> Any:
        heads = Heads.of(op, q, k, v, mask, kept)
        if heads is not None:
            y = heads.forward(op, mask)
            if True in op.needs:
                op.q, op.k, op.v, op.mask = q, k, v, mask
            return y
        if q.dtype not in TYPES or not q.size or not k.size or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
            return NotImplemented
        p = numpy.empty((*q.shape[:-1], k.shape[-2]), q.dtype)
        if mask is not None and (numpy.broadcast_shapes(p.shape, mask.shape) != p.shape or mask.dtype != p.dtype):
            return NotImplemented
        y, turned = beside_heads(q, v.shape[-1]), k.swapaxes(-1, -2)
        softmax = softmax_of(p, with_causal(op, mask, q, k), op.scale)

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
        if op.level is not None:
            return Heads(op, op.q, op.k, op.v).backward(op, g)
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


class Heads:
    """Attention that stores no weights: see `attention_heads`."""

    @staticmethod
    def of(op: Any, q: Any, k: Any, v: Any, mask: Any, kept: Any) -> Any:
        """None for what the loops do not take: dropout, other types, and what is spread over other axes than a mask."""
        if kept is not None or op.needs[3] or not q.dtype == k.dtype == v.dtype == SINGLE:
            return None
        front = q.shape[:-2]
        fits = len(front) < 3 and front == k.shape[:-2] == v.shape[:-2] and q.size and k.size and v.size
        if not fits or loops_for(q.size // q.shape[-1] * k.shape[-2], "attention_heads") is None:
            return None
        shape = (*front, q.shape[-2], k.shape[-2])
        if mask is not None and (mask.dtype != SINGLE or numpy.broadcast_shapes(mask.shape, shape) != shape):
            return None
        return Heads(op, q, k, v)

    def __init__(self, op: Any, q: Any, k: Any, v: Any) -> None:
        self.loops = loops("attention_heads")
        self.shape = q.shape
        self.q, self.k, self.v = (four_axes(x) for x in (q, k, v))
        batch, heads, queries, size = self.q.shape
        self.keys, self.columns, self.heads = self.k.shape[2], self.v.shape[3], batch * heads
        self.sizes = numpy.array([heads, queries, self.keys, size, self.columns])
        self.tall = max(8, min(queries, TALL if op.causal else 2 * TALL))

    def mask(self, mask: Any) -> Any:
        """The mask for every head; without rows for None."""
        front = self.q.shape[:2]
        if mask is None:
            return numpy.broadcast_to(numpy.empty((0, 0), SINGLE), (*front, 0, 0))
        return numpy.broadcast_to(mask, (*front, self.q.shape[2], self.keys))

    def forward(self, op: Any, mask: Any) -> Any:
        y = beside_heads(self.q, self.columns)
        level = numpy.empty((self.heads, self.q.shape[2]), SINGLE)
        at, every = places(self.q, self.k, self.v, y), self.mask(mask)
        given = at, self.sizes, every, level, SINGLE.type(op.scale), op.causal, self.tall
        shared(self.loops.forward, given, self.heads, self.q.shape[2] * self.keys * 4, line=1)
        if True in op.needs:
            op.level = level
        return y.reshape(*self.shape[:-1], self.columns) if len(self.shape) < 4 else y

    def backward(self, op: Any, g: Any) -> tuple[Any, ...]:
        dq = beside_heads(self.q, self.q.shape[3]) if op.needs[0] else None
        dk, dv = (
            beside_heads(x, x.shape[3], numpy.zeros) if need else None
            for x, need in zip((self.k, self.v), op.needs[1:3], strict=True)
        )
        g = four_axes(g if g.dtype == SINGLE else g.astype(SINGLE))
        at, every = places(self.q, self.k, self.v, g, dq, dk, dv), self.mask(op.mask)
        given = at, self.sizes, every, op.level, SINGLE.type(op.scale), op.causal, self.tall
        shared(self.loops.backward, given, self.heads, self.q.shape[2] * self.keys * 8, line=1)
        front = self.shape[:-2]
        return (*(x if x is None else x.reshape(*front, *x.shape[2:]) for x in (dq, dk, dv)), None, None)


def four_axes(x: Any) -> Any:
    """x (..., l, e) with two axes in front, and columns side by side in memory."""
    x = x.reshape((1,) * (4 - x.ndim) + x.shape)
    return x if x.strides[3] == 4 and not any(step % 4 for step in x.strides) else numpy.ascontiguousarray(x)


def places(*arrays: Any) -> Any:
    """Addresses and distances as `attention_heads` wants them."""
    rows = [(0,) * 4 if x is None else (x.ctypes.data, *(step // 4 for step in x.strides[:3])) for x in arrays]
    return numpy.array(rows, numpy.int64)


def rows(x: Any) -> Any:
    """All rows of a contiguous stack of matrices as one matrix."""
    return x.reshape(-1, x.shape[-1])


def beside_heads(like: Any, size: int, make: Any = numpy.empty) -> Any:
    """Memory for (..., heads, l, size) where the heads of a place lie side by side, as the next layer wants them."""
    if like.ndim != 4:
        return make((*like.shape[:-1], size), like.dtype)
    n, heads, length, _ = like.shape
    return make((n, length, heads, size), like.dtype).swapaxes(1, 2)


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
