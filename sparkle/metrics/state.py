"""What a metric has gathered, as values that a file can hold, and back."""

from __future__ import annotations

from typing import Any

from ..core import backend
from ..core.devices import device
from ..core.tensor.base import TensorBase, wrap


def to_state(value: Any, where: str) -> Any:
    """Numbers, None, copies of arrays and tensors, the state dicts of metrics, and lists, tuples and dicts of these.

    An array without dims, such as a sum, becomes a number. TypeError, naming the attribute, for anything else.
    """
    if isinstance(value, TensorBase):
        return wrap(value.array.copy())
    if hasattr(value, "dtype"):
        return value.copy() if value.ndim else value.item()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if hasattr(value, "state_dict"):
        return value.state_dict()
    if isinstance(value, (list, tuple)):
        return type(value)([to_state(item, f"{where}[{i}]") for i, item in enumerate(value)])
    if isinstance(value, dict):
        return {key: to_state(item, f"{where}[{key!r}]") for key, item in value.items()}
    raise TypeError(
        f"{where} is of type {type(value).__name__}; a metric's state is made of numbers, tensors, arrays, metrics, "
        "and lists, tuples and dicts of them"
    )


def from_state(saved: Any, place: device | None, where: str) -> Any:
    """The value of what `to_state` gave, moved to a device if there is one; ValueError for anything else."""
    if saved is None or isinstance(saved, (bool, int, float)):
        return saved
    if isinstance(saved, TensorBase):
        return wrap(on_device(saved.array.copy(), place))
    if backend.is_array(saved):
        return on_device(saved.copy(), place)
    if isinstance(saved, (list, tuple)):
        return type(saved)([from_state(item, place, f"{where}[{i}]") for i, item in enumerate(saved)])
    if isinstance(saved, dict):
        return {key: from_state(item, place, f"{where}[{key!r}]") for key, item in saved.items()}
    raise ValueError(f"Unsupported type for provided state_dict data: {where} is of type {type(saved).__name__}")


def on_device(array: Any, place: device | None) -> Any:
    """The array on that device; where it is if that is None."""
    return array if place is None else backend.move(array, place.type, place.index)
