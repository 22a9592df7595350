"""Functions that give parts of a tensor as views."""

from __future__ import annotations

from itertools import pairwise
from operator import index
from typing import Any

from .... import dtypes
from ....ops.shaping.joining import Split, Unbind
from ....ops.shaping.shape import AsStrided, Diagonal, Select, Slice, Unfold, ViewType
from ...axes import axis_of
from ...views import flat_storage, seen, views
from ...views import view as _view


def _axis(input: Any, dim: int, where: str) -> int:
    if not input.array.ndim:
        raise RuntimeError(f"{where}: expects at least a 1-dimensional tensor, met a 0-d tensor")
    return axis_of(dim, input.array.ndim, where)


def _along(axis: int, part: Any) -> tuple[Any, ...]:
    """An index with this part of one axis and all of those before it."""
    return (*[slice(None)] * axis, part, ...)


def select(input: Any, dim: int, index: int) -> Any:
    """The view at one position of a dim, without that dim. IndexError for a position outside of it."""
    array = input.array
    shape = array.shape
    if not shape:
        raise IndexError("select: cannot be applied to a 0-dim tensor")
    axis = axis_of(dim, len(shape), "select")
    n = shape[axis]
    if not -n <= index < n:
        raise IndexError(f"select: index {index} out of range for tensor of size {list(shape)} at dimension {axis}")
    key = _along(axis, int(index))
    return seen(input, array[key], Select, key, shape)


def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """The view of length positions of a dim, from start on (counted from the end when negative)."""
    axis = _axis(input, dim, "narrow")
    array = input.array
    n = array.shape[axis]
    if length < 0:
        raise RuntimeError(f"narrow: length must be non-negative, met {length}")
    first = index(start)
    if not -n <= first <= n:
        raise IndexError(f"narrow: start out of range (expected to be in range of [{-n}, {n}], but got {first})")
    first += n if first < 0 else 0
    if first + length > n:
        raise RuntimeError(f"narrow: start ({first}) + length ({length}) exceeds dimension size ({n})")
    key = _along(axis, slice(first, first + length))
    return seen(input, array[key], Slice, key, array.shape)


def split(tensor: Any, split_size_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of equal size (the last one smaller where it does not come out even), or of the given sizes.

    >>> import sparkle
    >>> [part.tolist() for part in sparkle.split(sparkle.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    if not isinstance(split_size_or_sections, int):
        return split_with_sizes(tensor, split_size_or_sections, dim)
    size = split_size_or_sections
    axis = _axis(tensor, dim, "split")
    n = tensor.array.shape[axis]
    if size < 0 or (size == 0 and n):
        raise RuntimeError(f"split: split_size must be positive, met {size} for a dim of size {n}")
    return _cut(tensor, axis, list(range(size, n, size)) if size else [])


def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of the given sizes, which add up to the size of the dim."""
    axis = _axis(input, dim, "split_with_sizes")
    sizes = [index(size) for size in split_sizes]
    n = input.array.shape[axis]
    if sum(sizes) != n or min(sizes, default=0) < 0:
        raise RuntimeError(
            f"split_with_sizes: expects split_sizes to be non-negative and to sum exactly to {n} (input tensor's "
            f"size at dimension {axis}), but got split_sizes={sizes}"
        )
    cuts, total = [], 0
    for size in sizes[:-1]:
        total += size
        cuts.append(total)
    return _cut(input, axis, cuts) if sizes else ()


def _cut(input: Any, axis: int, cuts: list[int]) -> tuple[Any, ...]:
    """The parts between the cuts: several views of one op, which therefore may not be written while recorded."""
    ends = [0, *cuts, input.array.shape[axis]]
    return views(Split(axis, [slice(a, b) for a, b in pairwise(ends)]), input)


def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """At most this many views of equal size, the last one smaller where it does not come out even."""
    axis = _axis(input, dim, "chunk")
    if chunks <= 0:
        raise RuntimeError(f"chunk: expects `chunks` to be greater than 0, got: {chunks}")
    n = input.array.shape[axis]
    if n == 0:
        return split_with_sizes(input, [0] * chunks, axis)
    return split(input, -(-n // chunks), axis)


def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of nearly equal size, a given number of them, or those between the given positions.

    Other than those of `split`, each is a view of its own, which may be written in place while gradients are recorded.
    """
    axis = _axis(input, dim, "tensor_split")
    n = input.array.shape[axis]
    if hasattr(indices_or_sections, "array"):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        count = indices_or_sections
        if count <= 0:
            raise RuntimeError(f"tensor_split: number of sections must be larger than 0, got {count}")
        small, rest = divmod(n, count)
        indices_or_sections = [i * small + min(i, rest) for i in range(1, count)]
    parts = [slice(a, b) for a, b in pairwise([0, *indices_or_sections, n])]
    return tuple(_view(Slice(_along(axis, slice(*part.indices(n)))), input) for part in parts)


def hsplit(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """`tensor_split` along dim 1, or dim 0 of a vector; a number of parts must divide the size."""
    if not input.array.ndim:
        raise RuntimeError("hsplit: requires a tensor with at least 1 dimension, but got a tensor with 0 dimensions")
    return _even_split(input, indices_or_sections, 0 if input.array.ndim == 1 else 1, "hsplit")


def vsplit(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """`tensor_split` along dim 0 of a tensor with at least 2 dims; a number of parts must divide the size."""
    if input.array.ndim < 2:
        raise RuntimeError(
            f"vsplit: requires a tensor with at least 2 dimensions, but got {input.array.ndim} dimensions"
        )
    return _even_split(input, indices_or_sections, 0, "vsplit")


def dsplit(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """`tensor_split` along dim 2 of a tensor with at least 3 dims; a number of parts must divide the size."""
    if input.array.ndim < 3:
        raise RuntimeError(
            f"dsplit: requires a tensor with at least 3 dimensions, but got {input.array.ndim} dimensions"
        )
    return _even_split(input, indices_or_sections, 2, "dsplit")


def _even_split(input: Any, parts: Any, axis: int, where: str) -> tuple[Any, ...]:
    n = input.array.shape[axis]
    if isinstance(parts, int) and (parts <= 0 or n % parts):
        raise RuntimeError(
            f"{where}: attempting to split along dimension {axis}, but its size {n} is not divisible by {parts}"
        )
    return tensor_split(input, parts, axis)


def unbind(input: Any, dim: int = 0) -> tuple[Any, ...]:
    """A tuple of views, one for each position of the dim."""
    if not input.array.ndim:
        raise IndexError("unbind: Dimension specified as 0 but tensor has no dimensions")
    return views(Unbind(axis_of(dim, input.array.ndim, "unbind")), input)


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """A view of all windows of `size` along a dim, `step` apart; the window is a new last dim.

    >>> import sparkle
    >>> sparkle.arange(5).unfold(0, 3, 2).tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    axis = axis_of(dimension, input.array.ndim, "unfold")
    n = input.array.shape[axis] if input.array.ndim else 1
    if not 0 <= size <= n:
        raise RuntimeError(f"unfold: maximum size for tensor at dimension {axis} is {n} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"unfold: step is {step} but must be > 0")
    return _view(Unfold(axis, size, step), input)


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The view of the diagonals of the planes of two dims, as a last dim; offset > 0 lies above the main diagonal."""
    n = input.array.ndim
    a, b = axis_of(dim1, n, "diagonal"), axis_of(dim2, n, "diagonal")
    if a == b:
        raise RuntimeError(f"diagonal: dimensions cannot be identical {dim1}, {dim2}")
    return _view(Diagonal(offset, a, b), input)


def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A view of the memory behind the tensor with this size, stride and offset, all counted in elements.

    Raises RuntimeError where it would reach beyond the memory.
    """
    shape, strides = tuple(map(index, size)), tuple(map(index, stride))
    if len(shape) != len(strides):
        raise RuntimeError(f"as_strided: mismatch in length of strides and shape: {strides} and {shape}")
    if min((*strides, 0)) < 0 or min((*shape, 0)) < 0:
        raise RuntimeError(f"as_strided: negative sizes and strides are not supported: {shape}, {strides}")
    root, start = flat_storage(input.array)
    first = start if storage_offset is None else storage_offset
    last = first + sum([(n - 1) * s for n, s in zip(shape, strides, strict=True)])
    if first < 0 or (0 not in shape and last >= root.size):
        raise RuntimeError(
            f"as_strided: setStorage: sizes {list(shape)}, strides {list(strides)}, storage offset {first} require "
            f"{last + 1} elements, which are out of bounds for storage of {root.size}"
        )
    return _view(AsStrided(shape, strides, storage_offset, flat_storage), input)


def view_dtype(input: Any, dtype: Any) -> Any:
    """The same bytes as elements of another type; the last dim grows or shrinks with their size. No gradient passes."""
    wanted = dtypes.as_dtype(dtype).numpy
    array = input.array
    have, want = array.dtype.itemsize, wanted.itemsize
    if have != want:
        if not array.ndim:
            raise RuntimeError(
                f"view: self.dim() cannot be 0 to view {array.dtype} as {wanted} (different element sizes)"
            )
        if array.strides[-1] != have or array.shape[-1] * have % want:
            raise RuntimeError(
                f"view: {array.dtype} as {wanted}: the last dim, of size {array.shape[-1]}, must be contiguous and its "
                f"bytes divisible by {want}"
            )
    return _view(ViewType(wanted), input)


# Parts that share the memory but are views one by one, so that each may be written while gradients are recorded.


def unsafe_split(tensor: Any, split_size: int, dim: int = 0) -> tuple[Any, ...]:
    """`split` into views that may be written in place one by one."""
    return _one_by_one(tensor, split(tensor.detach(), split_size, dim), dim)


def unsafe_split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> tuple[Any, ...]:
    """`split_with_sizes` into views that may be written in place one by one."""
    return _one_by_one(input, split_with_sizes(input.detach(), split_sizes, dim), dim)


def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """`chunk` into views that may be written in place one by one."""
    return _one_by_one(input, chunk(input.detach(), chunks, dim), dim)


def _one_by_one(input: Any, parts: tuple[Any, ...], dim: int) -> tuple[Any, ...]:
    found, start = [], 0
    for part in parts:
        size = part.array.shape[dim]
        found.append(narrow(input, dim, start, size))
        start += size
    return tuple(found)
