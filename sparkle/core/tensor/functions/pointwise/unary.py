"""Functions of one tensor, made from ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .... import dtypes
from ....autograd.op import Op
from ....dtypes import FLOATS
from ....ops.shaping.shape import Cast, Clone
from ...base import TensorBase, apply, dtype_of
from ...out import into
from ...quick import single


def of_floats(op: type[Op], name: str = "") -> Callable[[Any], Any]:
    """The function that runs op on a tensor; integers and bool become floats of the default type first."""

    def function(input: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input)
        try:
            kind = input.array.dtype.kind
        except AttributeError:
            raise not_a_tensor(function.__name__, "input", input) from None
        return single(op(), input if kind in FLOATS else to_float(input))

    return _named(function, op, name)


def of_numbers(op: type[Op], name: str = "") -> Callable[[Any], Any]:
    """The function that runs op on floats and integers; NotImplementedError for bool."""

    def function(input: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input)
        try:
            kind = input.array.dtype.kind
        except AttributeError:
            raise not_a_tensor(function.__name__, "input", input) from None
        if kind == "b":
            raise not_for(function.__name__, input)
        return apply(op(), input)

    return _named(function, op, name)


def of_fractions(op: type[Op], name: str = "") -> Callable[[Any], Any]:
    """The function that runs op on floats and copies integers, which have no fraction; it refuses bool."""

    def function(input: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input)
        try:
            kind = input.array.dtype.kind
        except AttributeError:
            raise not_a_tensor(function.__name__, "input", input) from None
        if kind == "b":
            raise not_for(function.__name__, input)
        return apply(op() if kind in FLOATS else Clone(), input)

    return _named(function, op, name)


def _named(function: Callable[[Any], Any], op: type[Op], name: str) -> Callable[[Any], Any]:
    function.__name__ = function.__qualname__ = name or op.__name__.lower()
    function.__doc__ = f"{op.__doc__}, elementwise."
    return function


def to_float(x: Any) -> Any:
    """The tensor in the default floating point type, where it is not of floating point already."""
    return x if x.array.dtype.kind in FLOATS else apply(Cast(dtypes.get_default_dtype().numpy), x)


def check_tensor(x: Any, where: str, what: str = "input") -> None:
    """TypeError unless x is a tensor."""
    if not isinstance(x, TensorBase):
        raise not_a_tensor(where, what, x)


def not_a_tensor(where: str, what: str, x: Any) -> TypeError:
    """The error for an argument that should have been a tensor."""
    return TypeError(f"{where}(): argument '{what}' must be Tensor, not {type(x).__name__}")


def not_for(where: str, x: Any) -> NotImplementedError:
    """The error for a tensor of a type that the function is not defined for."""
    return NotImplementedError(f'{where}: "{where}" not implemented for {dtype_of(x)}')
