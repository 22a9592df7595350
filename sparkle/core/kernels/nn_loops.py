"""The loops that numba compiles for `nn`. The only module of them that imports numba."""

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
