"""Where elements are: nonzero positions, places in sorted boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from .... import backend
from ....dtypes import FLOATS
from ....ops.reductions.sorting import bisected
from ...base import TensorBase, dtype_of, wrap
from ...out import into
from ..pointwise.arithmetic import div, remainder
from ..pointwise.unary import check_tensor


def nonzero(input: Any, *, as_tuple: bool = False, out: Any = None) -> Any:
    """The positions of the nonzero elements: int64 of shape (n, dims), or with as_tuple one vector for each dim.

    >>> import sparkle
    >>> sparkle.nonzero(sparkle.tensor([0, 3, 4])).tolist()
    [[1], [2]]
    """
    if out is not None:
        return into(out, nonzero, input, as_tuple=as_tuple)
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
    out: Any = None,
) -> Any:
    """Where the elements of input would go into the sorted last dim: before equal ones, with right=True behind them.

    sorted_sequence: a vector, or a tensor whose other dims equal those of input. input: a tensor or a number.
    Returns int64, with out_int32 int32, in the shape of input. sorter: the order that sorts the sequence.

    >>> import sparkle
    >>> sparkle.searchsorted(sparkle.tensor([1, 3, 5]), sparkle.tensor([3, 6])).tolist()
    [1, 3]
    """
    if out is not None:
        return into(
            out, searchsorted, sorted_sequence, input, out_int32=out_int32, right=right, side=side, sorter=sorter
        )
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
        rows = xp.take_along_axis(rows, _checked_sorter(rows, sorter), -1)
    if not rows.ndim:
        raise RuntimeError("searchsorted: sorted_sequence is 0-d, a vector of boundaries or rows of them are wanted")
    if rows.ndim != 1 and rows.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor "
            "and "
            f"input value tensor must match, but we got boundaries {list(rows.shape)} and input {list(values.shape)}"
        )
    right = right or side == "right"
    if rows.ndim == 1 and not _has_nan(rows) and not _has_nan(values):
        found = xp.searchsorted(rows, values, "right" if right else "left")
    elif rows.ndim == 1:
        found = bisected(xp, rows, values.reshape(-1), right).reshape(values.shape)
    else:
        found = bisected(xp, rows, values, right)
    return wrap(xp.asarray(found, dtype=numpy.int32 if out_int32 else numpy.int64))


def _has_nan(array: Any) -> bool:
    return array.dtype.kind in FLOATS and bool((array != array).any())


def _checked_sorter(rows: Any, sorter: Any) -> Any:
    """The array of an order of the rows' last dim."""
    check_tensor(sorter, "searchsorted", "sorter")
    order = sorter.array
    if order.shape != rows.shape:
        raise RuntimeError(
            f"searchsorted: boundary and sorter must have the same size, but got {list(rows.shape)} and "
            f"{list(order.shape)}"
        )
    if order.dtype != numpy.int64:
        raise RuntimeError(f"searchsorted: sorter must be a tensor of long dtype but got dtype {dtype_of(sorter)}")
    if order.size and (order.min() < 0 or order.max() >= rows.shape[-1]):
        raise RuntimeError(f"searchsorted: sorter index out of range for boundaries of size {rows.shape[-1]}")
    return order


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False, out: Any = None) -> Any:
    """The bucket of every element between sorted boundaries: `searchsorted` with the arguments exchanged.

    >>> import sparkle
    >>> sparkle.bucketize(sparkle.tensor([0, 3, 9]), sparkle.tensor([1, 3, 5])).tolist()
    [0, 1, 3]
    """
    if out is not None:
        return into(out, bucketize, input, boundaries, out_int32=out_int32, right=right)
    if boundaries.array.ndim != 1:
        raise RuntimeError(f"bucketize: boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def nonzero_static(input: Any, *, size: int, fill_value: int = -1) -> Any:
    """The positions of the first `size` nonzero elements: int64 of shape (size, dims), rows beyond them filled.

    >>> import sparkle
    >>> sparkle.nonzero_static(sparkle.tensor([0, 3]), size=2).tolist()
    [[1], [-1]]
    """
    if size < 0:
        raise RuntimeError(f"nonzero_static: 'size' must be a non-negative integer, met {size}")
    found = nonzero(input).array[:size]
    rows = backend.library(found).full((size, found.shape[1]), fill_value, dtype=numpy.int64)
    rows[: len(found)] = found
    return wrap(rows)


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """The positions, one tensor for each dim of `shape`, of places in the flattened tensor.

    Raises TypeError unless indices are integers and shape is an int or a sequence of them, ValueError where negative.

    >>> import sparkle
    >>> [i.tolist() for i in sparkle.unravel_index(sparkle.tensor([3, 5]), (2, 3))]
    [[1, 1], [0, 2]]
    """
    if not isinstance(indices, TensorBase):
        raise AttributeError(f"unravel_index: 'indices' must be a tensor, met {type(indices).__name__}")
    if indices.array.dtype.kind not in "iu":
        raise TypeError(f"unravel_index: expected 'indices' to be integer dtype, but got {dtype_of(indices)}")
    sizes = (shape,) if isinstance(shape, int) else shape
    if isinstance(sizes, TensorBase) or not isinstance(sizes, Sequence):
        raise TypeError(f"unravel_index: expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    for n in sizes:
        if not isinstance(n, int):
            raise TypeError(f"unravel_index: expected 'shape' sequence to only contain ints, but got {type(n)}")
    if any(n < 0 for n in sizes):
        raise ValueError(f"unravel_index: 'shape' cannot have negative values, but got {tuple(sizes)}")
    if indices.array.size and 0 in sizes:
        raise RuntimeError(f"unravel_index: ZeroDivisionError: a tensor of shape {tuple(sizes)} has no places")
    found, following = [], 1
    indices = wrap(indices.array.astype(numpy.int64))
    for n in reversed(sizes):
        towards_zero = div(indices, following, rounding_mode="trunc") if following > 1 else indices
        found.append(remainder(towards_zero, n) if n else indices)
        following *= n
    return tuple(reversed(found))
