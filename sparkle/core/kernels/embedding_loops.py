"""The loops that numba compiles for `embedding`."""

from __future__ import annotations

from .compiling import in_any_order


@in_any_order
def add_rows(g, index, dw, start, stop):  # type: ignore[no-untyped-def]
    """Rows start..stop of dw become the sums of those g[r] whose index[r] they are, in order."""
    rows, n = g.shape
    dw[start:stop] = 0
    for r in range(rows):
        row = index[r] if index[r] >= 0 else index[r] + len(dw)
        if start <= row < stop:
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
