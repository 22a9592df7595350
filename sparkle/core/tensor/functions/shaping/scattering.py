"""Functions that combine, or set, values in a copy of a tensor: at the places an index names, or in a part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .... import dtypes
from ....backend import library
from ....ops.shaping.indexing import Scatter
from ....ops.shaping.scattering import ScatterExtreme, ScatterMean, ScatterProd
from ...axes import axis_of
from ...base import apply, dtype_of, wrap
from ...out import into
from ...views import flat_storage, strides_of
from ..pointwise.unary import check_tensor, not_for
from .getitem import getitem, put_in
from .indexing import scatter_op
from .shape import clone, expanded, to_shape
from .splitting import as_strided, diagonal, select


def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Any:
    """A copy of input with out[i][index[i][j][k]][k] combined with src[i][j][k] for dim 1.

    reduce: "sum", "prod", "mean", "amax" or "amin". include_self=False leaves out what input holds at these places.
    Ties of "amax" and "amin" share the gradient. RuntimeError for other words, types that differ, places out of range.

    >>> import sparkle
    >>> x, index = sparkle.tensor([1.0, 2.0]), sparkle.tensor([0, 0])
    >>> sparkle.scatter_reduce(x, 0, index, sparkle.tensor([3.0, 4.0]), "prod").tolist()
    [12.0, 2.0]
    """
    check_tensor(input, "scatter_reduce")
    check_tensor(src, "scatter_reduce", "src")
    if reduce not in REDUCTIONS:
        raise RuntimeError(
            f"scatter_reduce: reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    scatter_op(input, dim, index, src)
    axis = axis_of(dim, input.array.ndim)
    if reduce == "mean" and input.array.dtype.kind == "b":
        raise not_for("scatter_reduce", input)
    if not input.array.ndim:
        one = [to_shape(x, (x.array.size,)) for x in (input, index, src)]
        return to_shape(_combined(one[0], 0, one[1], one[2], reduce, include_self), ())
    return _combined(input, axis, index, src, reduce, include_self)


REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def _combined(input: Any, axis: int, index: Any, src: Any, reduce: str, include_self: bool) -> Any:
    """scatter_reduce of sound arguments with dims."""
    if index.array.ndim != input.array.ndim:  # allowed for an index without elements
        return clone(input)
    if index.array.shape != src.array.shape:
        src = getitem(src, tuple([slice(n) for n in index.array.shape]))
    if not include_self:
        input = apply(Scatter(axis), input, _neutral(reduce, dtype_of(input)), index)
    if reduce == "sum":
        add = Scatter(axis)
        add.accumulate = True
        return apply(add, input, src, index)
    if reduce == "prod":
        return apply(ScatterProd(axis), input, src, index)
    if reduce == "mean":
        return apply(ScatterMean(axis, int(include_self)), input, src, index)
    return apply(ScatterExtreme(axis, "maximum" if reduce == "amax" else "minimum"), input, src, index)


def _neutral(reduce: str, dtype: dtypes.dtype) -> Any:
    """What combines with any value to that value."""
    if reduce in ("sum", "mean", "prod"):
        return int(reduce == "prod")
    if dtype is dtypes.bool:
        return reduce == "amin"
    if dtype.is_floating_point:
        return float("-inf") if reduce == "amax" else float("inf")
    limits = dtypes.iinfo(dtype)
    return limits.min if reduce == "amax" else limits.max


def index_reduce(input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True) -> Any:
    """A copy of input, with source combined with the positions of a dim that a vector names.

    reduce: "prod", "mean", "amax" or "amin"; otherwise as `scatter_reduce`. IndexError for positions out of range.
    """
    check_tensor(source, "index_reduce", "source")
    if reduce not in REDUCTIONS[1:]:
        raise RuntimeError(f"index_reduce: Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    axis = axis_of(dim, input.array.ndim, "index_reduce")
    _check_index_reduce(input, axis, index, source)
    if not input.array.ndim:
        return scatter_reduce(input, 0, to_shape(index, ()), source, reduce, include_self=include_self)
    along = to_shape(index, tuple([-1 if d == axis else 1 for d in range(input.array.ndim)]))
    places = expanded(along, source.array.shape)
    return _combined(input, axis, places, source, reduce, include_self)


def _check_index_reduce(input: Any, axis: int, index: Any, source: Any) -> None:
    check_tensor(index, "index_reduce", "index")
    array, shape = index.array, input.array.shape
    if array.ndim > 1:
        raise IndexError(f"index_reduce: index is supposed to be a vector, met shape {tuple(array.shape)}")
    if array.dtype not in ("int32", "int64"):
        raise RuntimeError(f"index_reduce: expected dtype int32 or int64 for index, met {dtype_of(index)}")
    if input.array.dtype != source.array.dtype:
        raise RuntimeError(
            f"index_reduce: self ({dtype_of(input)}) and source ({dtype_of(source)}) must have the same scalar type"
        )
    wanted = (*shape[:axis], array.size, *shape[axis + 1 :]) if shape else ()
    if tuple(source.array.shape) != wanted:
        raise RuntimeError(
            f"index_reduce: source has shape {list(source.array.shape)}, wanted {list(wanted)}: the sizes of index, "
            f"source and self must match"
        )
    n = shape[axis] if shape else 1
    if array.size and (array.min() < 0 or array.max() >= n):
        raise IndexError(f"index_reduce: index out of range for dimension {axis} with size {n}")


# ---------------------------------------------------------------- a part of a copy replaced


def _with_part(input: Any, part_of: Callable[[Any], Any], src: Any, where: str) -> Any:
    """A copy of input in which the part is src, of the same shape."""
    check_tensor(src, where, "src")
    out = clone(input)
    part = part_of(out)
    if part.array.shape != src.array.shape:
        raise RuntimeError(
            f"{where}: expected src to have a size equal to the slice of self. src size = {list(src.array.shape)}, "
            f"slice size = {list(part.array.shape)}"
        )
    put_in(part, src, where)
    return out


def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """A copy of input with src at one position of a dim.

    >>> import sparkle
    >>> sparkle.select_scatter(sparkle.zeros(2, 2), sparkle.ones(2), 0, 1).tolist()
    [[0.0, 0.0], [1.0, 1.0]]
    """
    return _with_part(input, lambda x: select(x, dim, index), src, "select_scatter")


def slice_scatter(
    input: Any,
    src: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
    *,
    out: Any = None,
) -> Any:
    """A copy of input with src in the slice start:end:step of a dim."""
    if out is not None:
        return into(out, slice_scatter, input, src, dim, start, end, step)
    axis = axis_of(dim, input.array.ndim, "slice_scatter")
    if step <= 0:
        raise RuntimeError(f"slice_scatter: slice step must be positive, met {step}")
    key = (*[slice(None)] * axis, slice(start, end, step))
    return _with_part(input, lambda x: getitem(x, key), src, "slice_scatter")


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A copy of input with src on the diagonals of the planes of two dims."""
    return _with_part(input, lambda x: diagonal(x, offset, dim1, dim2), src, "diagonal_scatter")


def as_strided_scatter(input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A copy of input and of the memory behind it, with src at the places that `as_strided` would give."""
    check_tensor(src, "as_strided_scatter", "src")
    root, start = flat_storage(input.array)
    whole = clone(as_strided(input, (root.size,), (1,), 0))
    offset = start if storage_offset is None else storage_offset
    part = as_strided(whole, size, stride, offset)
    if part.array.shape != src.array.shape:
        raise RuntimeError(
            f"as_strided_scatter: expected src to have the size {list(part.array.shape)}, met {list(src.array.shape)}"
        )
    put_in(part, src, "as_strided_scatter")
    return as_strided(whole, input.array.shape, strides_of(input.array), start)


# ---------------------------------------------------------------- rows of different lengths


def segment_reduce(
    data: Any,
    reduce: str,
    *,
    lengths: Any = None,
    indices: Any = None,
    offsets: Any = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Any:
    """The "sum", "mean", "max", "min" or "prod" of each of the segments that follow each other along an axis.

    lengths (or offsets: where each begins, and the end): integers, whose last dim is the axis. Segments without
    elements get `initial`, or 0 (sum), 1 (prod), nan (mean), -inf (max), inf (min). unsafe=True: lengths need not
    cover the axis. indices are not supported. RuntimeError for lengths that are negative or do not add up.

    >>> import sparkle
    >>> sparkle.segment_reduce(sparkle.tensor([1.0, 2.0, 3.0]), "sum", lengths=sparkle.tensor([2, 1])).tolist()
    [3.0, 3.0]
    """
    check_tensor(data, "segment_reduce", "data")
    if indices is not None:
        raise RuntimeError("segment_reduce: indices based reduction is not supported; give lengths or offsets")
    if reduce not in SEGMENTS:
        raise RuntimeError(f"segment_reduce: unsupported reduction given: {reduce}; wanted one of {list(SEGMENTS)}")
    sizes = _segment_sizes(data, lengths, offsets, axis, unsafe)
    last = sizes.ndim - 1
    xp = library(sizes)
    rows = sizes.reshape(-1, sizes.shape[-1])
    flat = to_shape(data, (len(rows), *data.array.shape[last:]))
    index = wrap(xp.stack([xp.repeat(xp.arange(len(row)), row) for row in rows]))
    flat = getitem(flat, (slice(None), slice(index.array.shape[1])))
    index = to_shape(index, (*index.array.shape, *[1] * (flat.array.ndim - 2)))
    way, empty = SEGMENTS[reduce]
    start = xp.full((*rows.shape, *flat.array.shape[2:]), _neutral(way, dtype_of(data)), dtype=data.array.dtype)
    if initial is not None:
        start[...] = initial
    else:
        start[rows == 0] = empty
    index = expanded(index, flat.array.shape)
    if way == "mean":
        out = apply(ScatterMean(1, 0), wrap(start), flat, index)
    else:
        out = _combined(wrap(start), 1, index, flat, way, True)
    return to_shape(out, (*sizes.shape, *data.array.shape[last + 1 :]))


SEGMENTS = {
    "sum": ("sum", 0.0),
    "mean": ("mean", float("nan")),
    "max": ("amax", float("-inf")),
    "min": ("amin", float("inf")),
    "prod": ("prod", 1.0),
}


def _segment_sizes(data: Any, lengths: Any, offsets: Any, axis: int, unsafe: bool) -> Any:
    """How long each segment is, as an array."""
    given = offsets if lengths is None else lengths
    if given is None:
        raise RuntimeError("segment_reduce: either lengths or offsets must be given")
    check_tensor(given, "segment_reduce", "lengths" if offsets is None else "offsets")
    sizes = given.array if lengths is not None else library(given.array).diff(given.array, axis=-1)
    if axis_of(axis, data.array.ndim, "segment_reduce") != sizes.ndim - 1:
        raise RuntimeError(f"segment_reduce: axis must be the last dim of lengths, met axis {axis}, {sizes.ndim} dims")
    if sizes.shape[:-1] != data.array.shape[: sizes.ndim - 1]:
        raise RuntimeError(
            f"segment_reduce: the first dims of lengths {list(sizes.shape)} and data {list(data.array.shape)} differ"
        )
    if (sizes < 0).any():
        raise RuntimeError("segment_reduce: lengths contains negative value!")
    if lengths is not None and not unsafe and (sizes.sum(axis=-1) != data.array.shape[sizes.ndim - 1]).any():
        n = data.array.shape[sizes.ndim - 1]
        raise RuntimeError(f"segment_reduce: the lengths along the axis must sum to {n}, the size of data")
    return sizes
