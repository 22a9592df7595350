"""Functions that choose elements: `where`, limits, the larger or smaller of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .... import backend
from ....autograd.op import Op
from ....dtypes import FLOATS
from ....ops.pointwise.selection import Clamp, ClampMax, ClampMin, Fmax, Fmin, Maximum, Minimum, Where
from ...base import TensorBase, apply, dtype_of, wrap
from ...operands import binary, fitting, plain, promoted, result_type
from ...out import into
from .unary import check_tensor


def where(condition: Any, input: Any = None, other: Any = None, *, out: Any = None) -> Any:
    """input where the condition holds, other elsewhere, with broadcasting; either may be a number.

    With the condition alone: the indices where it holds, one tensor for each dim.

    >>> import sparkle
    >>> x = sparkle.tensor([-1.0, 2.0])
    >>> sparkle.where(x > 0, x, 0.0).tolist()
    [0.0, 2.0]
    """
    if out is not None:
        return into(out, where, condition, input, other)
    check_tensor(condition, "where", "condition")
    array = condition.array
    if input is None and other is None:
        places = array.reshape(-1).nonzero() if array.ndim == 0 else array.nonzero()
        return tuple(wrap(i) for i in places)
    if array.dtype.kind != "b":
        if array.dtype != "uint8":
            raise RuntimeError(
                f"where: expected condition to be a boolean tensor, but got a tensor with dtype {dtype_of(condition)}"
            )
        condition = wrap(array != 0)
    if isinstance(input, TensorBase) and isinstance(other, TensorBase) and input.array.dtype is other.array.dtype:
        return apply(Where(), condition, input, other)
    common = result_type(plain(input), plain(other))
    xp = backend.library(array)

    def tensor(given: Any, x: Any) -> Any:
        if isinstance(x, TensorBase):
            return x
        held = x if common.is_floating_point else fitting(given, common, "where")
        return wrap(xp.asarray(held, dtype=common.numpy))

    a, b = promoted(input, other)
    return apply(Where(), condition, tensor(input, a), tensor(other, b))


def where_method(self: Any, condition: Any, other: Any) -> Any:
    """This tensor where the condition holds, other elsewhere."""
    return where(condition, self, other)


def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Each element held between min and max, which are numbers or tensors, or None for no limit; nan stays nan.

    Elements at a limit keep their gradient. RuntimeError where both limits are None.
    """
    if out is not None:
        return into(out, clamp, input, min, max)
    check_tensor(input, "clamp")
    if min is None and max is None:
        raise RuntimeError("clamp: at least one of 'min' or 'max' must not be None")
    if isinstance(min, TensorBase) or isinstance(max, TensorBase):
        input = input if min is None else binary(ClampMin(), input, min)
        return input if max is None else binary(ClampMax(), input, max)
    min, max = plain(min), plain(max)
    if input.array.dtype.kind not in FLOATS:
        input = input.to(result_type(input, *(x for x in (min, max) if x is not None)))
    to = dtype_of(input)
    low, high = (None if x is None else fitting(x, to, "clamp") for x in (min, max))
    if low is not None and low != low:
        high = low
    return apply(Clamp(low, high), input)


clip = clamp


def clamp_min(input: Any, min: Any, *, out: Any = None) -> Any:
    """Each element, but not below min (a number or tensor)."""
    if out is not None:
        return into(out, clamp_min, input, min)
    return clamp(input, min, None)


def clamp_max(input: Any, max: Any, *, out: Any = None) -> Any:
    """Each element, but not above max (a number or tensor)."""
    if out is not None:
        return into(out, clamp_max, input, max)
    return clamp(input, None, max)


def _of_two(op: type[Op]) -> Callable[[Any, Any], Any]:
    """The function of two tensors that runs op after promotion."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if out is not None:
            return into(out, function, input, other)
        check_tensor(input, function.__name__)
        check_tensor(other, function.__name__, "other")
        return binary(op(), input, other)

    function.__name__ = function.__qualname__ = op.__name__.lower()
    function.__doc__ = op.__doc__
    return function


maximum = _of_two(Maximum)
minimum = _of_two(Minimum)
fmax = _of_two(Fmax)
fmin = _of_two(Fmin)


def heaviside(input: Any, values: Any, *, out: Any = None) -> Any:
    """0 below zero, 1 above, and values at zero; RuntimeError where the types differ."""
    if out is not None:
        return into(out, heaviside, input, values)
    check_tensor(input, "heaviside")
    check_tensor(values, "heaviside", "values")
    if input.array.dtype != values.array.dtype:
        raise RuntimeError(
            f"heaviside: not implemented for tensors with different dtypes, {dtype_of(input)} and {dtype_of(values)}"
        )
    steps = wrap((input.array > 0).astype(input.array.dtype))
    return where(wrap(input.array == 0), values.detach(), steps)
