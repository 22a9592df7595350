"""Functions that repeat elements, put them in another order, or deal with diagonals and triangles."""

from __future__ import annotations

from typing import Any

from ....backend import library
from ....ops.nn.rearrange import Flip, Roll, Tril, Triu
from ....ops.shaping.indexing import IndexSelect
from ....ops.shaping.joining import Repeat
from ....ops.shaping.shape import Clone, EmbedDiagonal
from ...axes import axis_of
from ...base import TensorBase, apply, wrap
from ...out import into
from ..reductions import reduction
from . import splitting
from .shape import expanded, given, to_shape, transpose, unsqueeze


def repeat(input: Any, *repeats: Any) -> Any:
    """The tensor as a tile, laid down a number of times along every dim; more numbers than dims add dims in front."""
    counts = given(repeats)
    if len(counts) < input.array.ndim:
        raise RuntimeError(
            f"repeat: number of dimensions of repeat dims {list(counts)} can not be smaller than number of "
            f"dimensions of tensor {list(input.array.shape)}"
        )
    if min(counts, default=0) < 0:
        raise RuntimeError(f"repeat: trying to create a tensor with negative dimension: repeats {list(counts)}")
    return apply(Repeat(counts), input)


def tile(input: Any, *dims: Any) -> Any:
    """`repeat` that takes fewer numbers than dims: they are for the last dims.

    >>> import sparkle
    >>> sparkle.tile(sparkle.tensor([1, 2]), (2,)).tolist()
    [1, 2, 1, 2]
    """
    counts = given(dims)
    return repeat(input, (*[1] * (input.array.ndim - len(counts)), *counts))


def repeat_interleave(
    input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Every element repeated in place: a number of times, or each its own number of times along a dim.

    With dim None the flattened tensor is taken. With repeats alone, position i as often as repeats[i] says.
    output_size, the size that results, is checked.
    """
    if repeats is None:
        input, repeats = _positions(input), input
    if dim is None:
        input, dim = to_shape(input, (input.array.size,)), 0
    axis = axis_of(dim, input.array.ndim, "repeat_interleave")
    shape = input.array.shape
    if isinstance(repeats, TensorBase):
        out = _repeat_each(input, repeats.array, axis)
    elif repeats < 0:
        raise RuntimeError(f"repeat_interleave: repeats must be non-negative, met {repeats}")
    else:
        wide = expanded(unsqueeze(input, axis + 1), (*shape[: axis + 1], repeats, *shape[axis + 1 :]))
        out = to_shape(wide, (*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]))
    if output_size is not None and out.array.shape[axis] != output_size:
        raise RuntimeError(
            f"repeat_interleave: allocated size does not match: output_size={output_size}, size {out.array.shape[axis]}"
        )
    return out


def _positions(repeats: Any) -> Any:
    if repeats.array.ndim != 1:
        raise RuntimeError(f"repeat_interleave: only accepts 1D vector as repeat, met {repeats.array.ndim} dims")
    return wrap(library(repeats.array).arange(repeats.array.size, dtype=repeats.array.dtype))


def _repeat_each(input: Any, counts: Any, axis: int) -> Any:
    """Along the axis, position i counts[i] times."""
    n = input.array.shape[axis]
    if counts.dtype.kind != "i":
        raise RuntimeError(f"repeat_interleave: repeats has to be Long or Int tensor, met {counts.dtype}")
    if counts.ndim > 1 or counts.size not in (1, n):
        raise RuntimeError(
            f"repeat_interleave: repeats must be 0-dim or 1-dim with one number or as many as the size {n} of dim "
            f"{axis}, met shape {tuple(counts.shape)}"
        )
    if counts.size and counts.min() < 0:
        raise RuntimeError(f"repeat_interleave: repeats can not be negative, met {int(counts.min())}")
    xp = library(counts)
    chosen = xp.repeat(
        xp.arange(n), counts.tolist() if counts.ndim and counts.size == n else int(counts.reshape(-1)[0])
    )
    return apply(IndexSelect(axis), input, chosen)


def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """Elements moved by shifts along dims (the flattened tensor without dims), from the end around to the start."""
    moves = given((shifts,))
    if not moves:
        raise RuntimeError("roll: `shifts` required")
    if dims is None or dims == ():
        if len(moves) != 1:
            raise RuntimeError(f"roll: shifts and dimensions must align. shifts: {len(moves)}, dims: 0")
        flat = to_shape(input, (input.array.size,))
        return to_shape(apply(Roll(moves, (0,)), flat), input.array.shape)
    axes = tuple([axis_of(d, input.array.ndim, "roll") for d in given((dims,))])
    if len(axes) != len(moves):
        raise RuntimeError(f"roll: shifts and dimensions must align. shifts: {len(moves)}, dims:{len(axes)}")
    return apply(Roll(moves, axes), input)


def flip(input: Any, *dims: Any) -> Any:
    """A copy with these dims reversed."""
    axes = tuple([axis_of(d, input.array.ndim, "flip") for d in given(dims)])
    if len(set(axes)) != len(axes):
        raise RuntimeError(f"flip: dim appears multiple times in the list of dims {axes}")
    return apply(Flip(axes if input.array.ndim else ()), input)


def fliplr(input: Any) -> Any:
    """A copy with dim 1 reversed."""
    if input.array.ndim < 2:
        raise RuntimeError(f"fliplr: input must be >= 2-d, met {input.array.ndim}-d")
    return flip(input, 1)


def flipud(input: Any) -> Any:
    """A copy with dim 0 reversed."""
    if input.array.ndim < 1:
        raise RuntimeError("flipud: input must be >= 1-d, met 0-d")
    return flip(input, 0)


def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """A copy turned k times by a right angle in the plane of two dims, from the first towards the second."""
    n = input.array.ndim
    if len(dims) != 2:
        raise RuntimeError(f"rot90: expected total rotation dims == 2, but got dims = {len(dims)}")
    if n < 2:
        raise RuntimeError(f"rot90: expected total dims >= 2, but got total dims = {n}")
    a, b = (axis_of(d, n, "rot90") for d in dims)
    if a == b:
        raise RuntimeError(
            f"rot90: expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    turns = k % 4
    if turns == 1:
        return transpose(flip(input, b), a, b)
    if turns == 2:
        return flip(input, a, b)
    return transpose(flip(input, a), a, b) if turns == 3 else apply(Clone(), input)


def diag(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The matrix with a vector as its diagonal, or a copy of a matrix's diagonal.

    >>> import sparkle
    >>> sparkle.diag(sparkle.tensor([1, 2])).tolist()
    [[1, 0], [0, 2]]
    """
    if out is not None:
        return into(out, diag, input, diagonal)
    if input.array.ndim == 1:
        return diag_embed(input, diagonal)
    if input.array.ndim != 2:
        raise RuntimeError(f"diag: supports 1D or 2D tensors, met {input.array.ndim}D")
    return apply(Clone(), splitting.diagonal(input, diagonal))


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Square matrices, in the planes of two new dims, with the last dim as their diagonals and zeros elsewhere."""
    n = input.array.ndim + 1
    a, b = axis_of(dim1, n, "diag_embed"), axis_of(dim2, n, "diag_embed")
    if a == b or not input.array.ndim:
        raise RuntimeError(
            f"diag_embed: wanted a last dim and two different new dims, met {n - 1} dims and {dim1}, {dim2}"
        )
    others = iter(input.array.shape[:-1])
    side = input.array.shape[-1] + abs(offset)
    shape = tuple([side if i in (a, b) else next(others) for i in range(n)])
    return apply(EmbedDiagonal(offset, a, b, shape), input)


def diagflat(input: Any, offset: int = 0) -> Any:
    """The matrix with all elements of the tensor as its diagonal."""
    return diag_embed(to_shape(input, (input.array.size,)), offset)


def tril(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """A matrix, or a stack of them, with zeros above a diagonal."""
    if out is not None:
        return into(out, tril, input, diagonal)
    return apply(Tril(diagonal), _at_least_matrix(input, "tril"))


def triu(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """A matrix, or a stack of them, with zeros below a diagonal."""
    if out is not None:
        return into(out, triu, input, diagonal)
    return apply(Triu(diagonal), _at_least_matrix(input, "triu"))


def _at_least_matrix(input: Any, where: str) -> Any:
    if input.array.ndim < 2:
        raise RuntimeError(f"{where}: input tensor must have at least 2 dimensions, met {input.array.ndim}")
    return input


def sum_to_size(input: Any, *size: Any) -> Any:
    """The sum over the dims along which a tensor of this size would be repeated to become this one."""
    shape, have = given(size), input.array.shape
    lead = len(have) - len(shape)
    if lead < 0 or any(n not in (1, have[lead + i]) for i, n in enumerate(shape)):
        raise RuntimeError(f"sum_to_size: size {list(shape)} is not expandable to size {list(have)}")
    dims = [i for i, n in enumerate(have) if i < lead or (shape[i - lead] == 1 and n != 1)]
    return to_shape(reduction.sum(input, dims), shape) if dims else input
