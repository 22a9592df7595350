"""The element types, their promotion, and the default floating point type."""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Callable
from typing import Any

import numpy

# The kinds of NumPy's floating point types: bfloat16, which another package brings, passes for "void" there.
FLOATS = "fV"


class dtype:
    """An element type such as `sparkle.float32`; `numpy` is the NumPy type behind it."""

    __slots__ = ("is_floating_point", "is_signed", "itemsize", "name", "numpy", "rank")

    def __init__(self, name: str, rank: builtins.int) -> None:
        self.name = name
        self.is_floating_point = "float" in name
        self.is_signed = name not in ("bool", "uint8")
        self.itemsize = 1 if name == "bool" else builtins.int(name.lstrip("abfintlou")) // 8
        self.rank = rank
        if not self.is_half:
            self.numpy = numpy.dtype(name)

    is_complex = False

    @property
    def is_half(self) -> builtins.bool:
        """Is it a floating point type of two bytes? Ops compute in float32 for these, and round once."""
        return self.is_floating_point and self.itemsize == 2

    def __getattr__(self, name: str) -> Any:
        """The NumPy type of a half type, when it is first asked for."""
        if name != "numpy":
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        self.numpy = numpy.dtype(_bfloat16_class() if self.name == "bfloat16" else self.name)
        HALVES.add(self.numpy.char)
        BY_NUMPY[self.numpy] = self
        while _waiting:
            _waiting.pop()()
        return self.numpy

    def __repr__(self) -> str:
        return f"sparkle.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)


def _by_name(name: str) -> dtype:
    return BY_NAME[name]


def _bfloat16_class() -> Any:
    """NumPy's bfloat16; ImportError with the install command where there is none."""
    try:
        return importlib.import_module("ml_dtypes").bfloat16
    except ImportError as error:
        raise ImportError(
            "bfloat16 needs ml_dtypes, which is not installed: pip install 'sparkle-engine[bfloat16]'"
        ) from error


HALVES: set[str] = set()  # the characters of the half types that have been used
_waiting: list[Callable[[], Any]] = []


def on_first_half(call: Callable[[], Any]) -> None:
    """Call when a half type is first used: until then nobody need look for one."""
    _waiting.append(call)


# `rank` orders the types for promotion; a float always beats an integer, an integer always beats bool.
bool = dtype("bool", 0)
uint8 = dtype("uint8", 1)
int8 = dtype("int8", 1)
int16 = dtype("int16", 2)
int32 = dtype("int32", 3)
int64 = dtype("int64", 4)
float16 = dtype("float16", 5)
bfloat16 = dtype("bfloat16", 5)
float32 = dtype("float32", 6)
float64 = dtype("float64", 7)
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64

ALL = (bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64)
BY_NAME = {d.name: d for d in ALL}
BY_NUMPY = {d.numpy: d for d in ALL if not d.is_half}  # half types enter when they are used

_default = float32


def of(numpy_dtype: Any) -> dtype:
    """The sparkle type of a NumPy type; TypeError for types that tensors cannot hold."""
    try:
        return BY_NUMPY[numpy_dtype]
    except (KeyError, TypeError):
        if holds(numpy_dtype):
            return BY_NUMPY[numpy_dtype]
        names = ", ".join(BY_NAME)
        raise TypeError(f"a tensor cannot hold elements of type {numpy_dtype}: the types are {names}") from None


def holds(numpy_dtype: Any) -> builtins.bool:
    """Can a tensor hold elements of this NumPy type?"""
    if numpy_dtype in BY_NUMPY:
        return True
    d = BY_NAME.get(getattr(numpy_dtype, "name", ""))
    return d is not None and d.is_half and d.numpy == numpy_dtype


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
    if a.is_half and b.is_half:
        return float32
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
        self.bits, self.dtype = 8 * d.itemsize, d.name
        if d is bfloat16:  # seven bits of fraction, and the exponents of float32
            self.eps, self.max = 2.0**-7, (2 - 2.0**-7) * 2.0**127
            self.min, self.resolution, self.tiny = -self.max, 0.01, 2.0**-126
            self.smallest_normal = self.tiny
            return
        info = numpy.finfo(d.name)
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
