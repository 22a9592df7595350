"""Functions that ask about any object."""

from __future__ import annotations

from typing import Any

from .base import TensorBase
from .making.filled import array_of
from .storage import TypedStorage


def is_tensor(obj: Any) -> bool:
    """Is it a tensor?"""
    return isinstance(obj, TensorBase)


def is_storage(obj: Any) -> bool:
    """Is it the memory behind a tensor?"""
    return isinstance(obj, TypedStorage)


def numel(input: Any) -> int:
    """The number of elements of a tensor."""
    return int(array_of(input, "numel").size)


def _assert(condition: Any, message: str) -> None:
    """`assert condition, message` as a function, which models written to be traced call (those of torchvision do)."""
    assert condition, message
