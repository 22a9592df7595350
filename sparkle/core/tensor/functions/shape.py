"""Functions that move, view or convert elements without changing their values."""

from __future__ import annotations

from typing import Any

from ...ops.shape import Clone, Expand, Permute, Reshape, T, Transpose, View
from ..axes import axis_of
from ..base import apply


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """A copy with the same history; `contiguous_format` gives row-major memory, otherwise the layout is kept."""
    return apply(Clone(), input)


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """A view with two dims exchanged."""
    n = input.array.ndim
    return apply(Transpose(axis_of(dim0, n), axis_of(dim1, n)), input) if n else input


def t(input: Any) -> Any:
    """A view of a matrix with its two dims exchanged; a vector or scalar as it is."""
    n = input.array.ndim
    if n > 2:
        raise RuntimeError(f"t: expects a tensor with <= 2 dimensions, but self is {n}D")
    return apply(T(), input) if n == 2 else input


def permute(input: Any, dims: Any) -> Any:
    """A view with the dims in the given order."""
    n = input.array.ndim
    axes = tuple(axis_of(d, n) for d in dims)
    if len(axes) != n:
        raise RuntimeError(f"permute: the tensor has {n} dims, the order {tuple(dims)} has {len(axes)}")
    if len(set(axes)) != n:
        raise RuntimeError(f"permute: repeated dim in {tuple(dims)}")
    return apply(Permute(axes), input)


def reshape(input: Any, shape: Any) -> Any:
    """The same elements in another shape: a view where the strides allow it, a copy otherwise. One size may be -1."""
    array = input.array
    shape = full_shape(tuple(shape), array.size, "reshape")
    return apply(View(shape) if can_view(array, shape) else Reshape(shape), input)


def can_view(array: Any, shape: tuple[int, ...]) -> bool:
    """Can the array be seen in that shape without copying?"""
    if array.flags.c_contiguous:
        return True
    view = array.view()
    try:
        view.shape = shape
    except AttributeError:
        return False
    return True


def full_shape(shape: tuple[int, ...], size: int, where: str) -> tuple[int, ...]:
    """The shape with -1 worked out; RuntimeError where it does not hold that many elements."""
    known = 1
    for n in shape:
        if n < -1:
            raise RuntimeError(f"{where}: invalid shape dimension {n} in {list(shape)}")
        if n >= 0:
            known *= n
    wild = [i for i, n in enumerate(shape) if n == -1]
    if len(wild) > 1:
        raise RuntimeError(f"{where}: only one dimension can be inferred, met {list(shape)}")
    if wild:
        if known == 0 or size % known:
            raise RuntimeError(f"{where}: shape '{list(shape)}' is invalid for input of size {size}")
        i = wild[0]
        return (*shape[:i], size // known, *shape[i + 1 :])
    if known != size:
        raise RuntimeError(f"{where}: shape '{list(shape)}' is invalid for input of size {size}")
    return shape


def expand(input: Any, *sizes: Any) -> Any:
    """A view in a larger shape, with dims of size one repeated; -1 keeps a dim's size."""
    shape = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    old = input.array.shape
    lead = len(shape) - len(old)
    if lead < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(shape)}) must be greater or equal to the number of dimensions "
            f"in the tensor ({len(old)})"
        )
    full = []
    for i, n in enumerate(shape):
        have = old[i - lead] if i >= lead else None
        if n == -1:
            if have is None:
                raise RuntimeError(f"expand: -1 is not allowed in a leading, non-existing dimension {i}")
            n = have
        elif have not in (None, 1, n):
            raise RuntimeError(
                f"expand: the expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}. Target sizes: {list(shape)}. Tensor sizes: {list(old)}"
            )
        full.append(n)
    return apply(Expand(tuple(full)), input)
