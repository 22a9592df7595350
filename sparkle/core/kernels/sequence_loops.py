"""The loops that numba compiles for `sequences`: softmax and the steps of an LSTM, in single precision.

Short loops over few arrays each: with more LLVM no longer finds out whether they share memory, and computes one number
at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
from numba import njit

from .vector_math import bits_of_float, exp, float_of_bits, tanh

F = numpy.float32
ONE = F(1)


def _compiled(flags: set[str]) -> Callable[..., Any]:
    """Machine code that holds no Python lock, kept on disk where numba finds a place to write."""

    def compile_function(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return njit(nogil=True, error_model="numpy", fastmath=flags, cache=True)(function)
        except RuntimeError:  # neither __pycache__ nor the user's cache folder can be written
            return njit(nogil=True, error_model="numpy", fastmath=flags)(function)

    return compile_function


_exactly = _compiled({"contract"})  # rounding by adding and taking away must stay
_sums = _compiled({"reassoc", "contract", "nsz"})  # sums may be taken in another order


@_exactly
def _exp_all(x, top):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        x[i] = exp(x[i] - top)


@_sums
def _total(x):  # type: ignore[no-untyped-def]
    total = F(0)
    for i in range(x.size):
        total += x[i]
    return total


@_sums
def _dot(x, y):  # type: ignore[no-untyped-def]
    total = F(0)
    for i in range(x.size):
        total += x[i] * y[i]
    return total


@_exactly
def _in_order(bits):  # type: ignore[no-untyped-def]
    """The bits of floats as whole numbers in the floats' order, and back."""
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


@_exactly
def _largest(x):  # type: ignore[no-untyped-def]
    # Among whole numbers, since nan keeps LLVM from comparing several floats at once. Positive nan is the largest.
    top = _in_order(bits_of_float(x[0]))
    for i in range(1, x.size):
        top = max(top, _in_order(bits_of_float(x[i])))
    return float_of_bits(numpy.int32(_in_order(top)))


@_exactly
def _scale_and_add(x, mask, scale):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        x[i] = x[i] * scale + mask[i]


@_exactly
def _scale(x, scale):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        x[i] *= scale


@_exactly
def softmax_rows(x, mask, scale):  # type: ignore[no-untyped-def]
    """x = softmax(x scale + mask) for each row, in place; the rows of the mask, which may have none, repeat.

    One stage after the other for all rows: a row's own stages each wait for the one before.
    """
    level = numpy.empty(len(x), x.dtype)
    if len(mask):
        for r in range(len(x)):
            _scale_and_add(x[r], mask[r % len(mask)], scale)
    else:
        for r in range(len(x)):
            _scale(x[r], scale)
    for r in range(len(x)):
        level[r] = _largest(x[r])
    for r in range(len(x)):
        _exp_all(x[r], F(0) if level[r] == -F(numpy.inf) else level[r])
    for r in range(len(x)):
        level[r] = _total(x[r])
    for r in range(len(x)):
        _scale(x[r], ONE / (ONE if level[r] == F(0) else level[r]))


@_exactly
def softmax_rows_backward(p, g, scale):  # type: ignore[no-untyped-def]
    """g = p (g - sum(g p)) scale for each row, in place."""
    rows, n = p.shape
    for r in range(rows):
        level = _dot(p[r], g[r])
        for i in range(n):
            g[r, i] = p[r, i] * (g[r, i] - level) * scale


@_exactly
def _sigmoid_all(z, x):  # type: ignore[no-untyped-def]
    for i in range(z.size):
        z[i] = ONE / (ONE + exp(-(z[i] + x[i])))


@_exactly
def _tanh_all(z, x):  # type: ignore[no-untyped-def]
    for i in range(z.size):
        z[i] = tanh(z[i] + x[i])


@_exactly
def lstm_step(z, x, cell, bent, out):  # type: ignore[no-untyped-def]
    """One step of all sequences: z + x are the gates' inputs; z becomes the gates i, f, g, o; cells move on."""
    size = cell.shape[1]
    for r in range(len(z)):
        _sigmoid_all(z[r, : 2 * size], x[r, : 2 * size])
        _tanh_all(z[r, 2 * size : 3 * size], x[r, 2 * size : 3 * size])
        _sigmoid_all(z[r, 3 * size :], x[r, 3 * size :])
        i, f, new, o = z[r, :size], z[r, size : 2 * size], z[r, 2 * size : 3 * size], z[r, 3 * size :]
        c, t, y = cell[r], bent[r], out[r]
        for j in range(size):
            c[j] = f[j] * c[j] + i[j] * new[j]
        for j in range(size):
            t[j] = tanh(c[j])
        for j in range(size):
            y[j] = o[j] * t[j]


@_exactly
def lstm_step_backward(gates, bent, cells, dh, dc, dz):  # type: ignore[no-untyped-def]
    """The gradients of a step: dz of the gates' inputs; dc, of the cells after it, becomes that of those before it."""
    size = dc.shape[1]
    for r in range(len(dz)):
        g, d, t, before, above, of_cell = gates[r], dz[r], bent[r], cells[r], dh[r], dc[r]
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
