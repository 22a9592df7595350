"""The device of a tensor: `device("cpu")`, `device("cuda:1")`."""

from __future__ import annotations

import threading
from typing import Any

from . import backend


class device:
    """Where a tensor lives: a type, "cpu" or "cuda", and for cuda an index.

    In a `with` block it is where new tensors are made for which no device is named.

    >>> device("cuda:1").index
    1
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if isinstance(type, int):
            type, index = "cuda", type
        if not isinstance(type, str):
            raise TypeError(f"device: wanted a string such as 'cpu' or 'cuda:0', met {type!r}")
        name, colon, number = type.partition(":")
        if name not in ("cpu", "cuda") or (colon and not number.isdecimal()) or (colon and index is not None):
            raise RuntimeError(f"device: expected 'cpu', 'cuda' or 'cuda:<number>', met {type!r}")
        self.type = name
        self.index = int(number) if colon else index

    def __repr__(self) -> str:
        return (
            f"device(type={self.type!r})" if self.index is None else f"device(type={self.type!r}, index={self.index})"
        )

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __enter__(self) -> device:
        _default.before.append(_default.place)
        _default.place = self
        return self

    def __exit__(self, *exc: Any) -> None:
        _default.place = _default.before.pop()

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (str(self),)


CPU = device("cpu")


class _Default(threading.local):
    """Where this thread makes tensors for which no device is named; `before`: the same outside each `with` block."""

    place = CPU

    def __init__(self) -> None:
        self.before: list[device] = []


_default = _Default()


def get_default_device() -> device:
    """Where new tensors are made when no device is named: the CPU, unless `set_default_device` or a `with` block says
    otherwise."""
    return _default.place


def set_default_device(device: Any) -> None:
    """Make new tensors there when no device is named, in this thread; None stands for the CPU.

    It says where zeros, tensor([...]), rand and the like go; from_numpy, frombuffer and results of operations stay
    where their data are.
    """
    _default.place = CPU if device is None else as_device(device)


def of(array: Any) -> device:
    """The device that holds the array."""
    kind, index = backend.device_of(array)
    return CPU if kind == "cpu" else device(kind, index)


def as_device(value: Any) -> device:
    """A device from a device, a string, a CUDA index or None (the default)."""
    if value is None:
        return _default.place
    return value if isinstance(value, device) else device(value)
