"""Functions that read and write at positions given by tensors."""

from __future__ import annotations

from typing import Any

import numpy

from .... import backend
from ....ops.shaping.indexing import Gather, Index, IndexPut, IndexSelect, MaskedFill, Scatter
from ....ops.shaping.scattering import ScatterProd
from ....ops.shaping.shape import Cast
from ...autocast import in_widest
from ...axes import axis_of
from ...base import TensorBase, apply, dtype_of, wrap
from ...operands import fitting
from ...out import into
from .shape import broadcast_shapes, expanded, to_shape


def _indices(index: Any, where: str) -> Any:
    """The array of a tensor of int64 or int32."""
    if not isinstance(index, TensorBase):
        raise TypeError(f"{where}: argument 'index' must be a tensor, not {type(index).__name__}")
    if index.array.dtype not in (numpy.int64, numpy.int32):
        raise RuntimeError(f"{where}: expected dtype int32 or int64 for index, met {dtype_of(index)}")
    return index.array


def _check_range(array: Any, n: int, axis: int, error: type[Exception], where: str) -> None:
    """All positions in 0..n-1?"""
    if not array.size:
        return
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= n:
        raise error(f"{where}: index {low if low < 0 else high} is out of bounds for dimension {axis} with size {n}")


def _same_type(input: Any, other: Any, where: str, what: str) -> None:
    if input.array.dtype != other.array.dtype:
        raise RuntimeError(
            f"{where}: self ({dtype_of(input)}) and {what} ({dtype_of(other)}) must have the same scalar type (dtype)"
        )


# ---------------------------------------------------------------- gather and scatter


def _check_grid(input: Any, axis: int, index: Any, where: str) -> None:
    """Do the index's dims fit into the input's, but along the axis, and its positions into the axis?"""
    array, shape = _indices(index, where), input.array.shape
    if max(array.ndim, 1) != max(len(shape), 1):
        raise RuntimeError(
            f"{where}: index tensor must have the same number of dimensions as input tensor: {array.ndim} and "
            f"{len(shape)}"
        )
    if array.size == 0:
        return
    for d, n in enumerate(array.shape[: len(shape)]):
        if d != axis and n > shape[d]:
            raise RuntimeError(
                f"{where}: size does not match at dimension {d}: expected index {list(array.shape)} to be no larger "
                f"than self {list(shape)} apart from dimension {axis}"
            )
    _check_range(array, shape[axis] if shape else 1, axis, RuntimeError, where)


def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False, out: Any = None) -> Any:
    """out[i][j][k] = input[i][index[i][j][k]][k] for dim 1.

    index: int64 or int32, no larger than input on the other dims.
    sparse_grad=True is not supported (gradients are dense).

    >>> import sparkle
    >>> sparkle.gather(sparkle.tensor([[1, 2], [3, 4]]), 1, sparkle.tensor([[0, 0], [1, 0]])).tolist()
    [[1, 1], [4, 3]]
    """
    if out is not None:
        return into(out, gather, input, dim, index, sparse_grad=sparse_grad)
    if sparse_grad:
        raise NotImplementedError("gather: sparse_grad=True is not supported, gradients are dense")
    axis = axis_of(dim, input.array.ndim, "gather")
    _check_grid(input, axis, index, "gather")
    return apply(Gather(axis), input, index)


def scatter(
    input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None, out: Any = None
) -> Any:
    """A copy of input with out[i][index[i][j][k]][k] = src[i][j][k] for dim 1; src is a tensor or a number.

    reduce: "add" or "multiply" combine with what is there instead. Of values for one place an unspecified one wins.
    """
    if out is not None:
        return into(out, scatter, input, dim, index, src, value=value, reduce=reduce)
    return _scattered(input, dim, index, value if src is None else src, reduce)


def _scattered(input: Any, dim: int, index: Any, src: Any, reduce: str | None) -> Any:
    op, src = scatter_op(input, dim, index, src, reduce)
    if reduce == "multiply" and not input.array.ndim:
        return to_shape(apply(op, to_shape(input, (1,)), to_shape(src, (-1,)), to_shape(index, (-1,))), ())
    return apply(op, input, src, index)


def scatter_op(input: Any, dim: int, index: Any, src: Any, reduce: str | None = None) -> tuple[Any, Any]:
    """The op of a scatter whose arguments are sound, and its source."""
    axis = axis_of(dim, input.array.ndim, "scatter")
    if reduce not in (None, "add", "multiply"):
        raise RuntimeError(f"scatter: reduce argument must be either add or multiply, met {reduce!r}")
    _check_grid(input, axis, index, "scatter")
    if isinstance(src, TensorBase):
        _same_type(input, src, "scatter", "src")
        _check_source(index.array, src.array, axis)
    if reduce == "multiply":
        return ScatterProd(axis), _of_index(input, index.array, src)
    op = Scatter(axis)
    op.accumulate = reduce == "add"
    return op, src


def _of_index(input: Any, index: Any, src: Any) -> Any:
    """src, a number or a tensor, in the index's shape."""
    if not isinstance(src, TensorBase):
        full = backend.library(index).full(index.shape, scalar_for(input, src, "scatter"), input.array.dtype)
        return wrap(full)
    if src.array.shape == index.shape:
        return src
    corner: Any = src
    return corner[tuple([slice(n) for n in index.shape])]


def _check_source(index: Any, src: Any, axis: int) -> None:
    if index.size and max(index.ndim, 1) != max(src.ndim, 1):
        raise RuntimeError(f"scatter: index and src must have the same number of dims, met {index.ndim} and {src.ndim}")
    if index.size and any(n > m for n, m in zip(index.shape, src.shape, strict=False)):
        raise RuntimeError(
            f"scatter: expected index {list(index.shape)} to be no larger than src {list(src.shape)} (dimension {axis})"
        )


def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """A copy of input with src[i][j][k] added to out[i][index[i][j][k]][k] for dim 1."""
    if not isinstance(src, TensorBase):
        raise TypeError(f"scatter_add: argument 'src' must be a tensor, not {type(src).__name__}")
    return _scattered(input, dim, index, src, "add")


def take_along_dim(input: Any, indices: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """`gather` with input and indices broadcast against each other but along dim; the flattened input without dim."""
    if out is not None:
        return into(out, take_along_dim, input, indices, dim)
    if dim is None:
        return gather(to_shape(input, (input.array.size,)), 0, to_shape(indices, (indices.array.size,)))
    array = _indices(indices, "take_along_dim")
    if array.ndim != input.array.ndim:
        raise RuntimeError(
            f"take_along_dim: input and indices should have the same number of dimensions, but got {input.array.ndim} "
            f"dimensions for input, and {array.ndim} dimensions for indices"
        )
    axis = axis_of(dim, array.ndim, "take_along_dim")
    one = [(*x.shape[:axis], 1, *x.shape[axis + 1 :]) for x in (input.array, array)]
    full = broadcast_shapes(*one)
    wide = [expanded(x, (*full[:axis], x.array.shape[axis], *full[axis + 1 :])) for x in (input, indices)]
    return gather(wide[0], axis, wide[1])


# ---------------------------------------------------------------- positions of one dim


def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """The positions of a dim that a vector of integers names, in its order."""
    if out is not None:
        return into(out, index_select, input, dim, index)
    array = _indices(index, "index_select")
    if array.ndim > 1:
        raise IndexError(f"index_select: index is supposed to be a vector, met {array.ndim} dims")
    axis = axis_of(dim, input.array.ndim, "index_select")
    _check_range(array, input.array.shape[axis] if input.array.ndim else 1, axis, IndexError, "index_select")
    if not input.array.ndim:
        return apply(Gather(0), input, to_shape(index, ()))
    return apply(IndexSelect(axis), input, index if array.ndim else to_shape(index, (1,)))


def along_dim(
    input: Any, dim: int, index: Any, source: Any, where: str, negative: bool = False
) -> tuple[IndexPut, Any]:
    """The op that writes source to positions of a dim, and its index as a vector."""
    array = _indices(index, where)
    if array.ndim > 1:
        raise IndexError(f"{where}: index should have dimension 1 or 0 (got {array.ndim})")
    axis = axis_of(dim, input.array.ndim, where)
    if not input.array.ndim:
        raise NotImplementedError(f"{where}: a 0-d tensor has no positions to write to; give it a dim with unsqueeze")
    n = input.array.shape[axis]
    _check_range(array + n if negative and array.size and array.max() < 0 else array, n, axis, IndexError, where)
    if isinstance(source, TensorBase):
        _same_type(input, source, where, "source")
        wanted = (*input.array.shape[:axis], array.size, *input.array.shape[axis + 1 :])
        if source.array.shape != wanted and not (source.array.ndim == 0 and array.size == 1):
            raise (IndexError if where == "index_copy" else RuntimeError)(
                f"{where}: source has shape {list(source.array.shape)}, wanted {list(wanted)}: the sizes of index, "
                f"source and self must match"
            )
    return IndexPut((*[None] * axis, 0)), index if array.ndim else to_shape(index, (1,))


def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    """A copy of input with alpha source added at the positions of a dim that a vector names; repeated ones add up."""
    op, index = along_dim(input, dim, index, source, "index_add")
    op.accumulate = True
    return apply(op, input, source if alpha == 1 else source * alpha, index)


@in_widest
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """A copy of input with source at the positions of a dim that a vector names."""
    op, index = along_dim(input, dim, index, source, "index_copy")
    return apply(op, input, source, index)


def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """A copy of input with a number (or 0-d tensor) at the positions of a dim that a vector names."""
    op, index = along_dim(input, dim, index, None, "index_fill", negative=True)
    return apply(op, input, scalar_for(input, value, "index_fill"), index)


# ---------------------------------------------------------------- index_put, take, masks


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy of input with values at input[indices]; accumulate adds them, and repeated places add up."""
    op, parts = index_put_op(input, indices, values, accumulate)
    return apply(op, input, values, *parts)


def index_put_op(input: Any, indices: Any, values: Any, accumulate: bool) -> tuple[IndexPut, list[Any]]:
    """The op of an index_put whose arguments are sound, and its index arrays."""
    if len(indices) > input.array.ndim:
        raise IndexError(f"index_put: too many indices for tensor of dimension {input.array.ndim} (got {len(indices)})")
    _same_type(input, values, "index_put", "values")
    pattern: list[int | None] = []
    parts: list[Any] = []
    for k in indices:
        for one in [k] if k is None or k.array.dtype.kind != "b" else [wrap(p) for p in k.array.nonzero()]:
            pattern.append(None if one is None else len(parts))
            parts += [] if one is None else [one]
    op = IndexPut(tuple(pattern))
    op.accumulate = accumulate
    return op, parts


def take(input: Any, index: Any, *, out: Any = None) -> Any:
    """The elements of the flattened input that index names, in index's shape."""
    if out is not None:
        return into(out, take, input, index)
    array = _indices(index, "take")
    flat = to_shape(input, (input.array.size,))
    try:
        return apply(Index((0,)), flat, index if array.ndim else to_shape(index, ()))
    except IndexError as error:
        raise IndexError(
            f"take: out of range: tried to access a tensor of {input.array.size} elements: {error}"
        ) from None


def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """A copy of input whose flattened elements that index names are those of source."""
    _same_type(input, source, "put", "source")
    array = _indices(index, "put")
    if array.size != source.array.size:
        raise RuntimeError(
            f"put: source should have the same number of elements as index: {source.array.size}, {array.size}"
        )
    op = IndexPut((0,))
    op.accumulate = accumulate
    flat = to_shape(input, (input.array.size,))
    values, places = to_shape(source, (array.size,)), to_shape(index, (array.size,))
    return to_shape(apply(op, flat, values, places), input.array.shape)


def check_mask(mask: Any, where: str) -> Any:
    """The mask's array, of bool."""
    if not isinstance(mask, TensorBase):
        raise TypeError(f"{where}: argument 'mask' must be a tensor, not {type(mask).__name__}")
    if mask.array.dtype != bool:
        raise RuntimeError(f"{where}: only supports boolean masks, but got mask with dtype {dtype_of(mask)}")
    return mask.array


def scalar_for(input: Any, value: Any, where: str) -> Any:
    """A number, or a 0-d tensor, in the input's type."""
    to = dtype_of(input)
    if isinstance(value, TensorBase):
        if value.array.ndim:
            raise RuntimeError(
                f"{where}: only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} "
                f"dimension(s)"
            )
        return value if dtype_of(value) is to else apply(Cast(to.numpy), value)
    return fitting(value, to, where)


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """A copy of input, broadcast with the mask, with a number (or 0-d tensor) where the mask is true.

    >>> import sparkle
    >>> sparkle.masked_fill(sparkle.tensor([1, 2]), sparkle.tensor([True, False]), 7).tolist()
    [7, 2]
    """
    check_mask(mask, "masked_fill")
    return apply(MaskedFill(), input, scalar_for(input, value, "masked_fill"), mask)


def masked_select(input: Any, mask: Any, *, out: Any = None) -> Any:
    """The elements where the mask is true, as a vector; input and mask are broadcast against each other."""
    if out is not None:
        return into(out, masked_select, input, mask)
    if check_mask(mask, "masked_select").shape != input.array.shape:
        shape = broadcast_shapes(input.array.shape, mask.array.shape)
        input, mask = expanded(input, shape), expanded(mask, shape)
    op = Index(tuple(range(max(input.array.ndim, 1))))
    op.distinct = True
    flat = input if input.array.ndim else to_shape(input, (1,))
    return apply(op, flat, *(mask.array if input.array.ndim else mask.array.reshape(1)).nonzero())


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """A copy of input, broadcast with the mask, with the elements of source, in order, where the mask is true."""
    check_mask(mask, "masked_scatter")
    _same_type(input, source, "masked_scatter", "source")
    shape = broadcast_shapes(input.array.shape, mask.array.shape)
    wide = backend.library(input.array).broadcast_to(mask.array, shape)
    places = wide.reshape(-1).nonzero()[0]
    if places.size > source.array.size:
        raise RuntimeError(
            f"masked_scatter: number of elements of source ({source.array.size}) < number of ones in mask "
            f"({places.size})"
        )
    flat = to_shape(expanded(input, shape), (wide.size,))
    values = to_shape(source, (source.array.size,))[: places.size]
    return to_shape(apply(IndexPut((0,)), flat, values, places), tuple(shape))
