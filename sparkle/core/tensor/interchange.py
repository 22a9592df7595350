"""DLPack: memory shared with other array libraries, in both directions, without copying."""

from __future__ import annotations

import ctypes
from types import ModuleType
from typing import Any

import numpy

from .. import backend, devices, dtypes
from .base import TensorBase, wrap
from .making.creation import checked

ON_HOST = (1, 3)  # DLPack's numbers for memory, and for pinned memory, of the host


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Any:
    """A tensor that shares the memory of another library's array, or of what `to_dlpack` returned.

    device: move it there. copy: True copies, False refuses to (ValueError), None copies only to move it. RuntimeError
    for what has no `__dlpack__`, BufferError or ValueError for what it offers and tensors cannot hold.

    >>> a = numpy.zeros(2)
    >>> _ = from_dlpack(a).fill_(1); a
    array([1., 1.])
    """
    if isinstance(ext_tensor, TensorBase):
        array = _exported(ext_tensor)
    else:
        source = _Offer(ext_tensor) if type(ext_tensor).__name__ == "PyCapsule" else ext_tensor
        if not hasattr(source, "__dlpack_device__"):
            raise RuntimeError(f"from_dlpack: wanted an object with __dlpack__, met {type(ext_tensor).__name__}")
        xp = numpy if source.__dlpack_device__()[0] in ON_HOST else backend.library_for("cuda")
        array = checked(_shared(xp, source))
    place = devices.of(array) if device is None else devices.as_device(device)
    moved = backend.move(array, place.type, place.index)
    if copy is False and moved is not array:
        raise ValueError(f"from_dlpack: copy=False, but going from {devices.of(array)} to {place} needs a copy")
    return wrap(moved.copy() if copy and moved is array else moved)


def to_dlpack(tensor: Any) -> Any:
    """A capsule through which one other library can take the tensor's memory; `from_dlpack` reads it.

    Libraries of today take the tensor itself. BufferError for tensors that require grad.
    """
    return tensor.__dlpack__(max_version=(1, 0))  # older versions cannot say that the memory may be written


def _exported(x: Any) -> Any:
    if x.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return x.array


# DLPack's numbers for kinds of elements: neither NumPy nor CuPy knows bfloat16, so it passes as integers of two bytes.
INTEGERS, BFLOATS = 0, 4


def _shared(xp: ModuleType, source: Any) -> Any:
    """The library's array on the memory that the source offers."""
    offer = _AsIntegers(source)
    array = xp.from_dlpack(offer)
    return array.view(dtypes.bfloat16.numpy) if offer.changed else array


def exported(array: Any, options: dict[str, Any]) -> Any:
    """The capsule of an array."""
    if array.dtype.kind in "biuf":
        return array.__dlpack__(**options)
    capsule = array.view("int16").__dlpack__(**options)
    _kind_of(capsule).value = BFLOATS
    return capsule


def _start(capsule: Any) -> int:
    """The address of the tensor in a capsule, in DLPack's C structures."""
    get_name, get_pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    name = get_name(capsule)
    if name not in (b"dltensor", b"dltensor_versioned"):
        raise RuntimeError(f"from_dlpack: a capsule can be read once; this one is named {name!r} now")
    return int(get_pointer(capsule, name)) + (32 if name == b"dltensor_versioned" else 0)


def _kind_of(capsule: Any) -> ctypes.c_uint8:
    """The kind of the elements, where it can be changed: after a pointer and three numbers of four bytes."""
    return ctypes.c_uint8.from_address(_start(capsule) + 20)


class _AsIntegers:
    """What a source offers, with bfloat16 passed off as integers; `changed` says whether it was."""

    changed = False

    def __init__(self, source: Any) -> None:
        self.source = source

    def __dlpack__(self, **options: Any) -> Any:
        capsule = self.source.__dlpack__(**options)
        kind = _kind_of(capsule)
        if kind.value == BFLOATS:
            kind.value, self.changed = INTEGERS, True
        return capsule

    def __dlpack_device__(self) -> Any:
        return self.source.__dlpack_device__()


class _Offer:
    """A bare capsule in the form of today's protocol."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        """Type and number of the device, read where DLPack's C structure has them."""
        start = _start(self.capsule) + 8
        return ctypes.c_int32.from_address(start).value, ctypes.c_int32.from_address(start + 4).value
