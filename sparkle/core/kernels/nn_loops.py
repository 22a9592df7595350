"""The loops that numba compiles for `nn`. The only module of them that imports numba."""

from __future__ import annotations

import numpy

from .compiling import in_any_order


@in_any_order
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


@in_any_order
def add_rows(g, index, dw):  # type: ignore[no-untyped-def]
    """dw[index[r]] += g[r] for each r in order."""
    rows, n = g.shape
    for r in range(rows):
        row = index[r]
        for i in range(n):
            dw[row, i] += g[r, i]
