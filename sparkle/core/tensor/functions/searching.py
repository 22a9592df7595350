"""Where elements are: nonzero positions, places in sorted boundaries."""

from __future__ import annotations

from typing import Any

import numpy

from ... import backend
from ..base import TensorBase, wrap


def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """The positions of the nonzero elements: int64 of shape (n, dims), or with as_tuple one vector for each dim.

    >>> import sparkle
    >>> sparkle.nonzero(sparkle.tensor([0, 3, 4])).tolist()
    [[1], [2]]
    """
    array = input.array
    xp = backend.library(array)
    if as_tuple:
        return tuple([wrap(p) for p in (array if array.ndim else array.reshape(1)).nonzero()])
    if not array.ndim:
        return wrap(xp.zeros((int(bool(array)), 0), numpy.int64))
    return wrap(xp.stack(array.nonzero(), 1))


def argwhere(input: Any) -> Any:
    """The positions of the nonzero elements: int64 of shape (n, dims)."""
    return nonzero(input)


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """Where the elements of input would go into the sorted last dim: before equal ones, with right=True behind them.

    sorted_sequence: a vector, or a tensor whose other dims equal those of input. input: a tensor or a number.
    Returns int64, with out_int32 int32, in the shape of input. sorter: the order that sorts the sequence.

    >>> import sparkle
    >>> sparkle.searchsorted(sparkle.tensor([1, 3, 5]), sparkle.tensor([3, 6])).tolist()
    [1, 3]
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"searchsorted: side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            "searchsorted: side and right can't be set to opposites, got side of left while right was True"
        )
    rows = sorted_sequence.array
    xp = backend.library(rows)
    values = input.array if isinstance(input, TensorBase) else xp.asarray(input)
    if not isinstance(input, TensorBase) and rows.ndim != 1:
        raise RuntimeError(
            f"searchsorted: a number can be placed in a vector only, the boundaries have {rows.ndim} dims"
        )
    if sorter is not None:
        rows = xp.take_along_axis(rows, sorter.array, -1)
    if rows.ndim != 1 and rows.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor "
            "and "
            f"input value tensor must match, but we got boundaries {list(rows.shape)} and input {list(values.shape)}"
        )
    where = "right" if right or side == "right" else "left"
    if rows.ndim == 1:
        found = xp.searchsorted(rows, values, where)
    else:
        found = xp.empty(values.shape, numpy.int64)
        for place in numpy.ndindex(rows.shape[:-1]):
            found[place] = xp.searchsorted(rows[place], values[place], where)
    return wrap(xp.asarray(found, dtype=numpy.int32 if out_int32 else numpy.int64))


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """The bucket of every element between sorted boundaries: `searchsorted` with the arguments exchanged.

    >>> import sparkle
    >>> sparkle.bucketize(sparkle.tensor([0, 3, 9]), sparkle.tensor([1, 3, 5])).tolist()
    [0, 1, 3]
    """
    if boundaries.array.ndim != 1:
        raise RuntimeError(f"bucketize: boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
