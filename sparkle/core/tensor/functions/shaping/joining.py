"""Functions that put tensors together."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy

from .... import backend, dtypes
from ....ops.shaping.joining import Cat, Stack
from ....ops.shaping.shape import Cast
from ...axes import axis_of
from ...base import TensorBase, apply, dtype_of, wrap
from ...out import into
from .getitem import getitem
from .shape import expanded, to_shape, unsqueeze


def _one_type(tensors: Any, where: str) -> list[Any]:
    """The tensors in their common type; TypeError for anything else."""
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(f"{where}: argument 'tensors' must be a list or tuple of tensors, not {type(tensors).__name__}")
    common = None
    for i, x in enumerate(tensors):
        if not isinstance(x, TensorBase):
            raise TypeError(f"{where}: expected a tensor as element {i}, but got {type(x).__name__}")
        if common is not x.array.dtype:
            d = dtype_of(x)
            common = x.array.dtype if common is None else dtypes.promote_types(dtypes.of(common), d).numpy
    return [x if x.array.dtype == common else apply(Cast(common), x) for x in tensors]


def cat(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """Tensors one after another along a dim; their other dims are equal. Types promote.

    >>> import sparkle
    >>> sparkle.cat([sparkle.tensor([1, 2]), sparkle.tensor([3])]).tolist()
    [1, 2, 3]
    """
    if out is not None:
        return into(out, cat, tensors, dim)
    parts = _one_type(tensors, "cat")
    if not parts:
        raise ValueError("cat: expected a non-empty list of tensors")
    for i, x in enumerate(parts):
        if not x.array.ndim:
            raise RuntimeError(f"cat: zero-dimensional tensor (at position {i}) cannot be concatenated")
    first = next((x.array.shape for x in parts if x.array.shape != (0,)), (0,))
    axis = axis_of(dim, len(first), "cat")
    if len(first) > 1:  # empty vectors join anything, as in torch
        empty = (*first[:axis], 0, *first[axis + 1 :])
        parts = [to_shape(x, empty) if x.array.shape == (0,) else x for x in parts]
    _check_joinable([x.array.shape for x in parts], axis)
    return apply(Cat(axis), *parts)


def _check_joinable(shapes: list[tuple[int, ...]], axis: int) -> None:
    first = shapes[0]
    for i, shape in enumerate(shapes):
        if len(shape) != len(first):
            raise RuntimeError(f"cat: tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
        if shape[:axis] + shape[axis + 1 :] != first[:axis] + first[axis + 1 :]:
            raise RuntimeError(
                f"cat: sizes of tensors must match except in dimension {axis}. Expected {list(first)} but got "
                f"{list(shape)} for tensor number {i} in the list"
            )


def concat(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """Tensors one after another along a dim: `cat`."""
    if out is not None:
        return into(out, concat, tensors, dim)
    return cat(tensors, dim)


def concatenate(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """Tensors one after another along a dim: `cat`."""
    if out is not None:
        return into(out, concatenate, tensors, dim)
    return cat(tensors, dim)


def stack(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """Tensors of one shape along a new dim.

    >>> import sparkle
    >>> sparkle.stack([sparkle.tensor([1, 2]), sparkle.tensor([3, 4])], dim=1).tolist()
    [[1, 3], [2, 4]]
    """
    if out is not None:
        return into(out, stack, tensors, dim)
    parts = _one_type(tensors, "stack")
    if not parts:
        raise RuntimeError("stack: expects a non-empty list of tensors")
    first = parts[0].array.shape
    axis = axis_of(dim, len(first) + 1, "stack")
    for i, x in enumerate(parts):
        if x.array.shape != first:
            raise RuntimeError(
                f"stack: expects each tensor to be equal size, but got {list(first)} at entry 0 and "
                f"{list(x.array.shape)} at entry {i}"
            )
    return apply(Stack(axis), *parts)


def atleast_1d(*tensors: Any) -> Any:
    """0-d tensors as vectors of one element, the others as they are; a tuple for several."""
    return _each(tensors, lambda x: to_shape(x, (1,)) if not x.array.ndim else x)


def atleast_2d(*tensors: Any) -> Any:
    """Tensors of fewer than two dims as matrices of one row; a tuple for several."""
    return _each(tensors, lambda x: to_shape(x, (1, x.array.size)) if x.array.ndim < 2 else x)


def atleast_3d(*tensors: Any) -> Any:
    """Tensors of fewer than three dims in shape (1, n, 1) or (n, m, 1); a tuple for several."""

    def raised(x: Any) -> Any:
        if x.array.ndim == 2:
            return unsqueeze(x, 2)
        return to_shape(x, (1, x.array.size, 1)) if x.array.ndim < 2 else x

    return _each(tensors, raised)


def _each(tensors: tuple[Any, ...], function: Any) -> Any:
    if len(tensors) == 1:
        return (
            tuple([function(x) for x in tensors[0]]) if isinstance(tensors[0], (list, tuple)) else function(tensors[0])
        )
    return tuple([function(x) for x in tensors])


def hstack(tensors: Any, *, out: Any = None) -> Any:
    """Tensors side by side: along dim 1, vectors along dim 0."""
    if out is not None:
        return into(out, hstack, tensors)
    parts = _raised(tensors, atleast_1d, "hstack")
    return cat(parts, 0 if parts[0].array.ndim == 1 else 1)


def vstack(tensors: Any, *, out: Any = None) -> Any:
    """Tensors below one another along dim 0; vectors count as rows."""
    if out is not None:
        return into(out, vstack, tensors)
    return cat(_raised(tensors, atleast_2d, "vstack"), 0)


def row_stack(tensors: Any) -> Any:
    """Tensors below one another: `vstack`."""
    return vstack(tensors)


def dstack(tensors: Any, *, out: Any = None) -> Any:
    """Tensors behind one another along dim 2."""
    if out is not None:
        return into(out, dstack, tensors)
    return cat(_raised(tensors, atleast_3d, "dstack"), 2)


def column_stack(tensors: Any, *, out: Any = None) -> Any:
    """Tensors side by side along dim 1; vectors count as columns."""
    if out is not None:
        return into(out, column_stack, tensors)

    def as_columns(x: Any) -> Any:
        return to_shape(x, (x.array.size, 1)) if x.array.ndim <= 1 else x

    return cat(_raised(tensors, lambda xs: tuple([as_columns(x) for x in xs]), "column_stack"), 1)


def _raised(tensors: Any, function: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(f"{where}: argument 'tensors' must be a list or tuple of tensors, not {type(tensors).__name__}")
    if not tensors:
        raise RuntimeError(f"{where}: expects a non-empty list of tensors")
    return function(tuple(tensors))


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Any, ...]:
    """Views of n vectors as grids of n dims: grid k varies along dim k.

    indexing: "ij" does that (the default, with a warning as in torch); "xy" exchanges the first two dims.
    """
    vectors = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    if indexing is None:
        warnings.warn("meshgrid: pass indexing='ij' or indexing='xy' explicitly", UserWarning, stacklevel=2)
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f"meshgrid: indexing must be one of 'xy' or 'ij', but received: {indexing}")
    if not vectors:
        raise RuntimeError("meshgrid: expects a non-empty list of tensors")
    if any(x.array.ndim > 1 for x in vectors):
        raise RuntimeError(
            f"meshgrid: expected scalars or 1D tensors, met shapes {[list(x.array.shape) for x in vectors]}"
        )
    if len({x.array.dtype for x in vectors}) > 1:
        met = ", ".join(str(dtype_of(x)) for x in vectors)
        raise RuntimeError(f"meshgrid: expects all tensors to have the same dtype, met {met}")
    swap = indexing == "xy" and len(vectors) > 1
    order = [1, 0, *range(2, len(vectors))] if swap else list(range(len(vectors)))
    shape = tuple([vectors[i].array.size for i in order])
    grids = []
    for k, x in enumerate(vectors):
        place = order.index(k)
        grids.append(expanded(to_shape(x, (*[1] * place, x.array.size, *[1] * (len(shape) - place - 1))), shape))
    return tuple(grids)


def block_diag(*tensors: Any) -> Any:
    """The matrix with these matrices along its diagonal and zeros elsewhere; scalars and vectors count as rows."""
    parts = _one_type([x if isinstance(x, TensorBase) else wrap(numpy.asarray(x)) for x in tensors], "block_diag")
    if any(x.array.ndim > 2 for x in parts):
        raise RuntimeError(
            f"block_diag: input tensors must have 2 or fewer dimensions, met {[x.array.ndim for x in parts]}"
        )
    blocks = [to_shape(x, (1, x.array.size)) if x.array.ndim < 2 else x for x in parts]
    width = sum([x.array.shape[1] for x in blocks])
    rows, left = [], 0
    for x in blocks:
        height, own = x.array.shape
        xp = backend.library(x.array)
        sides = [wrap(xp.zeros((height, n), x.array.dtype)) for n in (left, width - left - own)]
        rows.append(apply(Cat(1), sides[0], x, sides[1]))
        left += own
    return apply(Cat(0), *rows)


def cartesian_prod(*tensors: Any) -> Any:
    """All tuples with one element of each vector, as rows; one vector comes back as it is.

    >>> import sparkle
    >>> sparkle.cartesian_prod(sparkle.tensor([1, 2]), sparkle.tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    if any(x.array.ndim != 1 for x in tensors):
        raise RuntimeError(f"cartesian_prod: expects 1D vectors, met shapes {[list(x.array.shape) for x in tensors]}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([to_shape(grid, (-1,)) for grid in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All choices of r elements of a vector, in order, as rows.

    >>> import sparkle
    >>> sparkle.combinations(sparkle.tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """
    if input.array.ndim != 1:
        raise RuntimeError(f"combinations: expected a 1D vector, met {input.array.ndim} dims")
    if r < 0:
        raise RuntimeError(f"combinations: expects a non-negative number, but got {r}")
    if r == 0:
        return wrap(input.array[:0].copy())
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    chosen = numpy.array(list(choose(range(input.array.size), r)), numpy.int64).reshape(-1, r)
    return getitem(input, wrap(backend.move(chosen, *backend.device_of(input.array))))
