"""How the values of two metrics become the value of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.backend import is_array, library
from ..core.devices import device, of
from ..core.tensor.base import TensorBase, wrap
from .state import on_device

COMBINE: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "SUM": (lambda a, b: a + b, "add"),
    "PRODUCT": (lambda a, b: a * b, "multiply"),
    "MIN": (min, "minimum"),
    "MAX": (max, "maximum"),
}


def merged(a: Any, b: Any, how: str, place: device | None, where: str) -> Any:
    """Numbers and arrays combined, lists and tuples joined, dicts key by key; None is nothing yet.

    Arrays of the second are moved to where the first are. A number beside an array is a sum that nothing was added to
    yet. Raises ValueError for arrays of different shapes, TypeError for other types.
    """
    if b is None or a is None:
        return a if b is None else _moved(b, None, place)
    if isinstance(a, bool) and isinstance(b, bool):
        return a or b
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return type(a)([*a, *(_moved(item, a[0] if a else None, place) for item in b)])
    if isinstance(a, dict) and isinstance(b, dict):
        return {key: merged(a.get(key), b.get(key), how, place, f"{where}[{key!r}]") for key in {**a, **b}}
    if isinstance(a, TensorBase) and isinstance(b, TensorBase):
        return wrap(_combined(a.array, b.array, how, place, where))
    if _is_value(a) and _is_value(b):
        return _combined(a, b, how, place, where)
    raise TypeError(f"{where} is {a!r} here and {b!r} in the other; these cannot be merged")


def _is_value(value: Any) -> bool:
    return isinstance(value, (int, float)) or hasattr(value, "dtype")


def _combined(a: Any, b: Any, how: str, place: device | None, where: str) -> Any:
    if getattr(a, "ndim", 0) and getattr(b, "ndim", 0) and a.shape != b.shape:
        raise ValueError(f"{where} is of shape {a.shape} here and {b.shape} in the other")
    numbers, arrays = COMBINE[how]
    if not (is_array(a) or is_array(b)):
        return numbers(a, b)
    b = _moved(b, a, place)
    return getattr(library(b if is_array(b) else a), arrays)(a, b)


def _moved(value: Any, beside: Any, place: device | None) -> Any:
    """A copy, on the device of the one beside it, or at the place where the metric keeps its values."""
    if isinstance(value, TensorBase):
        return wrap(_moved(value.array, beside.array if isinstance(beside, TensorBase) else None, place))
    if not is_array(value):
        return value
    return on_device(value.copy(), of(beside) if place is None and is_array(beside) else place)
