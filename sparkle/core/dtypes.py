"""The element types, their promotion, and the default floating point type."""

from __future__ import annotations

import builtins
from typing import Any

import numpy


class dtype:
    """An element type such as `sparkle.float32`; `numpy` is the NumPy type behind it."""

    __slots__ = ("is_floating_point", "is_signed", "itemsize", "name", "numpy", "rank")

    def __init__(self, name: str, rank: builtins.int) -> None:
        self.name = name
        self.numpy = numpy.dtype(name)
        self.itemsize = self.numpy.itemsize
        self.is_floating_point = self.numpy.kind == "f"
        self.is_signed = self.numpy.kind in "if"
        self.rank = rank

    is_complex = False

    def __repr__(self) -> str:
        return f"sparkle.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)


def _by_name(name: str) -> dtype:
    return BY_NAME[name]


# `rank` orders the types for promotion; a float always beats an integer, an integer always beats bool.
bool = dtype("bool", 0)
uint8 = dtype("uint8", 1)
int8 = dtype("int8", 1)
int16 = dtype("int16", 2)
int32 = dtype("int32", 3)
int64 = dtype("int64", 4)
float16 = dtype("float16", 5)
float32 = dtype("float32", 6)
float64 = dtype("float64", 7)
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64

ALL = (bool, uint8, int8, int16, int32, int64, float16, float32, float64)
BY_NAME = {d.name: d for d in ALL}
BY_NUMPY = {d.numpy: d for d in ALL}

_default = float32


def of(numpy_dtype: Any) -> dtype:
    """The sparkle type of a NumPy type; TypeError for types that tensors cannot hold."""
    try:
        return BY_NUMPY[numpy_dtype]
    except (KeyError, TypeError):
        names = ", ".join(BY_NAME)
        raise TypeError(f"a tensor cannot hold elements of type {numpy_dtype}: the types are {names}") from None


def as_dtype(value: Any) -> dtype:
    """A dtype from a dtype, a Python type (float, int, bool) or anything NumPy takes for one."""
    if isinstance(value, dtype):
        return value
    if value is builtins.float:
        return float64
    if value is builtins.int:
        return int64
    if value is builtins.bool:
        return bool
    try:
        return of(numpy.dtype(value))
    except TypeError:
        raise TypeError(f"dtype must be a sparkle.dtype, met {value!r}") from None


def get_default_dtype() -> dtype:
    """The type of `tensor([1.5])`, `zeros(3)` and the like: float32 unless changed."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Make d, a floating point type, the default; TypeError for other types."""
    global _default
    if not (isinstance(d, dtype) and d.is_floating_point):
        raise TypeError(f"set_default_dtype: only floating-point types are supported as the default type, met {d!r}")
    _default = d


def promote_types(a: dtype, b: dtype) -> dtype:
    """The smallest type that holds both kinds of values, by torch's table.

    >>> promote_types(int64, float16)
    sparkle.float16
    """
    if a is b:
        return a
    if {a, b} == {uint8, int8}:
        return int16
    return a if a.rank > b.rank else b


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """May results of the first type be stored in the second? Not floating point in integers, and only bool in bool.

    >>> can_cast(float64, int64)
    False
    """
    return category(from_) <= category(to)


def kind_of_number(value: Any) -> dtype:
    """The type a Python number has among tensors of its own kind: bool, int64 or the default float."""
    if isinstance(value, builtins.bool):
        return bool
    return int64 if isinstance(value, builtins.int) else _default


def category(d: dtype) -> builtins.int:
    """0 for bool, 1 for integers, 2 for floating point."""
    return 2 if d.is_floating_point else builtins.int(d is not bool)


class finfo:
    """Machine limits of a floating point type: eps, min, max, tiny, smallest_normal, resolution, bits.

    >>> finfo(float32).bits
    32
    """

    def __init__(self, type: dtype | None = None) -> None:
        d = type or _default
        if not d.is_floating_point:
            raise TypeError(f"finfo: wanted a floating point type, met {d!r}; use iinfo")
        info = numpy.finfo(d.numpy)
        self.bits, self.dtype = info.bits, d.name
        self.eps, self.min, self.max = (builtins.float(v) for v in (info.eps, info.min, info.max))
        self.tiny = self.smallest_normal = builtins.float(info.tiny)
        self.resolution = builtins.float(f"1e-{info.precision}")

    def __repr__(self) -> str:
        shown = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{name}={getattr(self, name):g}' for name in shown)}, dtype={self.dtype})"


class iinfo:
    """Machine limits of an integer type: min, max, bits.

    >>> iinfo(uint8).max
    255
    """

    def __init__(self, type: dtype) -> None:
        if type.is_floating_point or type is bool:
            raise TypeError(f"iinfo: wanted an integer type, met {type!r}")
        info = numpy.iinfo(type.numpy)
        self.bits, self.min, self.max, self.dtype = info.bits, builtins.int(info.min), builtins.int(info.max), type.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
