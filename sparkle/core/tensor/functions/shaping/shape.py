"""Functions that see, copy or lay out the same elements in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import Any

from ....ops.shaping.shape import (
    Alias,
    Clone,
    CloneIn,
    Expand,
    Permute,
    Reshape,
    Squeeze,
    T,
    Transpose,
    Unsqueeze,
    View,
    repeatable,
    repeated,
)
from ...axes import axis_of
from ...base import apply
from ...layout import channels_last, contiguous_format, order_of, preserve_format
from ...size import Size
from ...views import seen, viewable
from ...views import view as _view


def given(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as one sequence; TypeError for anything but integers."""
    if len(sizes) == 1 and type(sizes[0]) is not int and isinstance(sizes[0], Sequence):
        sizes = tuple(sizes[0])
    return tuple(map(index, sizes))


def full_shape(shape: tuple[int, ...], size: int, where: str) -> tuple[int, ...]:
    """The shape with -1 worked out; RuntimeError where it does not hold that many elements."""
    if math.prod(shape) == size and (not shape or min(shape) >= 0):
        return shape
    if any(n < -1 for n in shape):
        raise RuntimeError(f"{where}: invalid shape dimension {min(shape)} in {list(shape)}")
    if shape.count(-1) > 1:
        raise RuntimeError(f"{where}: only one dimension can be inferred, met {list(shape)}")
    known = -math.prod(shape)
    if -1 not in shape or (known and size % known):
        raise RuntimeError(f"{where}: shape '{list(shape)}' is invalid for input of size {size}")
    if not known:
        raise RuntimeError(
            f"{where}: cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension "
            "size -1 can be any value and is ambiguous"
        )
    return tuple([size // known if n == -1 else n for n in shape])


def reshape(input: Any, shape: Any) -> Any:
    """The same elements in another shape: a view where the strides allow it, a copy otherwise. One size may be -1.

    >>> import sparkle
    >>> sparkle.reshape(sparkle.arange(6), (2, -1)).shape
    sparkle.Size([2, 3])
    """
    return to_shape(input, given((shape,)))


def quick_view(input: Any, size: tuple[Any, ...]) -> Any:
    """A view of row-major memory in sizes as users give them; None where they are out of the ordinary, or wrong."""
    array = input.array
    if not array.flags.c_contiguous:
        return None
    if len(size) == 1 and isinstance(size[0], tuple):
        size = size[0]
    try:
        part = array.reshape(size)
        shape = part.shape
        if shape != size and min(size) < -1:  # NumPy takes any negative size for -1
            return None
    except (TypeError, ValueError):
        return None
    return seen(input, part, View, shape, array.shape)


def to_shape(input: Any, shape: tuple[int, ...]) -> Any:
    """`reshape` for a tuple of integers."""
    array = input.array
    if array.flags.c_contiguous:
        return _contiguous_as(input, array, shape, "reshape")
    shape = full_shape(shape, array.size, "reshape")
    return _view(View(shape), input) if viewable(array, shape) else apply(Reshape(shape), input)


def _contiguous_as(input: Any, array: Any, shape: tuple[int, ...], where: str) -> Any:
    """A view of row-major memory in the shape."""
    part = array.reshape(full_shape(shape, array.size, where))
    return seen(input, part, View, part.shape, array.shape)


def in_shape(input: Any, shape: tuple[int, ...]) -> Any:
    """`Tensor.view` for a tuple of integers."""
    array = input.array
    if array.flags.c_contiguous:
        return _contiguous_as(input, array, shape, "view")
    shape = full_shape(shape, array.size, "view")
    if not viewable(array, shape):
        if input.view_of is None and _channels_last(array):
            return apply(Reshape(shape), input)
        raise RuntimeError(
            f"view: view size {list(shape)} is not compatible with input tensor's size {list(array.shape)} and "
            f"stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return _view(View(shape), input)


def _channels_last(array: Any) -> bool:
    """Is it laid out as a convolution or a pool leaves its result?

    torch leaves those in row-major memory, and programs flatten them with `view`: so that is a copy of such a result.
    What a user's own transposing or permuting has made is refused, as in torch.
    """
    return array.ndim > 2 and array.transpose(0, *range(2, array.ndim), 1).flags.c_contiguous


def view_as(input: Any, other: Any) -> Any:
    """A view in the shape of the other tensor."""
    return in_shape(input, other.array.shape)


def reshape_as(input: Any, other: Any) -> Any:
    """The elements in the shape of the other tensor, as a view where the strides allow it."""
    return to_shape(input, other.array.shape)


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The dims from start_dim to end_dim as one; a view where the strides allow it, the tensor itself for one dim.

    >>> import sparkle
    >>> sparkle.flatten(sparkle.zeros(2, 3, 4), 1).shape
    sparkle.Size([2, 12])
    """
    array = input.array
    shape = array.shape
    n = len(shape)
    if start_dim == 0 and end_dim == -1 and n > 1 and array.flags.c_contiguous:
        return seen(input, array.reshape(-1), View, (array.size,), shape)
    first, last = axis_of(start_dim, n, "flatten"), axis_of(end_dim, n, "flatten")
    if first > last:
        raise RuntimeError(f"flatten: start_dim {start_dim} cannot come after end_dim {end_dim}")
    if n == 0:
        return to_shape(input, (1,))
    if first == last:
        return input
    return to_shape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def ravel(input: Any) -> Any:
    """All elements as one dim, in row-major memory."""
    return contiguous(to_shape(input, (-1,) if input.array.size else (0,)))


def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """One dim as several, whose sizes (one may be -1) multiply to its own."""
    shape = input.array.shape
    axis = axis_of(dim, len(shape), "unflatten")
    parts = given((sizes,))
    if not parts:
        raise RuntimeError("unflatten: sizes must be non-empty")
    full = full_shape(parts, shape[axis], f"unflatten: provided sizes {list(parts)} don't multiply up to dim {dim}")
    return to_shape(input, (*shape[:axis], *full, *shape[axis + 1 :]))


def squeeze(input: Any, dim: Any = None) -> Any:
    """A view without the dims of size one; with dim, a number or several, without those of them that have size one."""
    array = input.array
    shape = array.shape
    n = len(shape)
    if dim is None:
        kept = tuple([size for size in shape if size != 1])
    elif isinstance(dim, Sequence):
        gone = [axis_of(d, n, "squeeze") for d in dim]
        if len(set(gone)) != len(gone):
            raise RuntimeError(f"squeeze: dim appears multiple times in the list of dims {tuple(dim)}")
        kept = tuple([size for i, size in enumerate(shape) if i not in gone or size != 1])
    else:
        axis = axis_of(dim, n, "squeeze")
        kept = shape if not n or shape[axis] != 1 else shape[:axis] + shape[axis + 1 :]
    return seen(input, array.reshape(kept), Squeeze, kept, shape)


def unsqueeze(input: Any, dim: int) -> Any:
    """A view with a dim of size one put in before dim."""
    array = input.array
    shape = array.shape
    n = len(shape)
    axis = dim if type(dim) is int and 0 <= dim <= n else axis_of(dim, n + 1, "unsqueeze")
    wider = (*shape[:axis], 1, *shape[axis:])
    return seen(input, array.reshape(wider), Unsqueeze, wider, shape)


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """A view with two dims exchanged."""
    array = input.array
    try:
        return seen(input, array.swapaxes(dim0, dim1), Transpose, dim0, dim1)
    except (ValueError, TypeError):
        n = array.ndim
        axis_of(dim0, n, "transpose"), axis_of(dim1, n, "transpose")
        if n:
            raise
        return _view(Alias(), input)


def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """A view with two dims exchanged: `transpose`."""
    return transpose(input, axis0, axis1)


def swapdims(input: Any, dim0: int, dim1: int) -> Any:
    """A view with two dims exchanged: `transpose`."""
    return transpose(input, dim0, dim1)


def t(input: Any) -> Any:
    """A view of a matrix with its two dims exchanged; a vector or scalar as it is."""
    array = input.array
    n = array.ndim
    if n > 2:
        raise RuntimeError(f"t: expects a tensor with <= 2 dimensions, but self is {n}D")
    return seen(input, array.T, T) if n == 2 else _view(Alias(), input)


def permute(input: Any, dims: Any) -> Any:
    """A view with the dims in the given order."""
    array = input.array
    try:
        return seen(input, array.transpose(dims), Permute, dims)
    except (ValueError, TypeError):
        return _view(Permute(_order(dims, array.ndim)), input)


def _order(dims: Any, n: int) -> tuple[int, ...]:
    """The dims, counted from the front; an error where they are no order of n dims."""
    if len(dims) != n:
        raise RuntimeError(f"permute: the tensor has {n} dims, the order {tuple(dims)} has {len(dims)}")
    axes = tuple([axis_of(d, n, "permute") for d in dims])
    if len(set(axes)) != n:
        raise RuntimeError(f"permute: repeated dim in {tuple(dims)}")
    return axes


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """A view with the source dims (a number or several) moved to the destinations; the others keep their order."""
    n = input.array.ndim
    sources = (source,) if isinstance(source, int) else tuple(source)
    targets = (destination,) if isinstance(destination, int) else tuple(destination)
    if len(sources) != len(targets):
        raise RuntimeError(f"movedim: source {sources} and destination {targets} must have the same number of elements")
    froms = [axis_of(d, n, "movedim") for d in sources]
    tos = [axis_of(d, n, "movedim") for d in targets]
    for what, axes in (("source", froms), ("destination", tos)):
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"movedim: repeated dim in `{what}` {axes}")
    if not n:
        return _view(Alias(), input)
    placed = dict(zip(tos, froms, strict=True))
    others = iter([i for i in range(n) if i not in froms])
    return _view(Permute(tuple([placed[i] if i in placed else next(others) for i in range(n)])), input)


def moveaxis(input: Any, source: Any, destination: Any) -> Any:
    """A view with dims moved: `movedim`."""
    return movedim(input, source, destination)


def expanded(input: Any, shape: tuple[int, ...]) -> Any:
    """`Tensor.expand` for a tuple of integers."""
    array = input.array
    old = array.shape
    lead = len(shape) - len(old)
    if lead > 0 and shape[lead:] == old and shape[0] > 1 and min(shape) > 0 and repeatable(array):
        return seen(input, repeated(array, shape, (0,) * lead + array.strides), Expand, shape, old)
    if lead < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(shape)}) must be greater or equal to the number of dimensions "
            f"in the tensor ({len(old)})"
        )
    full = []
    for i, n in enumerate(shape):
        have = old[i - lead] if i >= lead else None
        if n == -1 and have is not None:
            n = have
        elif n < 0:
            raise RuntimeError(
                f"expand: the size {n} isn't allowed in dimension {i} of {list(shape)}, which is not there yet"
            )
        elif have not in (None, 1, n):
            raise RuntimeError(
                f"expand: the expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}. Target sizes: {list(shape)}. Tensor sizes: {list(old)}"
            )
        full.append(n)
    return _view(Expand(tuple(full)), input)


def expand(input: Any, *size: Any) -> Any:
    """A view in a larger shape, with dims of size one repeated; -1 keeps a dim's size."""
    return expanded(input, given(size))


def expand_as(input: Any, other: Any) -> Any:
    """A view in the shape of the other tensor, with dims of size one repeated."""
    return expanded(input, other.array.shape)


def broadcast_to(input: Any, size: Any) -> Any:
    """A view in a larger shape, with dims of size one repeated: `expand`."""
    return expanded(input, given((size,)))


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that all these shapes broadcast to; RuntimeError where they do not.

    >>> broadcast_shapes((2, 1), (3,), ())
    sparkle.Size([2, 3])
    """
    full: list[int] = []
    for shape in shapes:
        sizes = list(shape) if isinstance(shape, Sequence) else [shape]
        sizes = [1] * (len(full) - len(sizes)) + sizes
        full = [1] * (len(sizes) - len(full)) + full
        for i, (have, n) in enumerate(zip(full, sizes, strict=True)):
            if n < 0 or (n != have and 1 not in (n, have)):
                raise RuntimeError(
                    "broadcast_shapes: shape mismatch: objects cannot be broadcast to a single shape: "
                    f"{', '.join(map(str, shapes))} at dimension {i}"
                )
            full[i] = n if have == 1 else have
    return Size(full)


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """Views of all tensors in the shape that they broadcast to."""
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    shape = broadcast_shapes(*[x.array.shape for x in tensors])
    return tuple([expanded(x, shape) for x in tensors])


def clone(input: Any, *, memory_format: Any = preserve_format) -> Any:
    """A copy with the same history. memory_format: preserve_format keeps the layout, contiguous_format is row-major."""
    if memory_format is preserve_format:
        return apply(Clone(), input)
    if memory_format is contiguous_format:
        return apply(Clone("C"), input)
    return apply(CloneIn(order_of(memory_format, input.array.ndim)), input)


def detach(input: Any) -> Any:
    """A view of the same memory without history."""
    return input.detach()


def contiguous(input: Any, *, memory_format: Any = contiguous_format) -> Any:
    """The tensor itself where its memory has this layout already, otherwise a copy that has."""
    return input if is_contiguous(input, memory_format=memory_format) else clone(input, memory_format=memory_format)


def is_contiguous(input: Any, *, memory_format: Any = contiguous_format) -> bool:
    """Does its memory run in this order without gaps?"""
    array = input.array
    if memory_format is contiguous_format:
        return bool(array.flags.c_contiguous)
    if memory_format is channels_last and array.ndim != 4:
        return False
    return bool(array.transpose(order_of(memory_format, array.ndim)).flags.c_contiguous)
