"""Tensors from data: numbers, nested sequences, arrays, other tensors."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy

from ... import backend, devices, dtypes
from ...dtypes import FLOATS
from ...mode import mode
from ..base import TensorBase, wrap
from .filled import fitting


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Any:
    """A tensor with a copy of the data: a number, nested lists, a NumPy array, another tensor.

    Python numbers become float32 (the default type), int64 or bool; arrays and NumPy scalars keep their type.
    Raises ValueError for lists of unequal lengths, RuntimeError or TypeError for what is no number, RuntimeError for
    numbers that dtype cannot hold.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    if isinstance(data, TensorBase):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use source.detach().clone() or "
            "source.detach().clone().requires_grad_(True), rather than tensor(source).",
            UserWarning,
            stacklevel=2,
        )
    out = wrap(placed(array_from(data, _numpy_type(dtype), copy=True), data, device))
    if pin_memory:
        out.array = backend.pinned(out.array)
    if requires_grad:
        out.requires_grad = True
    return out


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """The data as a tensor, sharing memory where it can: a tensor comes back as it is, an array is not copied.

    >>> as_tensor(numpy.zeros(2))
    tensor([0., 0.], dtype=sparkle.float64)
    """
    if isinstance(data, TensorBase):
        if dtype is None and device is None:
            return data
        return data.to(device=device, dtype=dtype)  # type: ignore[attr-defined]
    return wrap(placed(array_from(data, _numpy_type(dtype), copy=False), data, device))


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool | None = None
) -> Any:
    """obj as a tensor. copy: True copies, False refuses to (ValueError), None copies where type or device demand it.

    A tensor keeps its history unless requires_grad=False.
    """
    if isinstance(obj, (bytes, bytearray, memoryview)):
        obj = frombuffer(obj, dtype=dtypes.get_default_dtype() if dtype is None else dtype)
    is_array = isinstance(obj, TensorBase) or backend.is_array(obj)
    if copy is False and not (is_array or isinstance(obj, numpy.generic)):
        raise ValueError(f"asarray: can't alias arbitrary sequence into a tensor, met {type(obj).__name__}")
    out = as_tensor(obj, dtype, device)
    if is_array and copy is not None:
        shares = backend.address(out.array) == backend.address(getattr(obj, "array", obj))
        if copy is False and not shares:
            raise ValueError(f"asarray: can't alias the data into {out.dtype} on {out.device} without a copy")
        out = out.clone() if copy and shares else out
    if requires_grad is not None:
        out = out.detach() if isinstance(obj, TensorBase) else out
        out.requires_grad = requires_grad
    return out


def from_numpy(ndarray: numpy.ndarray) -> Any:
    """A tensor that shares the NumPy array's memory.

    TypeError for anything else and for types that tensors cannot hold, ValueError for negative strides. Writing to a
    tensor of a read-only array raises RuntimeError.

    >>> a = numpy.zeros(2)
    >>> from_numpy(a).add_(1); a
    tensor([1., 1.], dtype=sparkle.float64)
    array([1., 1.])
    """
    if not isinstance(ndarray, numpy.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    return wrap(checked(ndarray))


def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Any:
    """A tensor that shares the memory of bytes, a bytearray or another buffer: `count` elements (-1: all) from the
    offset, in bytes. ValueError where the buffer does not hold whole elements, or too few.

    >>> frombuffer(bytearray(b"ab"), dtype=dtypes.uint8)
    tensor([97, 98], dtype=sparkle.uint8)
    """
    try:
        size = memoryview(buffer).nbytes
    except TypeError:
        raise ValueError(f"frombuffer: {type(buffer).__name__} does not implement Python's buffer protocol") from None
    if not size or not count:
        raise ValueError(f"frombuffer: both buffer length ({size}) and count ({count}) must not be 0")
    out = wrap(checked(numpy.frombuffer(buffer, dtypes.as_dtype(dtype).numpy, count, offset)))
    if requires_grad:
        out.requires_grad = True
    return out


def from_file(
    filename: Any, shared: bool | None = None, size: int = 0, *, dtype: Any = None, requires_grad: bool = False
) -> Any:
    """The first `size` elements of a file as a tensor that is read when its elements are needed.

    shared: do writes to the tensor go to the file? It is created, or lengthened, where it is too small then; without
    it, RuntimeError says so.
    """
    kind = _numpy_type(dtype) or dtypes.get_default_dtype().numpy
    if not shared and os.path.getsize(filename) < size * kind.itemsize:
        raise RuntimeError(
            f"from_file: {filename} has {os.path.getsize(filename)} bytes, {size} elements of {kind} need "
            f"{size * kind.itemsize}"
        )
    exists = os.path.exists(filename)
    mapped = numpy.memmap(filename, kind, ("r+" if exists else "w+") if shared else "c", shape=(size,))
    out = wrap(mapped.view(numpy.ndarray))
    if requires_grad:
        out.requires_grad = True
    return out


def placed(array: Any, data: Any, device: Any) -> Any:
    """The array on the device asked for, else where the data are: Python's numbers are where the default device is."""
    if device is None and (isinstance(data, TensorBase) or backend.is_array(data)):
        return backend.move(array, *backend.device_of(data.array if isinstance(data, TensorBase) else data))
    place = devices.as_device(device)
    return array if place is devices.CPU else backend.move(array, place.type, place.index)


def array_from(data: Any, wanted: Any, *, copy: bool) -> Any:
    """An array of a type that tensors hold: of the NumPy type `wanted`, else of the data's own."""
    if isinstance(data, TensorBase):
        data = data.array
    elif isinstance(data, numpy.generic):
        data = numpy.asarray(data)
    elif hasattr(data, "__array__") and not backend.is_array(data):  # images, columns of tables
        data = numpy.array(data)
    if not backend.is_array(data):
        return _from_nested(data, wanted)
    if isinstance(data, numpy.ndarray):
        data = checked(data, copied=copy)
    return backend.library(data).array(data, dtype=wanted, copy=copy or None)


def _numpy_type(dtype: Any) -> Any:
    return None if dtype is None else dtypes.as_dtype(dtype).numpy


def checked(array: Any, copied: bool = False) -> Any:
    """The array, if a tensor can share its memory; a warning where it is read-only, unless it is copied anyway."""
    if not dtypes.holds(array.dtype):
        if dtypes.holds(array.dtype.newbyteorder("=")):
            raise ValueError(f"the array's byte order, {array.dtype.str}, is not the machine's; use array.astype")
        names = ", ".join(dtypes.BY_NAME)
        raise TypeError(f"can't convert np.ndarray of type {array.dtype}. The only supported types are: {names}.")
    if any(step < 0 for step in array.strides):
        raise ValueError(
            f"at least one stride of the given array is negative, {array.strides}; tensors have none: use array.copy()"
        )
    if not copied and not getattr(array.flags, "writeable", True):
        warnings.warn(
            "The given NumPy array is not writable: writing to the tensor will fail. Copy the array to protect its "
            "data or make it writable before converting it.",
            UserWarning,
            stacklevel=4,
        )
    if isinstance(array, numpy.ndarray):
        kept = dtypes.BY_NUMPY[array.dtype].numpy  # an unpickled array has a type object of its own
        return numpy.asarray(array if array.dtype is kept else array.view(kept))
    return array


# Nested sequences.


def _from_nested(data: Any, wanted: Any) -> numpy.ndarray:
    """An array of a number or of nested sequences of numbers, arrays and tensors."""
    kinds: set[type] = set()
    _collect(data, kinds)
    if not kinds <= {bool, int, float}:
        return _from_mixed(data, wanted)
    if wanted is None:
        wanted = _type_of(kinds).numpy
    try:
        array = mode.quiet(numpy.array, data, wanted if wanted.kind in FLOATS else None)  # quiet: 1e40 becomes inf
    except ValueError:
        _shape_of(data)
        raise
    if array.dtype.kind not in "bi" + FLOATS:
        _refuse(array, data)
    return in_type(array, wanted)


def _collect(data: Any, kinds: set[type]) -> None:
    """Add the types of all that is no list or tuple."""
    if not isinstance(data, (list, tuple)):
        kinds.add(type(data))
        return
    here = set(map(type, data))
    if here & {list, tuple}:
        for item in data:
            _collect(item, kinds)
    else:
        kinds |= here


def _type_of(kinds: set[type]) -> dtypes.dtype:
    if float in kinds or not kinds:
        return dtypes.get_default_dtype()
    return dtypes.int64 if int in kinds else dtypes.bool


def _refuse(array: numpy.ndarray, data: Any) -> None:
    """Integers beyond int64 become uint64 or objects in NumPy; mixed with floats they are fine."""
    flat = [x for x in array.reshape(-1).tolist() if isinstance(x, int) and not -(1 << 63) <= x < 1 << 63]
    raise ValueError(f"overflow: {flat[0] if flat else data} does not fit in 64 bits")


def in_type(array: numpy.ndarray, wanted: Any) -> numpy.ndarray:
    """The array of Python numbers in the type, RuntimeError where an integer type cannot hold one."""
    if array.dtype == wanted:
        return array
    if wanted.kind in "iu" and array.size and array.dtype != bool:
        d = dtypes.of(wanted)
        for extreme in (array.min().item(), array.max().item()):
            fitting(extreme, d)
        if array.dtype.kind in FLOATS:
            array = array.astype(numpy.int64)
    with numpy.errstate(over="ignore"):
        return array.astype(wanted)


def _from_mixed(data: Any, wanted: Any) -> numpy.ndarray:
    """Nested sequences that hold more than Python numbers: NumPy scalars, arrays, tensors of one element, sequences of
    other kinds."""
    d = _common_type(data)
    shape = _shape_of(data)
    flat: list[Any] = []
    _flatten(data, len(shape), flat)
    plain = numpy.array(flat, dtype=None if flat else wanted).reshape(shape)
    if plain.dtype.kind not in "bi" + FLOATS:
        _refuse(plain, data)
    return in_type(plain, d.numpy if wanted is None else wanted)


def _common_type(x: Any) -> dtypes.dtype:
    """The type that holds all the leaves; RuntimeError or TypeError where one is no number."""
    if isinstance(x, TensorBase):
        return dtypes.of(x.array.dtype)
    if backend.is_array(x) or isinstance(x, numpy.generic):
        if not dtypes.holds(x.dtype):
            raise TypeError(f"can't convert np.ndarray of type {x.dtype}")
        return dtypes.of(x.dtype)
    if isinstance(x, (bool, int, float)):
        return dtypes.kind_of_number(x)
    if isinstance(x, (str, bytes)):
        raise TypeError(f"tensor: invalid data type '{type(x).__name__}'")
    if isinstance(x, complex):
        raise RuntimeError(f"Could not infer dtype of complex: complex numbers such as {x} are not supported")
    if not _is_sequence(x):
        raise RuntimeError(f"Could not infer dtype of {type(x).__name__}")
    if any(isinstance(item, str) for item in x):
        raise ValueError("tensor: too many dimensions 'str'")
    kinds = [_common_type(item) for item in x]
    best = kinds[0] if kinds else dtypes.get_default_dtype()
    for d in kinds:
        best = dtypes.promote_types(best, d)
    return best


def _is_sequence(x: Any) -> bool:
    """Does it have a length and numbered items? Tensors and numbers count as single items."""
    if isinstance(x, (TensorBase, numpy.generic, str, dict)):
        return False
    return hasattr(x, "__len__") and hasattr(x, "__getitem__") and getattr(x, "shape", None) != ()


def _shape_of(data: Any) -> tuple[int, ...]:
    """The shape that the first items suggest; ValueError or TypeError where the others disagree."""
    shape: list[int] = []
    first = data
    while _is_sequence(first):
        shape.append(len(first))
        if not len(first):
            break
        first = first[0]
    _check_shape(data, shape, 0)
    return tuple(shape)


def _check_shape(x: Any, shape: list[int], dim: int) -> None:
    if dim == len(shape):
        if _is_sequence(x):
            raise TypeError(f"'{type(x).__name__}' object cannot be interpreted as a number, as its neighbours are")
        if isinstance(x, TensorBase) and x.array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars, met shape {tuple(x.array.shape)}; "
                "use stack() to join tensors"
            )
        return
    if not _is_sequence(x):
        raise TypeError(f"not a sequence: {type(x).__name__}, where neighbours at dim {dim} have {shape[dim]} items")
    if len(x) != shape[dim]:
        raise ValueError(f"expected sequence of length {shape[dim]} at dim {dim} (got {len(x)})")
    for item in x:
        _check_shape(item, shape, dim + 1)


def _flatten(x: Any, depth: int, flat: list[Any]) -> None:
    """The leaves as Python numbers, in order."""
    if depth == 0:
        flat.append(x.array.item() if isinstance(x, TensorBase) else x.item() if hasattr(x, "item") else x)
        return
    for item in x:
        _flatten(item, depth - 1, flat)
