"""`add` to `pow`, as functions; the operators and methods of Tensor are these."""

from __future__ import annotations

import math
from typing import Any

from ... import dtypes
from ...ops.arithmetic import Add, Div, Mul, Neg, NumberPow, Pow, PowNumber, Sub
from ...ops.shape import Cast
from ..base import TensorBase, apply, dtype_of
from ..operands import binary


def add(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """input + alpha other, elementwise, with broadcasting and type promotion."""
    return binary(Add(), input, other if alpha == 1 else mul(other, alpha))


def sub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """input - alpha other, elementwise, with broadcasting and type promotion."""
    if _is_bool(input) or _is_bool(other):
        raise RuntimeError(
            "sub: subtraction, the `-` operator, with a bool tensor is not supported; use `^` or logical_not() instead"
        )
    return binary(Sub(), input, other if alpha == 1 else mul(other, alpha))


def mul(input: Any, other: Any) -> Any:
    """input * other, elementwise, with broadcasting and type promotion."""
    if not isinstance(input, TensorBase) and not isinstance(other, TensorBase):
        return input * other
    return binary(Mul(), input, other)


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """input / other, elementwise; integers give floats. rounding_mode: None, "trunc" or "floor"."""
    if rounding_mode is not None:
        raise NotImplementedError  # replaced by the pointwise family
    return binary(Div(), _as_float(input), _as_float(other))


def neg(input: Any) -> Any:
    """-input, elementwise."""
    if _is_bool(input):
        raise RuntimeError(
            "neg: negation, the `-` operator, on a bool tensor is not supported; use `~` or logical_not() instead"
        )
    return apply(Neg(), input)


def pow(input: Any, exponent: Any) -> Any:
    """input ** exponent, elementwise; one of them may be a number."""
    if not isinstance(input, TensorBase):
        if isinstance(input, (int, float)) and dtype_of(exponent).is_floating_point:
            return apply(NumberPow(input, math.log(input) if input > 0 else -math.inf if input == 0 else math.nan), exponent)
        return binary(Pow(), input, exponent)
    if isinstance(exponent, (int, float)) and not isinstance(exponent, bool):
        if dtype_of(input).is_floating_point:
            return apply(PowNumber(exponent), input)
        if isinstance(exponent, int) and exponent < 0:
            raise RuntimeError(f"pow: integers to negative integer powers are not allowed, met exponent {exponent}")
    return binary(Pow(), input, exponent)


def _is_bool(x: Any) -> bool:
    return isinstance(x, TensorBase) and x.array.dtype == bool


def _as_float(x: Any) -> Any:
    """Integers as floats of the default type, for true division."""
    if isinstance(x, TensorBase) and x.array.dtype.kind != "f":
        return apply(Cast(dtypes.get_default_dtype().numpy), x)
    return x
