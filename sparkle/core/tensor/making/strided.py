"""`layout=`, the one kind of storage there is, and arrays that lie in memory like another."""

from __future__ import annotations

from typing import Any

from ...backend import library
from ..layout import contiguous_format, memory_format, order_of, preserve_format


class layout:
    """A kind of storage; there is one, `strided`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"sparkle.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # unpickles as the instance itself, so that `is` holds


strided = layout("strided")


def check_layout(value: Any, where: str) -> None:
    """Refuse a layout other than strided."""
    if value is not None and value is not strided:
        raise RuntimeError(f"{where}: layout {value!r} is not supported; tensors are sparkle.strided")


def empty_like(array: Any, dtype: Any, format: memory_format | None = None) -> Any:
    """An array of the same shape, not initialised, in the given order; None keeps the array's own."""
    xp = library(array)
    if format is None or format is preserve_format:
        return xp.empty_like(array, dtype=dtype, order="K")
    if format is contiguous_format:
        return xp.empty(array.shape, dtype)
    order = order_of(format, array.ndim)
    back = [order.index(axis) for axis in range(array.ndim)]
    return xp.empty([array.shape[axis] for axis in order], dtype).transpose(back)
