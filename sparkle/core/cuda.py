"""What there is of CUDA devices."""

from __future__ import annotations

from typing import Any

from . import backend
from .devices import as_device
from .random import checked_seed, stream_on


def is_available() -> bool:
    """Can tensors live on a CUDA device: is CuPy installed, and does it find one?

    >>> device = "cuda" if is_available() else "cpu"
    """
    return device_count() > 0


def device_count() -> int:
    """The number of CUDA devices."""
    return backend.cuda_device_count()


def current_device() -> int:
    """The index of the device on which new CUDA tensors are made; RuntimeError where there is none."""
    _check()
    return int(backend.cupy().cuda.Device().id)


def get_device_name(device: Any = None) -> str:
    """The name of a CUDA device."""
    _check()
    index = as_device(device or "cuda").index or 0
    name = backend.cupy().cuda.runtime.getDeviceProperties(index)["name"]
    return name.decode() if isinstance(name, bytes) else str(name)


def synchronize(device: Any = None) -> None:
    """Wait until the device has done all it was given; for timing."""
    _check()
    with backend.cupy().cuda.Device(as_device(device or "cuda").index or 0) as d:
        d.synchronize()


def manual_seed(seed: int) -> None:
    """Start the random numbers of the CUDA device anew from a seed; without a device there is nothing to seed."""
    if is_available():
        stream_on("cuda", current_device()).reseed(checked_seed(seed))


def manual_seed_all(seed: int) -> None:
    """`manual_seed` on every CUDA device."""
    for index in range(device_count()):
        stream_on("cuda", index).reseed(checked_seed(seed))


def empty_cache() -> None:
    """Give memory that CuPy holds ready, and does not use, back to the device. Does nothing without a device."""
    if is_available():
        backend.cupy().get_default_memory_pool().free_all_blocks()


def _check() -> None:
    if not is_available():
        backend.library_for("cuda")  # raises, and says what is missing
