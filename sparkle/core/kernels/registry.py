"""Faster bodies of some ops: (array library, op) -> kernel. With no kernel registered everything still works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

KERNELS: dict[str, dict[type, Any]] = {"numpy": {}, "cupy": {}}


def register(op: type, library: str = "numpy") -> Callable[[type], type]:
    """Make the decorated class the body of op for one array library.

    It has static `forward(op, xp, *inputs)`, which may return NotImplemented for inputs it does not take, and
    `backward(op, xp, g)`; both save and return what the op's own methods do.
    """

    def note(kernel: type) -> type:
        KERNELS[library][op] = kernel
        return kernel

    return note
