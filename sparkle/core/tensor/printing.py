"""How a tensor prints."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from .. import backend, devices, dtypes
from ..dtypes import FLOATS


class _Options:
    """What set_printoptions sets."""

    precision = 4
    threshold: float = 1000
    edgeitems = 3
    linewidth = 80
    sci_mode: bool | None = None


_options = _Options()
_PROFILES: dict[str, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors print from now on.

    precision: digits after the point. threshold: tensors with more elements are summarised, with `edgeitems` at both
    ends of each dim. linewidth: characters a line. profile: "default", "short" or "full", before the others apply.
    sci_mode: True for 1.0000e+00, False for 1.0000, None (also when left out) for what the numbers ask for.
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"set_printoptions: profile must be one of {', '.join(_PROFILES)}, met {profile!r}")
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen = _PROFILES.get(profile or "", {}) | {name: value for name, value in given.items() if value is not None}
    for name, value in chosen.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The options as arguments for set_printoptions."""
    names = ("precision", "threshold", "edgeitems", "linewidth", "sci_mode")
    return {name: getattr(_options, name) for name in names}


def describe(x: Any, prefix: str = "tensor(") -> str:
    """The text of repr(x)."""
    array = backend.to_numpy(x.array)
    body = prefix + ("[]" if array.size == 0 else _body(array, len(prefix)))
    return _with_suffixes(body, _suffixes(x), len(prefix))


def _suffixes(x: Any) -> list[str]:
    """What stands after the numbers: device, size, dtype, history."""
    array, dtype = x.array, dtypes.of(x.array.dtype)
    found = []
    place = devices.of(array)
    if place.type != "cpu":
        found.append(f"device='{place}'")
    if array.ndim != 1 if array.size == 0 else not _options.edgeitems:
        found.append(f"size={tuple(array.shape)}")
    shown_by_numbers = array.size > 0 and dtype in (dtypes.int64, dtypes.bool)
    if dtype is not dtypes.get_default_dtype() and not shown_by_numbers:
        found.append(f"dtype={dtype}")
    if x.grad_fn is not None:
        found.append(f"grad_fn=<{x.grad_fn.name()}>")
    elif x.requires_grad:
        found.append("requires_grad=True")
    return found


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    """The suffixes after the text, on a new line where the line is full."""
    length = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if length + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            length = indent + len(suffix)
        else:
            text += ", " + suffix
            length += len(suffix) + 2
    return text + ")"


def _body(array: numpy.ndarray, indent: int) -> str:
    summarize = array.size > _options.threshold
    shown = _edges(array) if summarize else array
    write = _float_writer(shown) if array.dtype.kind in FLOATS else str
    width = max((len(write(value)) for value in _widest(shown)), default=1)
    return _nested(array, indent, summarize, lambda value: write(value).rjust(width), width)


def _edges(array: numpy.ndarray) -> numpy.ndarray:
    """The elements that a summary shows."""
    n = _options.edgeitems
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * n:
            array = array.take([*range(n), *range(array.shape[axis] - n, array.shape[axis])], axis)
    return array


def _widest(array: numpy.ndarray) -> list[Any]:
    """The elements that decide the width: all, but of floating point numbers only the finite ones other than zero."""
    if array.dtype.kind not in FLOATS:
        return list(array.reshape(-1).tolist())
    return list(array[numpy.isfinite(array) & (array != 0)].tolist())


def _float_writer(array: numpy.ndarray) -> Callable[[float], str]:
    """Whole numbers as `3.`, others with `precision` digits, in scientific notation where the range is wide."""
    values = array[numpy.isfinite(array) & (array != 0)].astype(numpy.float64)
    sizes = numpy.abs(values)
    whole = bool((values == numpy.ceil(values)).all())
    scientific = _options.sci_mode
    if not values.size:
        scientific = False
    elif scientific is None:
        high, low = sizes.max(), sizes.min()
        with numpy.errstate(over="ignore"):
            scientific = bool(high / low > 1000 or high > 1e8 or low < 1e-4)
    if scientific:
        return f"{{:.{_options.precision}e}}".format
    if whole:
        return lambda value: f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
    return f"{{:.{_options.precision}f}}".format


def _nested(array: numpy.ndarray, indent: int, summarize: bool, write: Callable[[Any], str], width: int) -> str:
    """The numbers in nested brackets; indent is the column of the opening one."""
    if array.ndim == 0:
        return write(array.item())
    n = _options.edgeitems
    cut = summarize and len(array) > 2 * n
    if array.ndim == 1:
        return _vector(array, indent, summarize, cut, write, width)
    rows: Iterator[Any] = itertools.chain(array[:n], array[len(array) - n :]) if cut else iter(array)
    parts = [_nested(row, indent + 1, summarize, write, width) for row in rows]
    if cut:
        parts.insert(n, "...")
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _vector(
    array: numpy.ndarray, indent: int, summarize: bool, cut: bool, write: Callable[[Any], str], width: int
) -> str:
    n = _options.edgeitems
    if summarize and not n:
        items = ["..."]
    elif cut:
        items = [*map(write, array[:n].tolist()), " ...", *map(write, array[-n:].tolist())]
    else:
        items = [*map(write, array.tolist())]
    per_line = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
