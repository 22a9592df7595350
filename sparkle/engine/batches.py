"""x and y of a batch, on a device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def prepare_batch(batch: Any, device: Any = None, non_blocking: bool = False) -> tuple[Any, Any]:
    """x and y of a batch, on the device."""
    x, y = batch
    return convert(x, device, non_blocking), convert(y, device, non_blocking)


def convert(value: Any, device: Any, non_blocking: bool) -> Any:
    """Everything with a method `to`, in any nesting of mappings and sequences, on the device.

    Raises TypeError for anything else.
    """
    if hasattr(value, "to"):
        return value if device is None else value.to(device=device, non_blocking=non_blocking)
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, Mapping):
        return type(value)({key: convert(item, device, non_blocking) for key, item in value.items()})  # type: ignore[call-arg]
    if isinstance(value, Sequence):
        items = [convert(item, device, non_blocking) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # type: ignore[call-arg]
    raise TypeError(
        f"prepare_batch: met a {type(value).__name__} in the batch; wanted tensors, or mappings and sequences of them: "
        "pass your own prepare_batch(batch, device, non_blocking)"
    )
