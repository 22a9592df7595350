"""The loops that numba compiles for `embedding`."""

from __future__ import annotations

from .compiling import in_any_order


@in_any_order
def add_rows(g, index, dw):  # type: ignore[no-untyped-def]
    """dw[index[r]] += g[r] for each r in order."""
    rows, n = g.shape
    for r in range(rows):
        row = index[r]
        for i in range(n):
            dw[row, i] += g[r, i]


@in_any_order
def sum_bags(x, counts, y):  # type: ignore[no-untyped-def]
    """y[b] += the next counts[b] rows of x."""
    row = 0
    for b in range(counts.size):
        for r in range(row, row + counts[b]):
            for i in range(x.shape[1]):
                y[b, i] += x[r, i]
        row += counts[b]
