"""Functions of single elements."""

from __future__ import annotations

import math
from typing import Any

from ....dtypes import FLOATS, finfo
from ....ops.nn.activation import Hardshrink, Prelu
from ....ops.pointwise import elementwise, trigonometry
from ....ops.pointwise.elementwise import Frac, Logit, NanToNum, Relu, Round, Sign
from ....ops.pointwise.selection import Clamp
from ....ops.shaping.shape import Clone
from ...autocast import lowered
from ...base import apply, dtype_of
from ...operands import fitting, in_common_type, plain
from ...out import into
from ...quick import single
from ...write import in_place, overwrite
from ..shaping.shape import to_shape
from .arithmetic import add, mul
from .unary import check_tensor, not_for, of_floats, of_fractions, of_numbers, to_float

exp = of_floats(elementwise.Exp)
exp2 = of_floats(elementwise.Exp2)
expm1 = of_floats(elementwise.Expm1)
log = of_floats(elementwise.Log)
log2 = of_floats(elementwise.Log2)
log10 = of_floats(elementwise.Log10)
log1p = of_floats(elementwise.Log1p)
sqrt = of_floats(elementwise.Sqrt)
rsqrt = of_floats(elementwise.Rsqrt)
reciprocal = of_floats(elementwise.Reciprocal)
sigmoid = of_floats(elementwise.Sigmoid)

sin = of_floats(trigonometry.Sin)
cos = of_floats(trigonometry.Cos)
tan = of_floats(trigonometry.Tan)
asin = arcsin = of_floats(trigonometry.Asin)
acos = arccos = of_floats(trigonometry.Acos)
atan = arctan = of_floats(trigonometry.Atan)
sinh = of_floats(trigonometry.Sinh)
cosh = of_floats(trigonometry.Cosh)
tanh = of_floats(trigonometry.Tanh)
asinh = arcsinh = of_floats(trigonometry.Asinh)
acosh = arccosh = of_floats(trigonometry.Acosh)
atanh = arctanh = of_floats(trigonometry.Atanh)
sinc = of_floats(trigonometry.Sinc)

abs = absolute = of_numbers(elementwise.Abs)
floor = of_fractions(elementwise.Floor)
ceil = of_fractions(elementwise.Ceil)
trunc = fix = of_fractions(elementwise.Trunc)


def round(input: Any, *, decimals: int = 0, out: Any = None) -> Any:
    """The nearest integers, halves to the even one; with decimals the nearest multiples of 10 ** -decimals.

    >>> import sparkle
    >>> sparkle.round(sparkle.tensor([0.5, 1.5, 2.5])).tolist()
    [0.0, 2.0, 2.0]
    """
    if out is not None:
        return into(out, round, input, decimals=decimals)
    check_tensor(input, "round")
    if input.array.dtype.kind == "b" or (input.array.dtype.kind not in FLOATS and decimals):
        raise not_for("round", input)
    return apply(Round(decimals) if input.array.dtype.kind in FLOATS else Clone(), input)


def frac(input: Any, *, out: Any = None) -> Any:
    """The part after the point, with the input's sign; floating point only."""
    if out is not None:
        return into(out, frac, input)
    check_tensor(input, "frac")
    if input.array.dtype.kind not in FLOATS:
        raise not_for("frac", input)
    return apply(Frac(), input)


def sign(input: Any, *, out: Any = None) -> Any:
    """-1, 0 or 1, elementwise; nan gives 0."""
    if out is not None:
        return into(out, sign, input)
    check_tensor(input, "sign")
    return apply(Clone() if input.array.dtype.kind == "b" else Sign(), input)


sgn = sign


def square(input: Any, *, out: Any = None) -> Any:
    """The square of each element; bool is squared as int64."""
    if out is not None:
        return into(out, square, input)
    check_tensor(input, "square")
    return single(elementwise.Square(), input.long() if input.array.dtype.kind == "b" else input)


def positive(input: Any) -> Any:
    """The tensor itself; RuntimeError for bool."""
    check_tensor(input, "positive")
    if input.array.dtype.kind == "b":
        raise RuntimeError("positive: the `+` operator, on a bool tensor is not supported")
    return input


def relu(input: Any) -> Any:
    """max(input, 0), elementwise; nan stays nan. RuntimeError for bool."""
    check_tensor(input, "relu")
    kind = input.array.dtype.kind
    if kind in FLOATS:
        return single(Relu(), input)
    if kind == "b":
        raise RuntimeError("relu: Boolean inputs not supported for relu")
    return single(Clamp(0, None), input)


def relu_(input: Any) -> Any:
    """max(input, 0) in the memory of the input, which backward reads: it may not be written again before that."""
    if input.array.dtype.char in "fd":
        op = Relu()
        op.here = True
        return overwrite(input, op, name="relu_")
    return in_place(relu)(input)


def logit(input: Any, eps: float | None = None, *, out: Any = None) -> Any:
    """log(x / (1 - x)), elementwise; with eps, x is first clamped to eps..1 - eps."""
    if out is not None:
        return into(out, logit, input, eps)
    check_tensor(input, "logit")
    return apply(Logit(plain(eps)), to_float(input))


def nan_to_num(
    input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None, *, out: Any = None
) -> Any:
    """The tensor with nan replaced by a number (0), and the infinities by others (the type's largest and smallest)."""
    if out is not None:
        return into(out, nan_to_num, input, nan, posinf, neginf)
    check_tensor(input, "nan_to_num")
    if input.array.dtype.kind not in FLOATS:
        return apply(Clone(), input)
    d = dtype_of(input)
    if d.is_half:  # the op computes in float32, whose limits are others
        posinf, neginf = finfo(d).max if posinf is None else posinf, finfo(d).min if neginf is None else neginf
    return apply(NanToNum(0.0 if nan is None else nan, posinf, neginf), input)


def deg2rad(input: Any, *, out: Any = None) -> Any:
    """Degrees as radians."""
    if out is not None:
        return into(out, deg2rad, input)
    check_tensor(input, "deg2rad")
    return mul(to_float(input), math.pi / 180)


def rad2deg(input: Any, *, out: Any = None) -> Any:
    """Radians as degrees."""
    if out is not None:
        return into(out, rad2deg, input)
    check_tensor(input, "rad2deg")
    return mul(to_float(input), 180 / math.pi)


def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1, out: Any = None) -> Any:
    """input + value tensor1 tensor2, elementwise, with broadcasting."""
    if out is not None:
        return into(out, addcmul, input, tensor1, tensor2, value=value)
    a, b, c = _three("addcmul", input, tensor1, tensor2)
    if a.array.dtype.kind == "b":
        raise not_for("addcmul", a)
    product = mul(b, c)
    return add(a, product if value == 1 else mul(product, fitting(value, dtype_of(a), "addcmul")))


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1, out: Any = None) -> Any:
    """input + value tensor1 / tensor2, elementwise, with broadcasting; RuntimeError for integers by integers."""
    if out is not None:
        return into(out, addcdiv, input, tensor1, tensor2, value=value)
    a, b, c = _three("addcdiv", input, tensor1, tensor2)
    if tensor1.array.dtype.kind not in FLOATS and tensor2.array.dtype.kind not in FLOATS:
        raise RuntimeError("addcdiv: integer division is not supported; use (input + value * trunc(tensor1 / tensor2))")
    return add(a, (b if value == 1 else mul(b, fitting(value, dtype_of(a), "addcdiv"))) / c)


def _three(where: str, input: Any, tensor1: Any, tensor2: Any) -> list[Any]:
    """Three tensors in their common type."""
    for what, x in (("input", input), ("tensor1", tensor1), ("tensor2", tensor2)):
        check_tensor(x, where, what)
    return in_common_type(input, tensor1, tensor2)


def hardshrink(input: Any, lambd: float = 0.5, *, out: Any = None) -> Any:
    """input, and 0 where |input| <= lambd; floating point only."""
    if out is not None:
        return into(out, hardshrink, input, lambd)
    check_tensor(input, "hardshrink")
    if input.array.dtype.kind not in FLOATS:
        raise not_for("hardshrink", input)
    return apply(Hardshrink(float(lambd)), input)


@lowered
def prelu(input: Any, weight: Any) -> Any:
    """input where it is positive, else weight * input; weight: one element, or one for each channel (dim 1).

    RuntimeError where the number of weights fits neither, or the types differ.
    """
    check_tensor(input, "prelu")
    check_tensor(weight, "prelu", "weight")
    x, w = input.array, weight.array
    if x.dtype != w.dtype:
        raise RuntimeError(f"prelu: type promoting not supported, met {dtype_of(input)} and {dtype_of(weight)}")
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.ndim > 1 or w.size not in (1, channels):
        raise RuntimeError(
            f"prelu: mismatch of parameter numbers and input channels: found {w.size} parameters and channel "
            f"size = {channels}: input is {x.shape}, weight is {w.shape}"
        )
    return apply(Prelu(), input, to_shape(weight, (-1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else (1,) * x.ndim))
