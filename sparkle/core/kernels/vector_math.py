"""exp, log, log1p, tanh and erf of float32 as polynomials without branches, which LLVM turns into vector instructions.

The coefficients are those of Moshier's Cephes library (expf, logf, tanhf), and for erf those of the special functions.
Calls of the C library's functions, which numba makes otherwise, take ten times as long.
"""

from __future__ import annotations

from typing import Any

import numpy
from numba import types
from numba.extending import intrinsic, register_jitable

from ..ops.special.tables import ERF_SINGLE

# A call would keep a loop from being turned into vector instructions. "contract" lets a product and a sum be one
# instruction; nothing is reordered, since the steps below depend on what each rounds away.
inlined = register_jitable(forceinline=True, error_model="numpy", fastmath={"contract"})

f = numpy.float32
i = numpy.int32

LOG2_E = f(1.44269504088896341)
LN2_HIGH, LN2_LOW = f(0.693359375), f(-2.12194440e-4)  # the first has few digits, so that products with it are exact
SQRT_HALF = f(0.70710678118654752)


def _cast(target: Any, pointer: Any) -> Any:
    """An intrinsic that reads the bits of its argument as another type."""

    @intrinsic
    def reader(typing: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], context.get_value_type(target))

        return target(pointer), generate

    return reader


float_of_bits = _cast(types.float32, types.int32)
bits_of_float = _cast(types.int32, types.float32)


@inlined
def copy_row(of, to):  # type: ignore[no-untyped-def]
    """to[:] = of, for which numba compiles two seconds of words about shapes that differ."""
    for i in range(of.size):
        to[i] = of[i]


@inlined
def copy_rows(of, to):  # type: ignore[no-untyped-def]
    """The same for matrices."""
    for i in range(len(of)):
        copy_row(of[i], to[i])


def polynomial(coefficients: Any) -> Any:
    """Horner's rule, highest power first, as nested functions: LLVM leaves a loop over many coefficients a loop."""
    last = f(coefficients[-1])
    if len(coefficients) == 2:
        first = f(coefficients[0])
        return inlined(lambda x: first * x + last)
    before = polynomial(coefficients[:-1])
    return inlined(lambda x: before(x) * x + last)


EXP = polynomial((0.000198756915, 0.0013981999507, 0.0083334519073, 0.041665795894, 0.16666665459, 0.50000001201))
LOG = polynomial(
    (
        0.070376836292,
        -0.1151461031,
        0.1167699874,
        -0.12420140846,
        0.14249322787,
        -0.16668057665,
        0.20000714765,
        -0.24999993993,
        0.33333331174,
    )
)
TANH = polynomial((-0.00570498872745, 0.0206390887954, -0.0537397155531, 0.133314422036, -0.333332819422))
ERF_ABOVE, ERF_BELOW = (polynomial(part[::-1]) for part in ERF_SINGLE)


@inlined
def power_of_2(n):  # type: ignore[no-untyped-def]
    return float_of_bits(i((n + i(127)) << i(23)))


@inlined
def exp(x):  # type: ignore[no-untyped-def]
    """2^n e^r with |r| <= ln(2) / 2; nan stays, large x give infinity, small ones 0."""
    x = f(88.8) if x > f(88.8) else x
    x = f(-104) if x < f(-104) else x
    n = numpy.rint(x * LOG2_E)
    r = x - n * LN2_HIGH - n * LN2_LOW
    y = EXP(r) * r * r + r + f(1)
    n = i(n)
    half = i(n >> i(1))  # 2^n itself may be beyond what a float32 holds
    return y * power_of_2(half) * power_of_2(i(n - half))


@inlined
def log(x):  # type: ignore[no-untyped-def]
    """n ln 2 + log(m) with m between sqrt(1/2) and sqrt(2)"""
    tiny = x < f(1.1754944e-38)
    scaled = x * f(8388608) if tiny else x
    bits = bits_of_float(scaled)
    n = f(i(bits >> i(23)) - i(126)) - (f(23) if tiny else f(0))
    m = float_of_bits(i((bits & i(0x7FFFFF)) | i(0x3F000000)))
    low = m < SQRT_HALF
    n = n - f(1) if low else n
    m = m + m - f(1) if low else m - f(1)
    z = m * m
    y = m * z * LOG(m) + n * LN2_LOW - f(0.5) * z
    y = m + y + n * LN2_HIGH
    y = f(-numpy.inf) if x == f(0) else y
    y = x if x == f(numpy.inf) else y
    return y if x >= f(0) else f(numpy.nan)


@inlined
def log1p(x):  # type: ignore[no-untyped-def]
    """log(u) x / (u - 1) with u = 1 + x rounded, which undoes the rounding [Higham 2002, section 1.14.1]"""
    u = f(1) + x
    y = log(u) * (x / (u - f(1)))
    y = x if u == f(1) else y
    return u if u == f(numpy.inf) else y


@inlined
def tanh(x):  # type: ignore[no-untyped-def]
    z = x * x
    near = x * (TANH(z) * z + f(1))
    size = abs(x)
    far = f(1) - f(2) / (exp(size + size) + f(1))
    far = -far if x < f(0) else far
    return near if size < f(0.625) else far


@inlined
def erf(x):  # type: ignore[no-untyped-def]
    """x N(x^2) / D(x^2); 1 in size from 3.92 on."""
    x = f(3.92) if x > f(3.92) else x
    x = f(-3.92) if x < f(-3.92) else x
    z = x * x
    y = x * (ERF_ABOVE(z) / ERF_BELOW(z))
    y = f(1) if y > f(1) else y
    return f(-1) if y < f(-1) else y


FUNCTIONS = {"exp": exp, "log": log, "log1p": log1p, "tanh": tanh, "erf": erf}  # by their names in formulas
