"""Elementwise methods."""

from __future__ import annotations

from typing import Any

from ..functions.pointwise import arithmetic, selection
from ..functions.pointwise import elementwise as pointwise
from ..write import in_place

_float_power = in_place(arithmetic.float_power)


class PointwiseMethods:
    """Elementwise methods."""

    add = arithmetic.add
    sub = subtract = arithmetic.sub
    mul = multiply = arithmetic.mul
    div = divide = arithmetic.div
    true_divide = arithmetic.true_divide
    floor_divide = arithmetic.floor_divide
    remainder = arithmetic.remainder
    fmod = arithmetic.fmod
    neg = negative = arithmetic.neg
    pow = arithmetic.pow
    float_power = arithmetic.float_power
    lerp = arithmetic.lerp
    addcmul = pointwise.addcmul
    addcdiv = pointwise.addcdiv
    logaddexp = arithmetic.logaddexp
    logaddexp2 = arithmetic.logaddexp2
    hypot = arithmetic.hypot
    atan2 = arctan2 = arithmetic.atan2
    copysign = arithmetic.copysign
    xlogy = arithmetic.xlogy
    ldexp = arithmetic.ldexp

    add_ = __iadd__ = in_place(arithmetic.add)
    sub_ = subtract_ = __isub__ = in_place(arithmetic.sub)
    mul_ = multiply_ = __imul__ = in_place(arithmetic.mul)
    div_ = divide_ = __itruediv__ = in_place(arithmetic.div)
    true_divide_ = in_place(arithmetic.true_divide)
    floor_divide_ = in_place(arithmetic.floor_divide)
    remainder_ = in_place(arithmetic.remainder)
    fmod_ = in_place(arithmetic.fmod)
    pow_ = __ipow__ = in_place(arithmetic.pow)
    neg_ = negative_ = in_place(arithmetic.neg)
    lerp_ = in_place(arithmetic.lerp)
    addcmul_ = in_place(pointwise.addcmul)
    addcdiv_ = in_place(pointwise.addcdiv)
    hypot_ = in_place(arithmetic.hypot)
    atan2_ = arctan2_ = in_place(arithmetic.atan2)
    copysign_ = in_place(arithmetic.copysign)
    xlogy_ = in_place(arithmetic.xlogy)
    ldexp_ = in_place(arithmetic.ldexp)

    hardshrink = pointwise.hardshrink
    prelu = pointwise.prelu

    exp = pointwise.exp
    exp2 = pointwise.exp2
    expm1 = pointwise.expm1
    log = pointwise.log
    log2 = pointwise.log2
    log10 = pointwise.log10
    log1p = pointwise.log1p
    sqrt = pointwise.sqrt
    rsqrt = pointwise.rsqrt
    reciprocal = pointwise.reciprocal
    square = pointwise.square
    sigmoid = pointwise.sigmoid
    relu = pointwise.relu
    exp_ = in_place(pointwise.exp)
    exp2_ = in_place(pointwise.exp2)
    expm1_ = in_place(pointwise.expm1)
    log_ = in_place(pointwise.log)
    log2_ = in_place(pointwise.log2)
    log10_ = in_place(pointwise.log10)
    log1p_ = in_place(pointwise.log1p)
    sqrt_ = in_place(pointwise.sqrt)
    rsqrt_ = in_place(pointwise.rsqrt)
    reciprocal_ = in_place(pointwise.reciprocal)
    square_ = in_place(pointwise.square)
    sigmoid_ = in_place(pointwise.sigmoid)
    relu_ = pointwise.relu_

    sin = pointwise.sin
    cos = pointwise.cos
    tan = pointwise.tan
    asin = arcsin = pointwise.asin
    acos = arccos = pointwise.acos
    atan = arctan = pointwise.atan
    sinh = pointwise.sinh
    cosh = pointwise.cosh
    tanh = pointwise.tanh
    asinh = arcsinh = pointwise.asinh
    acosh = arccosh = pointwise.acosh
    atanh = arctanh = pointwise.atanh
    sinc = pointwise.sinc
    sin_ = in_place(pointwise.sin)
    cos_ = in_place(pointwise.cos)
    tan_ = in_place(pointwise.tan)
    asin_ = arcsin_ = in_place(pointwise.asin)
    acos_ = arccos_ = in_place(pointwise.acos)
    atan_ = arctan_ = in_place(pointwise.atan)
    sinh_ = in_place(pointwise.sinh)
    cosh_ = in_place(pointwise.cosh)
    tanh_ = in_place(pointwise.tanh)
    asinh_ = arcsinh_ = in_place(pointwise.asinh)
    acosh_ = arccosh_ = in_place(pointwise.acosh)
    atanh_ = arctanh_ = in_place(pointwise.atanh)
    sinc_ = in_place(pointwise.sinc)

    abs = absolute = pointwise.abs
    sign = pointwise.sign
    sgn = pointwise.sgn
    floor = pointwise.floor
    ceil = pointwise.ceil
    trunc = fix = pointwise.trunc
    round = pointwise.round
    frac = pointwise.frac
    logit = pointwise.logit
    nan_to_num = pointwise.nan_to_num
    deg2rad = pointwise.deg2rad
    rad2deg = pointwise.rad2deg
    abs_ = absolute_ = in_place(pointwise.abs)
    sign_ = in_place(pointwise.sign)
    sgn_ = in_place(pointwise.sgn)
    floor_ = in_place(pointwise.floor)
    ceil_ = in_place(pointwise.ceil)
    trunc_ = fix_ = in_place(pointwise.trunc)
    round_ = in_place(pointwise.round)
    frac_ = in_place(pointwise.frac)
    logit_ = in_place(pointwise.logit)
    nan_to_num_ = in_place(pointwise.nan_to_num)
    deg2rad_ = in_place(pointwise.deg2rad)
    rad2deg_ = in_place(pointwise.rad2deg)

    positive = pointwise.positive

    clamp = clip = selection.clamp
    clamp_min = selection.clamp_min
    clamp_max = selection.clamp_max
    where = selection.where_method
    maximum = selection.maximum
    minimum = selection.minimum
    fmax = selection.fmax
    fmin = selection.fmin
    heaviside = selection.heaviside
    clamp_ = clip_ = in_place(selection.clamp)
    clamp_min_ = in_place(selection.clamp_min)
    clamp_max_ = in_place(selection.clamp_max)
    heaviside_ = in_place(selection.heaviside)

    def float_power_(self, exponent: Any) -> Any:
        """In-place form of `float_power`: for tensors of float64, which its results are; else RuntimeError."""
        if self.array.dtype != "float64":
            raise RuntimeError(
                f"float_power_: the base has dtype {self.dtype} but the operation's result requires dtype float64; "
                "use x = x.float_power(exponent)"
            )
        return _float_power(self, exponent)
