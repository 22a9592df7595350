"""Tensors from data."""

from __future__ import annotations

from typing import Any

import numpy

from .. import backend, devices, dtypes
from .base import TensorBase, wrap


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Any:
    """A tensor with a copy of the data: a number, nested lists, a NumPy array, another tensor.

    Python numbers become float32 (the default type), int64 or bool; arrays keep their type.
    Raises ValueError for lists of unequal lengths, TypeError for what is no number.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    out = wrap(backend.move(_array_of(data, dtype, copy=True), *_place(device, data)))
    if requires_grad:
        out.requires_grad = True
    return out


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """The data as a tensor, sharing memory where it can: a tensor comes back as it is, an array is not copied."""
    if isinstance(data, TensorBase):
        if dtype is None and device is None:
            return data
        return data.to(device=device, dtype=dtype)  # type: ignore[attr-defined]
    return wrap(backend.move(_array_of(data, dtype, copy=False), *_place(device, data)))


def from_numpy(ndarray: numpy.ndarray) -> Any:
    """A tensor that shares the NumPy array's memory; TypeError for anything else and for types tensors cannot hold."""
    if not isinstance(ndarray, numpy.ndarray):
        raise TypeError(f"from_numpy: expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.of(ndarray.dtype)
    return wrap(ndarray)


def _place(device: Any, data: Any) -> tuple[str, int | None]:
    """Where new data go: the device asked for, else where they are."""
    if device is None:
        array = data.array if isinstance(data, TensorBase) else data
        return backend.device_of(array)
    d = devices.as_device(device)
    return d.type, d.index


def _array_of(data: Any, dtype: Any, *, copy: bool) -> Any:
    """An array of a type that tensors hold."""
    wanted = None if dtype is None else dtypes.as_dtype(dtype).numpy
    if isinstance(data, TensorBase):
        data = data.array
    if backend.is_array(data) or isinstance(data, numpy.generic):
        array = backend.library(data).array(data, dtype=wanted, copy=copy or None)
        dtypes.of(array.dtype)
        return array
    return _from_nested(data, wanted)


def _from_nested(data: Any, wanted: Any) -> numpy.ndarray:
    """An array of a number or of nested sequences of numbers, arrays and tensors."""
    try:
        array = numpy.array(_plain(data))
    except ValueError as error:
        raise ValueError(f"tensor: expected sequences of equal length: {error}") from None
    if array.size == 0 and array.dtype == numpy.float64:
        return array.astype(wanted or dtypes.get_default_dtype().numpy)
    if array.dtype.kind not in "biuf":
        if array.dtype.kind == "O" or array.dtype.kind in "SU":
            raise TypeError(f"tensor: could not infer dtype of {_culprit(data)}")
        raise TypeError(f"tensor: can't convert elements of type {array.dtype}")
    if wanted is None and array.dtype == numpy.float64 and not _holds_double(data):
        wanted = dtypes.get_default_dtype().numpy
    return array if wanted is None else array.astype(wanted)


def _plain(data: Any) -> Any:
    """Nested tensors as arrays in host memory; the rest as it is."""
    if isinstance(data, TensorBase):
        return backend.to_numpy(data.array)
    if isinstance(data, (list, tuple)) and any(isinstance(x, (TensorBase, list, tuple)) for x in data):
        return [_plain(x) for x in data]
    return data


def _holds_double(data: Any) -> bool:
    """Is there a NumPy or tensor float64 among the data, which then decides the type?"""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (numpy.generic, numpy.ndarray, TensorBase)) and not isinstance(data, (list, tuple))


def _culprit(data: Any) -> str:
    while isinstance(data, (list, tuple)) and data:
        data = next((x for x in data if not isinstance(x, (int, float))), data[0])
    return type(data).__name__
