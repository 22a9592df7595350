"""The loops that numba compiles for `attention`: whole heads, a few queries at a time, in single precision.

The weights of a few queries stay in the first cache and are never stored: of each query the logarithm of the sum that
its weights were divided by is kept, from which backward makes them anew [Dao 2022, FlashAttention].

`at` tells where things are, in rows of address and distances (in elements) between batches, heads and rows, for q, k,
v, the result (or its gradient), dq, dk and dv, whose elements lie side by side. An address of 0 stands for nothing.
"""

from __future__ import annotations

import numpy

from .attention_loops import _dot, _exp_all, _largest, _scale, _scale_and_add, _total
from .tiles import compiled, product, transpose
from .vector_math import log

F = numpy.float32


# Numba frees an array after the last line that names it, so those of which only the address is used are named in the
# loops that use it.


@compiled
def _place(at, i, batch, head):  # type: ignore[no-untyped-def]
    """The address of one head's matrix."""
    return at[i, 0] + 4 * (at[i, 1] * batch + at[i, 2] * head) if at[i, 0] else 0


@compiled
def _seen(query, keys, causal):  # type: ignore[no-untyped-def]
    """How many keys a query may see."""
    return min(keys, query + 1) if causal else keys


@compiled
def _scores(x, rows, first, keys, mask, scale, causal):  # type: ignore[no-untyped-def]
    """x scale + mask for some queries from `first` on; mask (queries, keys) may have no rows."""
    for r in range(rows):
        n = _seen(first + r, keys, causal)
        if len(mask):
            _scale_and_add(x[r, :n], mask[first + r, :n], scale)
        else:
            _scale(x[r, :n], scale)


@compiled
def _weights(x, rows, first, seen, keys, level, causal):  # type: ignore[no-untyped-def]
    """exp(x - level); 0 for keys that a query may not see."""
    for r in range(rows):
        n = _seen(first + r, keys, causal)
        _exp_all(x[r, :n], level[first + r])
        x[r, n:seen] = F(0)


@compiled
def _softmax(x, rows, first, seen, keys, level, causal):  # type: ignore[no-untyped-def]
    """x = softmax(x) for each query; level: log(sum(exp(x))), 0 for queries that see nothing."""
    for r in range(rows):
        top = _largest(x[r, : _seen(first + r, keys, causal)])
        level[first + r] = F(0) if top == -F(numpy.inf) else top
    _weights(x, rows, first, seen, keys, level, causal)
    for r in range(rows):
        n = _seen(first + r, keys, causal)
        total = _total(x[r, :n])
        total = F(1) if total == F(0) else total
        level[first + r] += log(total)
        _scale(x[r, :n], F(1) / total)


@compiled
def forward(at, sizes, mask, level, scale, causal, tall, start, stop):  # type: ignore[no-untyped-def]
    """Heads start..stop of all. sizes: heads, queries, keys, columns of q and of v; mask (batch, heads, l, s).

    tall: how many queries' weights are made at a time.
    """
    heads, queries, keys, size, columns = sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]
    turned, block = numpy.empty((size, keys), F), numpy.empty((tall, keys), F)
    scores = block.ctypes.data
    for number in range(start, stop):
        i, j = number // heads, number % heads
        q, v, y = _place(at, 0, i, j), _place(at, 2, i, j), _place(at, 3, i, j)
        transpose(keys, size, _place(at, 1, i, j), at[1, 3], turned.ctypes.data, keys)
        for first in range(0, queries, len(block)):
            rows = min(len(block), queries - first)
            seen = _seen(first + rows - 1, keys, causal)
            queries_here = q + 4 * first * at[0, 3]
            product(rows, seen, size, queries_here, at[0, 3], 1, turned.ctypes.data, keys, 0, 0, scores, keys)
            _scores(block, rows, first, keys, mask[i, j], scale, causal)
            _softmax(block, rows, first, seen, keys, level[number], causal)
            place = y + 4 * first * at[3, 3]
            product(rows, columns, seen, scores, keys, 1, v, at[2, 3], 0, 0, place, at[3, 3])


@compiled
def _score_gradients(p, g, rows, seen, scale):  # type: ignore[no-untyped-def]
    """g = p (g - sum(g p)) scale"""
    for r in range(rows):
        level = _dot(p[r, :seen], g[r, :seen])
        _softmax_row_backward(p[r, :seen], g[r, :seen], level, scale)


@compiled
def _softmax_row_backward(p, g, level, scale):  # type: ignore[no-untyped-def]
    for i in range(p.size):
        g[i] = p[i] * (g[i] - level) * scale


@compiled
def backward(at, sizes, mask, level, scale, causal, tall, start, stop):  # type: ignore[no-untyped-def]
    """The gradients that have a place; dk and dv are added to."""
    heads, queries, keys, size, columns = sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]
    turned, turned_v = numpy.empty((size, keys), F), numpy.empty((columns, keys), F)
    block, slopes = numpy.empty((tall, keys), F), numpy.empty((tall, keys), F)
    p, ds = block.ctypes.data, slopes.ctypes.data
    q_row, k_row, g_row, dq_row, dk_row, dv_row = at[0, 3], at[1, 3], at[3, 3], at[4, 3], at[5, 3], at[6, 3]
    for number in range(start, stop):
        i, j = number // heads, number % heads
        k, dk, dv = _place(at, 1, i, j), _place(at, 5, i, j), _place(at, 6, i, j)
        transpose(keys, size, k, k_row, turned.ctypes.data, keys)
        transpose(keys, columns, _place(at, 2, i, j), at[2, 3], turned_v.ctypes.data, keys)
        for first in range(0, queries, len(block)):
            rows = min(len(block), queries - first)
            seen = _seen(first + rows - 1, keys, causal)
            q, g = _place(at, 0, i, j) + 4 * first * q_row, _place(at, 3, i, j) + 4 * first * g_row
            product(rows, seen, size, q, q_row, 1, turned.ctypes.data, keys, 0, 0, p, keys)
            _scores(block, rows, first, keys, mask[i, j], scale, causal)
            _weights(block, rows, first, seen, keys, level[number], causal)
            if dv:
                product(seen, columns, rows, p, 1, keys, g, g_row, dv, dv_row, dv, dv_row)
            if dk or at[4, 0]:
                product(rows, seen, columns, g, g_row, 1, turned_v.ctypes.data, keys, 0, 0, ds, keys)
                _score_gradients(block, slopes, rows, seen, scale)
            if at[4, 0]:
                place = _place(at, 4, i, j) + 4 * first * dq_row
                product(rows, size, seen, ds, keys, 1, k, k_row, 0, 0, place, dq_row)
            if dk:
                product(seen, size, rows, ds, 1, keys, q, q_row, dk, dk_row, dk, dk_row)
