"""The loops that numba compiles for `nn`. The only module of them that imports numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
from numba import njit

BLOCK = 64  # rows summed in the arrays' own type before the sum goes on in float64

# Sums may be taken in another order, so that they use the processor's vectors; nan and infinity stay what they are.
SUMS = {"reassoc", "contract", "nsz"}


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as machine code that holds no Python lock, kept on disk where numba finds a place to write."""
    try:
        return njit(nogil=True, error_model="numpy", fastmath=SUMS, cache=True)(function)
    except RuntimeError:  # neither __pycache__ nor the user's cache folder can be written
        return njit(nogil=True, error_model="numpy", fastmath=SUMS)(function)


@_compiled
def normalize_rows(x, w, b, eps, y, mean, scale):  # type: ignore[no-untyped-def]
    """y = (x - mean) scale w + b for each row of x; w and b along the rows."""
    rows, n = x.shape
    for r in range(rows):
        total = x.dtype.type(0)
        for i in range(n):
            total += x[r, i]
        m = x.dtype.type(total / n)
        squares = x.dtype.type(0)
        for i in range(n):
            d = x[r, i] - m
            squares += d * d
        s = x.dtype.type(1 / numpy.sqrt(squares / n + eps))
        for i in range(n):
            y[r, i] = (x[r, i] - m) * s * w[i] + b[i]
        mean[r], scale[r] = m, s


@_compiled
def normalize_rows_backward(x, w, mean, scale, g, dx, dw, db):  # type: ignore[no-untyped-def]
    """The gradients of `normalize_rows`; dw and db are added to."""
    rows, n = x.shape
    for r in range(rows):
        m, s = mean[r], scale[r]
        level = x.dtype.type(0)
        along = x.dtype.type(0)
        for i in range(n):
            normal = (x[r, i] - m) * s
            level += g[r, i] * w[i]
            along += g[r, i] * w[i] * normal
        level, along = x.dtype.type(level / n), x.dtype.type(along / n)
        for i in range(n):
            normal = (x[r, i] - m) * s
            dx[r, i] = (g[r, i] * w[i] - level - normal * along) * s
            dw[i] += g[r, i] * normal
            db[i] += g[r, i]


@_compiled
def normalize_columns(x, w, b, eps, y, mean, scale, var):  # type: ignore[no-untyped-def]
    """y = (x - mean) scale w + b for each column of x; w and b have one element for each column."""
    rows, n = x.shape
    part, total = numpy.empty_like(w), numpy.zeros(n)
    for start in range(0, rows, BLOCK):
        part[:] = 0
        for r in range(start, min(start + BLOCK, rows)):
            for i in range(n):
                part[i] += x[r, i]
        for i in range(n):
            total[i] += part[i]
    for i in range(n):
        mean[i] = total[i] / rows
        total[i] = 0
    for start in range(0, rows, BLOCK):
        part[:] = 0
        for r in range(start, min(start + BLOCK, rows)):
            for i in range(n):
                d = x[r, i] - mean[i]
                part[i] += d * d
        for i in range(n):
            total[i] += part[i]
    for i in range(n):
        var[i] = total[i] / rows
        scale[i] = 1 / numpy.sqrt(total[i] / rows + eps)
        part[i] = scale[i] * w[i]
    for r in range(rows):
        for i in range(n):
            y[r, i] = (x[r, i] - mean[i]) * part[i] + b[i]


@_compiled
def normalize_columns_backward(x, w, mean, scale, g, dx, dw, db):  # type: ignore[no-untyped-def]
    """The gradients of `normalize_columns`."""
    rows, n = x.shape
    level, along = numpy.zeros(n), numpy.zeros(n)
    part, other = numpy.empty_like(w), numpy.empty_like(w)
    for start in range(0, rows, BLOCK):
        part[:] = 0
        other[:] = 0
        for r in range(start, min(start + BLOCK, rows)):
            for i in range(n):
                part[i] += g[r, i]
                other[i] += g[r, i] * (x[r, i] - mean[i])
        for i in range(n):
            level[i] += part[i]
            along[i] += other[i]
    factor = scale * w
    for i in range(n):
        db[i], dw[i] = level[i], along[i] * scale[i]
        part[i], other[i] = level[i] / rows, along[i] * scale[i] * scale[i] / rows
    for r in range(rows):
        for i in range(n):
            dx[r, i] = (g[r, i] - part[i] - (x[r, i] - mean[i]) * other[i]) * factor[i]


@_compiled
def cross_entropy(x, index, p):  # type: ignore[no-untyped-def]
    """The sum of -log(softmax(x))[index] over the rows; p = softmax(x)."""
    rows, n = x.shape
    loss = 0.0
    for r in range(rows):
        top = x[r, 0]
        for i in range(1, n):
            top = max(top, x[r, i])
        below = x.dtype.type(0)
        for i in range(n):
            p[r, i] = numpy.exp(x[r, i] - top)
            below += p[r, i]
        loss += numpy.log(below) - (x[r, index[r]] - top)
        for i in range(n):
            p[r, i] /= below
    return loss


@_compiled
def add_rows(g, index, dw):  # type: ignore[no-untyped-def]
    """dw[index[r]] += g[r] for each r in order."""
    rows, n = g.shape
    for r in range(rows):
        row = index[r]
        for i in range(n):
            dw[row, i] += g[r, i]
