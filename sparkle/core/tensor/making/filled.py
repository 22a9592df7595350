"""Tensors filled with one value, or not at all, and identity matrices."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypedDict, Unpack

import numpy

from ... import backend, devices, dtypes
from ..base import TensorBase, wrap
from ..out import typed_into
from ..size import length_of, sizes_of
from . import strided


class Elsewhere(TypedDict, total=False):
    """What every function that makes a tensor takes besides shape, type and device."""

    requires_grad: bool
    pin_memory: bool
    layout: Any


class Where(Elsewhere, total=False):
    """What every function that makes a tensor takes besides shape and type."""

    device: Any


class Like(Where, total=False):
    """What every function that makes a tensor like another takes; what is left out is the other's."""

    dtype: Any
    memory_format: Any


def make(
    maker: Callable[[ModuleType], Any],
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    layout: Any = None,
) -> Any:
    """The tensor of the array that maker(xp) returns, made on the device."""
    if layout is not None:
        strided.check_layout(layout, "layout")
    place = devices.as_device(device)
    if place is devices.CPU:  # entering a device is not free
        array = maker(numpy)
    else:
        with backend.on(place.type, place.index) as xp:
            array = maker(xp)
    out = wrap(backend.pinned(array) if pin_memory else array)
    if requires_grad:
        out.requires_grad = True
    return out


def numpy_type(dtype: Any) -> numpy.dtype:
    """The NumPy type of a dtype, the default type's for None."""
    return (dtypes.get_default_dtype() if dtype is None else dtypes.as_dtype(dtype)).numpy


def zeros(*args: Any, size: Any = None, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """Zeros of a shape given as integers or one sequence.

    Like all functions that make tensors it takes `dtype` (the default type if left out), `device`, `requires_grad`,
    `pin_memory` and `layout`.

    >>> zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    if out is not None:
        return typed_into(out, zeros, *args, size=size, dtype=dtype, **where)
    shape, kind = sizes_of(args, size, "zeros"), numpy_type(dtype)
    return make(lambda xp: xp.zeros(shape, kind), **where)


def ones(*args: Any, size: Any = None, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """Ones of a shape given as integers or one sequence.

    >>> ones((2,), dtype=dtypes.int64)
    tensor([1, 1])
    """
    if out is not None:
        return typed_into(out, ones, *args, size=size, dtype=dtype, **where)
    shape, kind = sizes_of(args, size, "ones"), numpy_type(dtype)
    return make(lambda xp: xp.ones(shape, kind), **where)


def empty(
    *args: Any, size: Any = None, dtype: Any = None, memory_format: Any = None, out: Any = None, **where: Unpack[Where]
) -> Any:
    """A tensor whose elements are whatever was in memory."""
    if out is not None:
        return typed_into(out, empty, *args, size=size, dtype=dtype, memory_format=memory_format, **where)
    shape, kind = sizes_of(args, size, "empty"), numpy_type(dtype)
    out = make(lambda xp: xp.empty(shape, kind), **where)
    if memory_format is not None:
        out.array = strided.empty_like(out.array, kind, memory_format)
    return out


def empty_strided(size: Any, stride: Any, *, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """A tensor, not initialised, of the given shape and strides (in elements).

    >>> empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    shape, kind = sizes_of((tuple(size),), None, "empty_strided"), numpy_type(dtype)
    steps = tuple(operator.index(s) for s in stride)
    if len(steps) != len(shape):
        raise RuntimeError(f"empty_strided: {len(shape)} sizes and {len(steps)} strides; their numbers must match")
    if any(s < 0 for s in steps):
        raise RuntimeError(f"empty_strided: negative strides are not supported, met {list(steps)}")
    length = 0 if 0 in shape else 1 + sum((n - 1) * s for n, s in zip(shape, steps, strict=True))

    def maker(xp: ModuleType) -> Any:
        flat = xp.empty(length, kind)
        return xp.lib.stride_tricks.as_strided(flat, shape, tuple(s * kind.itemsize for s in steps))

    return make(maker, **where)


def empty_permuted(size: Any, physical_layout: Any, *, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """A tensor, not initialised, without gaps, whose dims lie in memory in the order physical_layout, densest last.

    >>> empty_permuted((2, 3, 4), (0, 2, 1)).stride()
    (12, 1, 3)
    """
    shape, kind = sizes_of((tuple(size),), None, "empty_permuted"), numpy_type(dtype)
    order = tuple(operator.index(dim) for dim in physical_layout)
    if sorted(order) != list(range(len(shape))):
        raise RuntimeError(f"empty_permuted: {order} must name each of the {len(shape)} dims of {shape} once")
    back = [order.index(dim) for dim in range(len(shape))]
    return make(lambda xp: xp.empty([shape[dim] for dim in order], kind).transpose(back), **where)


def full(size: Any, fill_value: Any, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """A tensor in which every element is fill_value, whose kind decides the type where dtype is left out.

    Raises RuntimeError where the type cannot hold the value, TypeError where it is no number.

    >>> full((2,), 7)
    tensor([7, 7])
    """
    if out is not None:
        return typed_into(out, full, size, fill_value, dtype=dtype, **where)
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    value, own = number(fill_value, "full")
    shape, d = sizes_of((size,), None, "full"), own if dtype is None else dtypes.as_dtype(dtype)
    value = fitting(value, d)
    return make(lambda xp: xp.full(shape, value, d.numpy), **where)


def scalar_tensor(s: Any, *, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """A tensor without axes that holds the number, of the default type if dtype is left out."""
    return full((), s, dtype=dtypes.get_default_dtype() if dtype is None else dtype, **where)


def eye(n: Any, m: Any = None, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """The n x m (or n x n) matrix with ones on the diagonal.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    if out is not None:
        return typed_into(out, eye, n, m, dtype=dtype, **where)
    rows, kind = length_of(n, "eye"), numpy_type(dtype)
    columns = rows if m is None else length_of(m, "eye")
    return make(lambda xp: xp.eye(rows, columns, dtype=kind), **where)


def empty_like(
    input: Any, *, dtype: Any = None, memory_format: Any = None, device: Any = None, **where: Unpack[Elsewhere]
) -> Any:
    """A tensor, not initialised, with the shape, type, device and memory order of input, unless given."""
    a = array_of(input, "empty_like")
    kind = a.dtype if dtype is None else dtypes.as_dtype(dtype).numpy
    if device is None:
        return make(lambda xp: strided.empty_like(a, kind, memory_format), **where)
    return make(lambda xp: xp.empty(a.shape, kind), device, **where)


def zeros_like(input: Any, **like: Unpack[Like]) -> Any:
    """Zeros with the shape, type, device and memory order of input, unless given.

    >>> zeros_like(ones(2))
    tensor([0., 0.])
    """
    return _filled_like(input, 0, "zeros_like", like)


def ones_like(input: Any, **like: Unpack[Like]) -> Any:
    """Ones with the shape, type, device and memory order of input, unless given."""
    return _filled_like(input, 1, "ones_like", like)


def full_like(input: Any, fill_value: Any, **like: Unpack[Like]) -> Any:
    """fill_value in the shape, type, device and memory order of input, unless given."""
    return _filled_like(input, fill_value, "full_like", like)


def _filled_like(input: Any, value: Any, name: str, like: Like) -> Any:
    array_of(input, name)
    out = empty_like(input, **like)
    out.array[...] = fitting(number(value, name)[0], dtypes.of(out.array.dtype))
    return out


def array_of(input: Any, where: str) -> Any:
    """The array of a tensor; TypeError for anything else."""
    if not isinstance(input, TensorBase):
        raise TypeError(f"{where}(): argument 'input' must be a Tensor, not {type(input).__name__}")
    return input.array


def number(value: Any, where: str) -> tuple[Any, dtypes.dtype]:
    """A Python number and the type its tensor has; from a number, a NumPy scalar or a tensor of one element."""
    if type(value) in (int, float):
        return value, dtypes.kind_of_number(value)
    if isinstance(value, TensorBase) and value.array.size == 1:
        return value.array.item(), dtypes.of(value.array.dtype)
    if isinstance(value, numpy.generic):
        value = value.item()
    if not isinstance(value, (bool, int, float)):
        raise TypeError(f"{where}(): the value must be a number, not {type(value).__name__}")
    return value, dtypes.kind_of_number(value)


def fitting(value: Any, d: dtypes.dtype) -> Any:
    """The number as one of the type; RuntimeError where an integer type cannot hold it.

    Unsigned types take negative numbers of their size, which wrap around.
    """
    if d.is_floating_point:
        return float(value)
    if d is dtypes.bool:
        return bool(value)
    high = (1 << 8 * d.itemsize - d.is_signed) - 1
    low = -high - 1 if d.is_signed else -high
    if not math.isfinite(value) or not low <= int(value) <= high:
        raise RuntimeError(f"value {value!r} cannot be converted to type {d.name} without overflow: {low}..{high}")
    return int(value) if d.is_signed or value >= 0 else int(value) + high + 1
