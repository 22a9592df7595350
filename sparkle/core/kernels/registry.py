"""Faster bodies of some ops: a table op -> kernel for each array library. With empty tables everything still works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CPU: dict[type, Any] = {}
CUDA: dict[type, Any] = {}

MANY = 1 << 18  # multiplications from which on products have faster bodies; from there on BLAS would use its threads


def register(op: type, kernels: dict[type, Any] = CPU) -> Callable[[type], type]:
    """Make the decorated class the body of op in one of the tables.

    It has static `forward(op, xp, *inputs)`, which may return NotImplemented for inputs it does not take, and
    `backward(op, xp, g)`; both save and return what the op's own methods do.
    """

    def note(kernel: type) -> type:
        kernels[op] = kernel
        return kernel

    return note
