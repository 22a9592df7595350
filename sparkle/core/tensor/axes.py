"""Dims as users write them, checked and counted from the front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def axis_of(dim: Any, ndim: int, where: str = "") -> int:
    """dim in 0..ndim-1; IndexError outside the range. A tensor without axes counts as having one."""
    n = max(ndim, 1)
    try:
        i = dim.__index__()
    except AttributeError:
        raise TypeError(f"{where or 'dim'}: wanted an integer, met {dim!r}") from None
    if not -n <= i < n:
        raise IndexError(
            f"{where and where + ': '}Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {i})"
        )
    return i % n


def axes_of(dim: Any, ndim: int) -> tuple[int, ...] | None:
    """One dim, several or None as what NumPy takes for `axis`; RuntimeError for one named twice."""
    if dim is None:
        return None
    if not isinstance(dim, Sequence):
        axes: tuple[int, ...] = (axis_of(dim, ndim),)
    else:
        axes = tuple(axis_of(d, ndim) for d in dim)
        if not axes:
            return None
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"dim {tuple(dim)} appears multiple times in the list of dims")
    return axes if ndim else None
