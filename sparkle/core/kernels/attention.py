"""A faster body of attention on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ..ops.linear.linalg import dense
from ..ops.nn.attention import Attention
from .crew import divided
from .nn import loops
from .registry import register

SINGLE = numpy.dtype("float32")
TYPES = (SINGLE, numpy.dtype("float64"))
CACHED = 1 << 16  # elements of attention's weights that are worked on at a time


def single_loops(size: int) -> Any:
    """The compiled loops for single precision; None for small arrays and without numba."""
    return loops(size, ".attention_loops")


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
