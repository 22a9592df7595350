"""Reductions, sorting and counting as methods."""

from __future__ import annotations

from ..functions import reduction


class ReductionMethods:
    """Reductions, sorting and counting as methods."""

    sum = reduction.sum
    mean = reduction.mean
