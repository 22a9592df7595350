"""What the handlers need to know about values: numbers, arrays and tensors, met only by what they can do.

Nothing here imports an array library at module level: a value that is an array has brought its library along.
"""

from __future__ import annotations

import cmath
import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def as_number(value: Any) -> int | float | None:
    """Return `value` as a plain real number: numbers, and arrays or tensors with no axes; None for all else.

    >>> as_number(3), as_number("3")
    (3, None)
    """
    if isinstance(value, (int, float)) and type(value).__module__ == "builtins":
        return value
    if getattr(value, "ndim", 0) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (int, float)):
        return value
    return float(value) if isinstance(value, numbers.Real) else None


def is_array(value: Any) -> bool:
    """True for arrays and tensors of any library: they have axes and turn into lists."""
    return hasattr(value, "ndim") and hasattr(value, "tolist")


def to_numpy(tensor: Any) -> Any:
    """Return the values of a tensor or array as a NumPy array, whatever its device and gradient state."""
    for method in ("detach", "cpu", "numpy"):
        if hasattr(tensor, method):
            tensor = getattr(tensor, method)()
    return tensor


def all_finite(value: Any) -> bool:
    """True when no number anywhere in `value` is NaN or infinite; strings have no numbers.

    Looks into mappings, lists and tuples of any depth.

    >>> all_finite({"loss": 0.5, "parts": [1, (2.0, "text")]}), all_finite([1.0, float("nan")])
    (True, False)

    Raises:
        TypeError: something is neither number, string, array, tensor nor a container of these.
    """
    if isinstance(value, float):  # the usual case; asking abstract classes takes longer
        return math.isfinite(value)
    if isinstance(value, (str, bytes, numbers.Rational)):
        return True
    if isinstance(value, numbers.Number):
        return cmath.isfinite(value)  # type: ignore[arg-type]
    if is_array(value):
        return _array_is_finite(value)
    if isinstance(value, Mapping):
        return all(map(all_finite, value.values()))
    if isinstance(value, Sequence):
        return all(map(all_finite, value))
    raise TypeError(
        f"looking for NaN: met {type(value).__name__} {value!r:.80}, wanted a number, a string, an array or tensor, "
        "or a mapping, list or tuple of these"
    )


def _array_is_finite(value: Any) -> bool:
    if hasattr(value, "isfinite"):  # tensors answer on their own device: one bool is read back
        return bool(value.isfinite().all())
    import numpy

    value = numpy.asarray(to_numpy(value))
    return value.dtype.kind not in "fc" or bool(numpy.isfinite(value).all())


def flatten(name: tuple[str, ...], value: Any, text: bool = False) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (name, number) for each number in `value`, entries of containers and vectors named by key or position.

    Strings are yielded when `text`. What cannot be shown (arrays of two and more axes, other objects) is yielded as
    (name, None), for the caller to complain about.

    >>> list(flatten(("loss",), {"a": 1.0, "b": [2, 3]}))
    [(('loss', 'a'), 1.0), (('loss', 'b', '0'), 2), (('loss', 'b', '1'), 3)]
    """
    if isinstance(value, str):
        yield name, value if text else None
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from flatten((*name, str(key)), item, text)
    elif isinstance(value, (list, tuple)) or (is_array(value) and value.ndim == 1):
        for index, item in enumerate(value.tolist() if is_array(value) else value):
            yield from flatten((*name, str(index)), item, text)
    else:
        yield name, as_number(value)
