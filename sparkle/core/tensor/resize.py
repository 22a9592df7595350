"""Arrays of another shape on the memory that a tensor has, where it is large enough."""

from __future__ import annotations

import math
from typing import Any

from .. import backend
from .layout import contiguous_format, memory_format, order_of, preserve_format
from .views import flat_storage


def resize(array: Any, shape: tuple[int, ...], format: memory_format | None = None) -> Any:
    """The array's memory, from its first element on, in another shape; where it is too small, new memory that begins
    with the old elements. What is added is not initialised."""
    flat, start = flat_storage(array)
    needed = math.prod(shape)
    if start + needed > flat.size:
        flat, start = _grown(flat[start:], needed), 0
    order = range(len(shape)) if format in (None, contiguous_format, preserve_format) else order_of(format, len(shape))
    part = flat[start : start + needed].reshape([shape[axis] for axis in order])
    return part.transpose([list(order).index(axis) for axis in range(len(shape))])


def _grown(flat: Any, n: int) -> Any:
    larger = backend.library(flat).empty(n, flat.dtype)
    larger[: flat.size] = flat
    return larger
