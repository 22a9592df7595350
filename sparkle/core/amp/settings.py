"""Autocast's switches of a thread, and the functions that ask for them and set them."""

from __future__ import annotations

import threading
from typing import Any

from .. import dtypes
from ..devices import device
from ..mode import mode
from ..tensor.autocast import Casting


class _Settings(threading.local):
    """enabled and types: for each kind of device. cached: are cast weights kept? depth: contexts entered."""

    def __init__(self) -> None:
        self.enabled = {"cpu": False, "cuda": False}
        self.types = {"cpu": dtypes.bfloat16, "cuda": dtypes.float16}
        self.cached = True
        self.depth = 0
        self.cache: dict[Any, Any] = {}

    def apply(self) -> None:
        """Make `mode.autocast` what the switches say."""
        types = {kind: self.types[kind] for kind, on in self.enabled.items() if on}
        mode.autocast = Casting(types, self.cache if self.cached else None) if types else None


settings = _Settings()


def kind_of(device_type: Any) -> str:
    """The type of a device, "cpu" or "cuda"; ValueError for what is no string, RuntimeError for other devices."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    return str(device(device_type).type)


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Is autocast on for this kind of device, in this thread?

    >>> is_autocast_enabled("cpu")
    False
    """
    return settings.enabled[kind_of(device_type)]


def set_autocast_enabled(device_type: str | bool, enabled: bool | None = None) -> None:
    """Switch autocast for this kind of device, CUDA where only the switch is given."""
    kind, on = ("cuda", device_type) if enabled is None else (kind_of(device_type), enabled)
    if not isinstance(on, bool):
        raise TypeError(f"set_autocast_enabled: enabled must be a bool, met {on!r}")
    settings.enabled[kind] = on
    settings.apply()


def get_autocast_dtype(device_type: str) -> dtypes.dtype:
    """The type that autocast lowers to on this kind of device: bfloat16 for the CPU, float16 for CUDA, unless set.

    >>> get_autocast_dtype("cpu")
    sparkle.bfloat16
    """
    return settings.types[kind_of(device_type)]


def set_autocast_dtype(device_type: str, dtype: dtypes.dtype) -> None:
    """The type that autocast lowers to on this kind of device when it is not told another."""
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(f"set_autocast_dtype: dtype must be a sparkle.dtype, met {dtype!r}")
    settings.types[kind_of(device_type)] = dtype
    settings.apply()


def is_autocast_cache_enabled() -> bool:
    """Does autocast keep cast weights until it ends?"""
    return settings.cached


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Let autocast keep cast weights until it ends, or not."""
    settings.cached = bool(enabled)
    settings.apply()


def clear_autocast_cache() -> None:
    """Forget the weights that autocast has cast."""
    settings.cache.clear()


def autocast_increment_nesting() -> int:
    """Count a context that is entered; returns how many are."""
    settings.depth += 1
    return settings.depth


def autocast_decrement_nesting() -> int:
    """Count a context that is left; returns how many remain."""
    settings.depth -= 1
    return settings.depth


def is_autocast_available(device_type: str) -> bool:
    """Does autocast know this kind of device? RuntimeError for what is no device.

    >>> is_autocast_available("cpu")
    True
    """
    return kind_of(device_type) in settings.enabled
