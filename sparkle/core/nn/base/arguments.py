"""What containers are made from and asked for."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any

from .module import Module


def position(index: Any, length: int) -> int:
    """An index from the front; IndexError outside."""
    i = operator.index(index)
    if not -length <= i < length:
        raise IndexError(f"index {i} is out of range")
    return i % length


def pairs(given: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(given, Iterable):
        raise TypeError(f"{where}.update: wanted an iterable of key/value pairs, met {type(given).__name__}")
    if isinstance(given, Mapping) or (isinstance(given, Module) and hasattr(given, "items")):
        return list(given.items())
    found = []
    for i, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{where} update sequence element #{i} should be Iterable; is {type(pair).__name__}")
        entry = tuple(pair)
        if len(entry) != 2:
            raise ValueError(f"{where} update sequence element #{i} has length {len(entry)}; 2 is required")
        found.append(entry)
    return found
