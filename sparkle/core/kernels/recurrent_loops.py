"""The loops that numba compiles for `recurrent`: all steps of an LSTM or a GRU for some of the sequences.

A thread takes its sequences through all steps: the weights stay in its cache, and it waits for nobody. Short loops over
few arrays each: with more LLVM no longer finds out whether they share memory, and computes one number at a time.
"""

from __future__ import annotations

import numpy

from .tiles import COLUMNS, FETCH, compiled, product
from .vector_math import copy_rows, exp, tanh

ONE = numpy.float32(1)
DEEP = 128  # rows of the weights in a part of a product


@compiled
def _sigmoid_all(z):  # type: ignore[no-untyped-def]
    for i in range(z.size):
        z[i] = ONE / (ONE + exp(-z[i]))


@compiled
def _tanh_all(z):  # type: ignore[no-untyped-def]
    for i in range(z.size):
        z[i] = tanh(z[i])


@compiled
def _times(a, b, d, c):  # type: ignore[no-untyped-def]
    """c = d + a b for contiguous matrices, c = a b where d has no rows."""
    m, n, size = len(c), c.shape[1], len(b)
    start = d.ctypes.data if len(d) else 0
    product(m, n, size, a.ctypes.data, size, 1, b.ctypes.data, n, start, n, c.ctypes.data, n)


@compiled
def _fetch(x, part, parts):  # type: ignore[no-untyped-def]
    """One of so many parts of a contiguous matrix, which is used soon."""
    start, lines = x.ctypes.data, (x.size + 15) // 16
    for line in range(lines * part // parts, lines * (part + 1) // parts):
        FETCH(start + 64 * line)


@compiled
def _times_ahead(a, b, c, soon, also, written):  # type: ignore[no-untyped-def]
    """c = a b in small parts; between them memory is asked for what the next step uses, which comes meanwhile."""
    m, n, size = len(c), c.shape[1], len(b)
    across, down = (n + COLUMNS - 1) // COLUMNS, (size + DEEP - 1) // DEEP
    left, right, to = a.ctypes.data, b.ctypes.data, c.ctypes.data
    for part in range(across * down):
        _fetch(soon, part, across * down)
        _fetch(also, part, across * down)
        _fetch(written, part, across * down)
        j, k = part // down * COLUMNS, part % down * DEEP
        place, wide, deep = to + 4 * j, min(COLUMNS, n - j), min(DEEP, size - k)
        start = place if k else 0
        product(m, wide, deep, left + 4 * k, size, 1, right + 4 * (k * n + j), n, start, n, place, n)


@compiled
def _lstm_row(z, c, bent, y):  # type: ignore[no-untyped-def]
    """z, the gates' inputs, become the gates i, f, g, o; the cell c moves on."""
    size = c.size
    _sigmoid_all(z[: 2 * size])
    _tanh_all(z[2 * size : 3 * size])
    _sigmoid_all(z[3 * size :])
    i, f, new, o = z[:size], z[size : 2 * size], z[2 * size : 3 * size], z[3 * size :]
    for j in range(size):
        c[j] = f[j] * c[j] + i[j] * new[j]
    for j in range(size):
        bent[j] = tanh(c[j])
    for j in range(size):
        y[j] = o[j] * bent[j]


@compiled
def lstm_forward(steps, x, w, r, h, c, out, kept, gates, bent, before, cells, low, high):  # type: ignore[no-untyped-def]
    """Sequences low..high through all steps (first row, rows); w (hidden, gates), r (size, hidden) or without rows.

    gates and bent have the rows of all steps where `kept`, else those of one step; before and cells then are not used.
    """
    product_of = numpy.empty((high - low if len(r) else 0, c.shape[1]), x.dtype)
    for s in range(len(steps)):
        n = min(steps[s, 1], high) - low
        if n <= 0:
            continue
        a = steps[s, 0] + low
        at = a if kept else low
        z, t, y, live = gates[at : at + n], bent[at : at + n], out[a : a + n], h[low : low + n]
        if kept:
            copy_rows(live, before[a : a + n])
            copy_rows(c[low : low + n], cells[a : a + n])
        copy_rows(x[a : a + n], z)  # in order, as memory is fetched ahead
        _times(live, w, z, z)
        made = product_of[:n] if len(r) else y
        for k in range(n):
            _lstm_row(z[k], c[low + k], t[k], made[k])
        if len(r):
            _times(made, r, r[:0], y)
        copy_rows(y, live)


@compiled
def _lstm_row_backward(g, t, before, above, of_cell, d):  # type: ignore[no-untyped-def]
    """d: the gradient of a step's gates' inputs; of_cell, of the cell after it, becomes that of the one before it."""
    size = t.size
    i, f, new, o = g[:size], g[size : 2 * size], g[2 * size : 3 * size], g[3 * size :]
    di, df, dnew, do = d[:size], d[size : 2 * size], d[2 * size : 3 * size], d[3 * size :]
    for j in range(size):
        do[j] = above[j] * t[j] * o[j] * (ONE - o[j])
    for j in range(size):
        of_cell[j] += above[j] * o[j] * (ONE - t[j] * t[j])
    for j in range(size):
        di[j] = of_cell[j] * new[j] * i[j] * (ONE - i[j])
    for j in range(size):
        dnew[j] = of_cell[j] * i[j] * (ONE - new[j] * new[j])
    for j in range(size):
        df[j] = of_cell[j] * before[j] * f[j] * (ONE - f[j])
    for j in range(size):
        of_cell[j] *= f[j]


@compiled
def lstm_backward(steps, g, w, r, gates, bent, cells, dh, dc, dx, lives, low, high):  # type: ignore[no-untyped-def]
    """dx; dh and dc become those of the first states. w (gates, hidden), r (hidden, size); g and lives may be empty."""
    above_of = numpy.empty((high - low if len(r) else 0, dc.shape[1]), dx.dtype)
    for s in range(len(steps) - 1, -1, -1):
        n = min(steps[s, 1], high) - low
        if n <= 0:
            continue
        a = steps[s, 0] + low
        live, z = dh[low : low + n], dx[a : a + n]
        if len(g):
            live += g[a : a + n]
        if len(lives):
            copy_rows(live, lives[a : a + n])
        above = above_of[:n] if len(r) else live
        if len(r):
            _times(live, r, r[:0], above)
        for k in range(n):
            _lstm_row_backward(gates[a + k], bent[a + k], cells[a + k], above[k], dc[low + k], z[k])
        start = steps[s - 1, 0] + low if s else 0
        stop = steps[s - 1, 0] + min(steps[s - 1, 1], high) if s else 0
        _times_ahead(z, w, live, gates[start:stop], cells[start:stop], dx[start:stop])


@compiled
def _gru_row(x, q, h, gates, new, y):  # type: ignore[no-untyped-def]
    size = h.size
    for j in range(2 * size):
        gates[j] = x[j] + q[j]
    _sigmoid_all(gates)
    r, z, other, inner = gates[:size], gates[size:], x[2 * size :], q[2 * size :]
    for j in range(size):
        new[j] = tanh(other[j] + r[j] * inner[j])
    for j in range(size):
        y[j] = new[j] + z[j] * (h[j] - new[j])


@compiled
def gru_forward(steps, x, w, b, h, out, kept, gates, drawn, inner, before, low, high):  # type: ignore[no-untyped-def]
    """Sequences low..high through all steps; w (hidden, gates), b (gates). See `lstm_forward`."""
    size = h.shape[1]
    products = numpy.empty((high - low, 3 * size), x.dtype)
    for s in range(len(steps)):
        n = min(steps[s, 1], high) - low
        if n <= 0:
            continue
        a = steps[s, 0] + low
        at = a if kept else low
        q, y, live = products[:n], out[a : a + n], h[low : low + n]
        start, here = live.ctypes.data, q.ctypes.data
        product(n, 3 * size, size, start, size, 1, w.ctypes.data, 3 * size, b.ctypes.data, 0, here, 3 * size)
        if kept:
            copy_rows(live, before[a : a + n])
            copy_rows(q[:, 2 * size :], inner[a : a + n])
        for k in range(n):
            _gru_row(x[a + k], q[k], live[k], gates[at + k], drawn[at + k], y[k])
        copy_rows(y, live)


@compiled
def _gru_row_backward(gates, new, q, before, dh, dx, dq):  # type: ignore[no-untyped-def]
    """dx and dq, the gradients of what x and h add; dh becomes that of the state before, past w."""
    size = dh.size
    r, z = gates[:size], gates[size:]
    dr, dz, dn = dx[:size], dx[size : 2 * size], dx[2 * size :]
    for j in range(size):
        dn[j] = dh[j] * (ONE - z[j]) * (ONE - new[j] * new[j])
    for j in range(size):
        dz[j] = dh[j] * (before[j] - new[j]) * z[j] * (ONE - z[j])
    for j in range(size):
        dr[j] = dn[j] * q[j] * r[j] * (ONE - r[j])
    for j in range(2 * size):
        dq[j] = dx[j]
    last = dq[2 * size :]
    for j in range(size):
        last[j] = dn[j] * r[j]
    for j in range(size):
        dh[j] *= z[j]


@compiled
def gru_backward(steps, g, w, gates, drawn, inner, before, dh, dx, dq, low, high):  # type: ignore[no-untyped-def]
    """dx and dq, and dh made that of the first state; w (gates, hidden). g may be empty."""
    for s in range(len(steps) - 1, -1, -1):
        n = min(steps[s, 1], high) - low
        if n <= 0:
            continue
        a = steps[s, 0] + low
        live, back = dh[low : low + n], dq[a : a + n]
        if len(g):
            live += g[a : a + n]
        for k in range(n):
            _gru_row_backward(gates[a + k], drawn[a + k], inner[a + k], before[a + k], live[k], dx[a + k], back[k])
        _times(back, w, live, live)
