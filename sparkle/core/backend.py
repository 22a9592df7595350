"""Which array library owns an array, and the few calls in which they differ. The only file that imports CuPy."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy
from numpy import ndarray

from .memory import keep_freed_memory
from .settings import alert_not_deterministic

keep_freed_memory()

_cupy: ModuleType | None = None


def cupy() -> ModuleType:
    """CuPy, imported when first asked for; RuntimeError with the install command where it cannot be."""
    global _cupy
    if _cupy is None:
        try:
            _cupy = importlib.import_module("cupy")
        except ImportError as error:
            raise RuntimeError(
                "device 'cuda' needs CuPy, which is not installed: pip install 'sparkle-engine[cuda12]' (or [cuda13])"
            ) from error
    return _cupy


def cuda_device_count() -> int:
    """The number of CUDA devices that can be used; 0 without CuPy or without a driver."""
    try:
        return int(cupy().cuda.runtime.getDeviceCount())
    except Exception:  # CuPy raises errors of its own kind for a missing or broken driver
        return 0


def is_array(value: Any) -> bool:
    """Is it an array of either library?"""
    return (
        type(value) is ndarray or isinstance(value, ndarray) or (_cupy is not None and isinstance(value, _cupy.ndarray))
    )


def library(array: Any) -> ModuleType:
    """The library that owns the array: numpy or cupy."""
    if _cupy is not None and isinstance(array, _cupy.ndarray):
        return _cupy
    return numpy


def device_of(array: Any) -> tuple[str, int | None]:
    """Device type and index of an array."""
    if _cupy is not None and isinstance(array, _cupy.ndarray):
        return "cuda", int(array.device.id)
    return "cpu", None


def library_for(kind: str, index: int | None = None) -> ModuleType:
    """The library for a device type; RuntimeError where that device is not there."""
    if kind == "cpu":
        return numpy
    count = cuda_device_count() if cupy() else 0
    if (index or 0) >= count:
        raise RuntimeError(f"device 'cuda:{index or 0}' was asked for, but {count} CUDA devices are available")
    return cupy()


def move(array: Any, kind: str, index: int | None = None) -> Any:
    """The array on the given device; the same object when it is there already."""
    if device_of(array)[0] == kind and (kind == "cpu" or index is None or device_of(array)[1] == index):
        return array
    if kind == "cpu":
        return cupy().asnumpy(array)
    library_for(kind, index)
    with cupy().cuda.Device(index or 0):
        return cupy().asarray(array)


@contextlib.contextmanager
def on(kind: str, index: int | None = None) -> Iterator[ModuleType]:
    """The library of a device, with that device as the one where it makes new arrays."""
    xp = library_for(kind, index)
    if kind == "cpu":
        yield xp
    else:
        with xp.cuda.Device(index or 0):
            yield xp


def address(array: Any) -> int:
    """Where the first element lies in memory."""
    return int(array.ctypes.data) if isinstance(array, ndarray) else int(array.data.ptr)


def window(flat: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
    """A view of flat memory, which is its `base`; strides and offset are counted in bytes."""
    if isinstance(flat, ndarray):
        return ndarray(shape, flat.dtype, flat, offset, strides)
    return cupy().lib.stride_tricks.as_strided(flat[offset // flat.itemsize :], shape, strides)


def pinned(array: Any) -> ndarray:
    """A copy in host memory that CUDA devices read directly; RuntimeError where there is none."""
    library_for("cuda")
    copy = importlib.import_module("cupyx").empty_pinned(array.shape, array.dtype)
    copy[...] = array
    return copy


def to_numpy(array: Any) -> ndarray:
    """The array in host memory."""
    return array if isinstance(array, ndarray) else cupy().asnumpy(array)


def scatter_add(xp: ModuleType, target: Any, index: Any, values: Any) -> None:
    """target[index] += values, where places named twice get both values."""
    if xp is numpy:
        numpy.add.at(target, index, values)
    else:
        alert_not_deterministic("scatter_add")
        importlib.import_module("cupyx").scatter_add(target, index, values)


def scatter_with(xp: ModuleType, combine: str, target: Any, index: Any, values: Any) -> None:
    """target[index] = combine(target[index], values), one value after the other where places are named twice.

    combine: the array library's function of that name: add, multiply, maximum or minimum.
    """
    if xp is numpy:
        getattr(numpy, combine).at(target, index, values)
    elif combine == "multiply":  # CuPy has no atomic product: one round for each repetition of a place
        _multiply_in_rounds(xp, target, index, values)
    else:
        getattr(xp, combine).at(target, index, values)


def _multiply_in_rounds(xp: ModuleType, target: Any, index: Any, values: Any) -> None:
    places = xp.arange(target.size).reshape(target.shape)[index]
    values = xp.broadcast_to(values, places.shape).ravel()
    order = xp.argsort(places.ravel(), kind="stable")
    places, values = places.ravel()[order], values[order]
    flat = target.ravel()
    while places.size:
        first = xp.ones(places.shape, dtype=bool)
        first[1:] = places[1:] != places[:-1]
        flat[places[first]] *= values[first]
        places, values = places[~first], values[~first]
    target[...] = flat.reshape(target.shape)


# What both libraries raise where LAPACK, or cuSOLVER, gives up on a matrix.
FACTORIZATION_FAILED = numpy.linalg.LinAlgError


def factorizing(xp: ModuleType) -> Any:
    """A context in which `xp.linalg` raises FACTORIZATION_FAILED rather than return what it has, and does not warn."""
    return numpy.errstate(all="ignore") if xp is numpy else importlib.import_module("cupyx").errstate(linalg="raise")
