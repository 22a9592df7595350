"""Means and products of deviations, gathered batch by batch without loss of digits."""

from __future__ import annotations

from typing import Any

from ..core.backend import library

# (N, mean (D,), sum over rows of the outer product of their deviations from the mean (D, D))
Moments = tuple[int, Any, Any]


def moments_of(rows: Any) -> Moments:
    """Of float64 rows (N, D), N > 0. Constant columns have deviations of exactly 0."""
    first = rows[0]
    deviations = rows - first
    shift = deviations.mean(axis=0)
    deviations -= shift
    return len(rows), first + shift, deviations.T @ deviations


def combined(a: Moments | None, b: Moments | None) -> Moments | None:
    """Those of the rows of both (Chan, Golub, LeVeque 1983); None is no rows."""
    if a is None or b is None:
        return b if a is None else a
    n = a[0] + b[0]
    apart = b[1] - a[1]
    mean = a[1] + apart * (b[0] / n)
    return n, mean, a[2] + b[2] + library(apart).outer(apart, apart) * (a[0] * (b[0] / n))
