"""`add` to `pow`, as functions; the operators and methods of Tensor are these."""

from __future__ import annotations

import math
from typing import Any

import numpy

from .... import dtypes
from ....dtypes import FLOATS
from ....ops.pointwise.arithmetic import (
    Add,
    Div,
    FloorDiv,
    Fmod,
    Lerp,
    LogAddExp,
    LogAddExp2,
    Mul,
    Neg,
    NumberPow,
    Pow,
    PowNumber,
    Remainder,
    Sub,
    TruncDiv,
    Xlogy,
    no_bool,
)
from ....ops.pointwise.selection import Copysign
from ....ops.pointwise.trigonometry import Atan2, Hypot
from ....ops.shaping.shape import Cast
from ...base import TensorBase, apply, dtype_of, wrap
from ...operands import binary, fitting, in_common_type, plain, promoted, result_type
from ...out import into
from .unary import check_tensor, not_for, to_float


def add(input: Any, other: Any, *, alpha: float = 1, out: Any = None) -> Any:
    """input + alpha other, elementwise, with broadcasting and type promotion."""
    if out is not None:
        return into(out, add, input, other, alpha=alpha)
    if alpha is not ONE:
        input, other = _weighed("add", input, other, alpha)
    return binary(Add(), input, other)


ONE = 1  # the default of alpha


def _weighed(where: str, input: Any, other: Any, alpha: Any) -> tuple[Any, Any]:
    """Both operands in their common type, the second times alpha, which must be of no higher kind than that type."""
    common = result_type(input, other)
    alpha = plain(alpha)
    if isinstance(alpha, bool) and common is not dtypes.bool:
        raise RuntimeError(f"{where}: Boolean alpha only supported for Boolean results, met alpha={alpha}")
    if isinstance(alpha, float) and not common.is_floating_point:
        raise RuntimeError(
            f"{where}: for integral input tensors, argument alpha must not be a floating point number, met {alpha}"
        )
    a, b = promoted(input, other)
    weighed = mul(b, fitting(alpha, common, where))
    return a, weighed if isinstance(weighed, TensorBase) or common is not dtypes.bool else bool(weighed)


def sub(input: Any, other: Any, *, alpha: float = 1, out: Any = None) -> Any:
    """input - alpha other, elementwise, with broadcasting and type promotion."""
    if out is not None:
        return into(out, sub, input, other, alpha=alpha)
    if alpha is not ONE:
        _refuse_bool(input, other)
        input, other = _weighed("sub", input, other, alpha)
    return binary(Sub(), input, other, _refuse_bool)


def _refuse_bool(a: Any, b: Any) -> None:
    """RuntimeError for bool on one side of a subtraction; the op itself says so where it is on both."""
    if _is_bool(a) or _is_bool(b):
        raise no_bool()


def mul(input: Any, other: Any, *, out: Any = None) -> Any:
    """input * other, elementwise, with broadcasting and type promotion."""
    if out is not None:
        return into(out, mul, input, other)
    if not isinstance(input, TensorBase) and not isinstance(other, TensorBase):
        return input * other
    return binary(Mul(), input, other)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """input / other, elementwise; integers give floats. rounding_mode: None, "trunc" or "floor"."""
    if out is not None:
        return into(out, div, input, other, rounding_mode=rounding_mode)
    if rounding_mode is None:
        if not (_is_float(input) or _is_float(other)):
            input, other = _as_float(input), _as_float(other)
        return binary(Div(), input, other)
    if rounding_mode not in ("trunc", "floor"):
        raise RuntimeError(
            f"div: expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return _whole(FloorDiv() if rounding_mode == "floor" else TruncDiv(), input, other, "div_" + rounding_mode)


def floor_divide(input: Any, other: Any, *, out: Any = None) -> Any:
    """input / other rounded down, elementwise; RuntimeError for integers divided by zero."""
    if out is not None:
        return into(out, floor_divide, input, other)
    return _whole(FloorDiv(), input, other, "floor_divide")


def remainder(input: Any, other: Any, *, out: Any = None) -> Any:
    """What is left of input after whole multiples of other, with the sign of other: Python's `%`."""
    if out is not None:
        return into(out, remainder, input, other)
    return _whole(Remainder(), input, other, "remainder")


def fmod(input: Any, other: Any, *, out: Any = None) -> Any:
    """What is left of input after whole multiples of other, with the sign of input: C's `fmod`."""
    if out is not None:
        return into(out, fmod, input, other)
    check_tensor(input, "fmod")
    return _whole(Fmod(), input, other, "fmod")


def _whole(op: Any, input: Any, other: Any, where: str) -> Any:
    """Run an op of division with remainder; integers must not be divided by zero."""
    a, b = promoted(input, other)
    kind = (a if isinstance(a, TensorBase) else b).array.dtype.kind
    if kind == "b":
        raise NotImplementedError(f'{where}: "{where}" not implemented for sparkle.bool')
    if kind not in FLOATS and _has_zero(b) and not (isinstance(a, TensorBase) and a.array.size == 0):
        raise RuntimeError(f"{where}: ZeroDivisionError: an integer was divided by zero")
    return apply(op, a, b)


def _has_zero(x: Any) -> bool:
    return not (x.array.all() if isinstance(x, TensorBase) else x)


def true_divide(input: Any, other: Any, *, out: Any = None) -> Any:
    """input / other, elementwise; integers give floats."""
    if out is not None:
        return into(out, true_divide, input, other)
    return div(input, other)


def rsub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """other - alpha input, elementwise."""
    check_tensor(input, "rsub")
    return sub(other, input, alpha=alpha)


def neg(input: Any, *, out: Any = None) -> Any:
    """-input, elementwise; RuntimeError for bool."""
    if out is not None:
        return into(out, neg, input)
    return apply(Neg(), input)


def pow(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """input ** exponent, elementwise; one of them may be a number. RuntimeError for integers to negative powers."""
    if out is not None:
        return into(out, pow, input, exponent)
    input, exponent = plain(input), plain(exponent)
    if not isinstance(input, TensorBase):
        if isinstance(input, (int, float)) and dtype_of(exponent).is_floating_point:
            slope = math.log(input) if input > 0 else 0.0 if input == 0 else math.nan
            return apply(NumberPow(input, slope), exponent)
        return binary(Pow(), input, exponent)
    if isinstance(exponent, (int, float)) and not isinstance(exponent, bool):
        if dtype_of(input).is_floating_point:
            return apply(PowNumber(exponent), input)
        if isinstance(exponent, int) and exponent < 0:
            raise RuntimeError(f"pow: integers to negative integer powers are not allowed, met exponent {exponent}")
        if isinstance(exponent, int):
            exponent = fitting(exponent, result_type(input, exponent), "pow")
    if _is_bool(input) and (_is_bool(exponent) or isinstance(exponent, bool)):  # 1 but for False ** True
        return _masks_to_power(input, exponent)
    return binary(Pow(), input, exponent)


def _masks_to_power(input: Any, exponent: Any) -> Any:
    a, b = promoted(input, exponent)
    return wrap(a.array | (~b.array if isinstance(b, TensorBase) else not b))


def float_power(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """input ** exponent in float64."""
    if out is not None:
        return into(out, float_power, input, exponent)
    double = dtypes.float64.numpy
    base, power = (apply(Cast(double), x) if isinstance(x, TensorBase) else x for x in (input, exponent))
    return pow(base, power)


def lerp(input: Any, end: Any, weight: Any, *, out: Any = None) -> Any:
    """input + weight (end - input), elementwise; weight is a number or a tensor. RuntimeError where types differ."""
    if out is not None:
        return into(out, lerp, input, end, weight)
    check_tensor(input, "lerp")
    check_tensor(end, "lerp", "end")
    for what, x in (("end", end), ("weight", weight)):
        if isinstance(x, TensorBase) and x.array.dtype != input.array.dtype:
            raise RuntimeError(f"lerp: expected dtype {dtype_of(input)} for `{what}` but got dtype {dtype_of(x)}")
    if input.array.dtype.kind not in FLOATS:
        raise NotImplementedError(f'lerp: "lerp" not implemented for {dtype_of(input)}')
    return apply(Lerp(), plain(weight), input, end)


def logaddexp(input: Any, other: Any, *, out: Any = None) -> Any:
    """log(exp(input) + exp(other)), elementwise, without overflow."""
    if out is not None:
        return into(out, logaddexp, input, other)
    return _of_floats(LogAddExp(), input, other)


def logaddexp2(input: Any, other: Any, *, out: Any = None) -> Any:
    """log2(2 ** input + 2 ** other), elementwise, without overflow."""
    if out is not None:
        return into(out, logaddexp2, input, other)
    return _of_floats(LogAddExp2(), input, other)


def hypot(input: Any, other: Any, *, out: Any = None) -> Any:
    """The length of the hypotenuse over two legs, elementwise, without overflow."""
    if out is not None:
        return into(out, hypot, input, other)
    return _of_floats(Hypot(), input, other)


def _of_floats(op: Any, input: Any, other: Any) -> Any:
    """Run an op of two tensors that is defined for floating point only."""
    name = op.label()
    check_tensor(input, name)
    check_tensor(other, name, "other")
    a, b = promoted(input, other)
    if a.array.dtype.kind not in FLOATS:
        raise not_for(name, a)
    return apply(op, a, b)


def atan2(input: Any, other: Any, *, out: Any = None) -> Any:
    """The angle of the point (other, input), in -pi..pi, elementwise."""
    if out is not None:
        return into(out, atan2, input, other)
    check_tensor(input, "atan2")
    check_tensor(other, "atan2", "other")
    return apply(Atan2(), *in_common_type(input, other, fractions=True))


arctan2 = atan2


def copysign(input: Any, other: Any, *, out: Any = None) -> Any:
    """The magnitude of input with the sign of other, a tensor or number."""
    if out is not None:
        return into(out, copysign, input, other)
    check_tensor(input, "copysign")
    return apply(Copysign(), *in_common_type(input, other, fractions=True))


def xlogy(input: Any, other: Any, *, out: Any = None) -> Any:
    """input log(other), elementwise, and 0 where input is 0 (but nan where other is nan); one may be a number."""
    if out is not None:
        return into(out, xlogy, input, other)
    a, b = in_common_type(input, other, fractions=True)
    kind = (a if isinstance(a, TensorBase) else b).array.dtype
    return apply(Xlogy(), _zero_d(a, kind), _zero_d(b, kind))


def _zero_d(x: Any, kind: Any) -> Any:
    return x if isinstance(x, TensorBase) else wrap(numpy.asarray(x, dtype=kind))


def ldexp(input: Any, other: Any, *, out: Any = None) -> Any:
    """input * 2 ** other, elementwise."""
    if out is not None:
        return into(out, ldexp, input, other)
    check_tensor(input, "ldexp")
    check_tensor(other, "ldexp", "other")
    a, b = in_common_type(input, other, fractions=True)
    return mul(a, pow(2.0, b))


def _is_bool(x: Any) -> bool:
    return x.array.dtype.kind == "b" if isinstance(x, TensorBase) else isinstance(x, bool)


def _is_float(x: Any) -> bool:
    return isinstance(x, TensorBase) and x.array.dtype.kind in FLOATS


def _as_float(x: Any) -> Any:
    """Integers as floats, for true division."""
    if isinstance(x, TensorBase):
        return to_float(x)
    return float(x) if isinstance(x, int) else x


multiply, subtract, divide, negative = mul, sub, div, neg
