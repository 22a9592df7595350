"""What the compiled pointwise ops compute, element by element.

A formula is a function of numbers. Its parameters are named after what they are: first the inputs, in order, then
attributes of the op; in a gradient `g` and what the op saved. On NumPy arrays the formulas work too, for the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from ..ops.nn import activation, dropout
from ..ops.pointwise import arithmetic, elementwise, selection, trigonometry
from ..ops.special import special
from .choice import where

SQRT_HALF = math.sqrt(0.5)
NORMAL = 1 / math.sqrt(2 * math.pi)
TWO_BY_SQRT_PI = 2 / math.sqrt(math.pi)
GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBE = 0.044715


# Compiled, these five are polynomials that run in the processor's vectors (vector_math), to within a few units in the
# last place of float32.


def exp(x):  # type: ignore[no-untyped-def]
    return numpy.exp(x)


def log(x):  # type: ignore[no-untyped-def]
    return numpy.log(x)


def log1p(x):  # type: ignore[no-untyped-def]
    return numpy.log1p(x)


def tanh(x):  # type: ignore[no-untyped-def]
    return numpy.tanh(x)


def erf(x):  # type: ignore[no-untyped-def]
    return numpy.vectorize(math.erf, otypes=[x.dtype])(x)


# Elements from which compiled loops win. What NumPy does in one pass with the processor's vectors gains from a second
# thread only; what takes it several passes, or a slow one, gains at once.
ONE_PASS = 1 << 19
SEVERAL = 1 << 14


class Formulas(NamedTuple):
    """forward(inputs, attributes) and, for each input, the gradient(g, saved arrays and attributes)

    gradients: None where the op's own backward is as good. single: for float32 only, because of the functions in it.
    least: elements from which the compiled loops win; backward: those from which only the gradients' do.
    """

    forward: Callable[..., Any]
    gradients: tuple[Callable[..., Any] | None, ...] | None = None
    single: bool = False
    least: int = ONE_PASS
    backward: int = 1 << 62


def smooth(forward, gradient, least=SEVERAL):  # type: ignore[no-untyped-def]
    """Formulas of one input, made of the functions above."""
    return Formulas(forward, (gradient,), True, least)


def sigmoid(x):  # type: ignore[no-untyped-def]
    return 1.0 / (1.0 + exp(-x))


def silu_gradient(g, x):  # type: ignore[no-untyped-def]
    s = 1.0 / (1.0 + exp(-x))
    return g * (s * (1.0 + x * (1.0 - s)))


def softplus(x, beta, threshold):  # type: ignore[no-untyped-def]
    return where(x * beta > threshold, x, log1p(exp(x * beta)) / beta)


def softplus_gradient(g, x, beta, threshold):  # type: ignore[no-untyped-def]
    return where(x * beta > threshold, g, g / (1.0 + exp(-x * beta)))


def gelu(x):  # type: ignore[no-untyped-def]
    return x * (erf(x * SQRT_HALF) * 0.5 + 0.5)


def gelu_gradient(g, x):  # type: ignore[no-untyped-def]
    return g * (erf(x * SQRT_HALF) * 0.5 + 0.5 + x * NORMAL * exp(x * x * -0.5))


def gelu_tanh(x):  # type: ignore[no-untyped-def]
    return x * 0.5 * (1.0 + tanh(GELU_SCALE * x * (1.0 + GELU_CUBE * (x * x))))


def gelu_tanh_gradient(g, x):  # type: ignore[no-untyped-def]
    t = tanh(GELU_SCALE * x * (1.0 + GELU_CUBE * (x * x)))
    return g * (0.5 * (1.0 + t) + x * 0.5 * (1.0 - t * t) * GELU_SCALE * (1.0 + 3.0 * GELU_CUBE * (x * x)))


def mish(x):  # type: ignore[no-untyped-def]
    return x * tanh(where(x > 20.0, x, log1p(exp(x))))


def mish_gradient(g, x):  # type: ignore[no-untyped-def]
    t = tanh(where(x > 20.0, x, log1p(exp(x))))
    return g * (t + x * (1.0 - t * t) / (1.0 + exp(-x)))


def log_sigmoid(x):  # type: ignore[no-untyped-def]
    return where(x < 0.0, x, 0.0) - log1p(exp(-abs(x)))


def clamp(x, low, high):  # type: ignore[no-untyped-def]
    x = where(x < low, low, x)
    return where(x > high, high, x)


def to_larger(g, a, b):  # type: ignore[no-untyped-def]
    """a's gradient, where it is the larger one; equal elements share."""
    return where(a < b, 0.0, where(a > b, g, g * 0.5))


def to_smaller(g, a, b):  # type: ignore[no-untyped-def]
    return where(a > b, 0.0, where(a < b, g, g * 0.5))


POWERS = {
    2: Formulas(lambda a: a * a, (lambda g, a: g * (a * 2.0),)),
    3: Formulas(lambda a: a * a * a, (lambda g, a: g * (a * a * 3.0),), least=SEVERAL),
}

TABLE: dict[type, Formulas | Callable[[Any], Formulas | None]] = {
    arithmetic.Add: Formulas(lambda a, b: a + b),
    arithmetic.Sub: Formulas(lambda a, b: a - b),
    arithmetic.Mul: Formulas(lambda a, b: a * b, (lambda g, b: g * b, lambda g, a: g * a)),
    arithmetic.Div: Formulas(lambda a, b: a / b, (lambda g, b: g / b, lambda g, a, b: -(g / b) * (a / b))),
    arithmetic.Neg: Formulas(lambda a: -a, (lambda g: -g,)),
    arithmetic.PowNumber: lambda op: POWERS.get(op.n),
    arithmetic.Lerp: Formulas(
        lambda w, a, b: a + w * (b - a),
        (lambda g, a, b: g * (b - a), lambda g, w: g * (1.0 - w), lambda g, w: g * w),
        least=SEVERAL,
    ),
    elementwise.Abs: Formulas(lambda x: abs(x), (lambda g, x: where(x > 0.0, g, where(x < 0.0, -g, x * g * 0.0)),)),
    elementwise.Square: Formulas(lambda x: x * x, (lambda g, x: g * x * 2.0,)),
    elementwise.Sqrt: Formulas(lambda x: numpy.sqrt(x), (lambda g, y: g / (y * 2.0),)),
    elementwise.Rsqrt: Formulas(lambda x: 1.0 / numpy.sqrt(x), (lambda g, y: g * (y * y * y) * -0.5,), least=SEVERAL),
    elementwise.Reciprocal: Formulas(lambda x: 1.0 / x, (lambda g, y: -g * y * y,)),
    elementwise.Relu: Formulas(
        lambda x: where(x < 0.0, 0.0, x),
        (lambda g, y: where(y != 0.0, g, 0.0),),
        least=1 << 20,
        backward=1 << 15,
    ),
    elementwise.Exp: smooth(lambda x: exp(x), lambda g, y: g * y, ONE_PASS),
    elementwise.Log: smooth(lambda x: log(x), lambda g, x: g / x, ONE_PASS),
    elementwise.Log1p: smooth(lambda x: log1p(x), lambda g, x: g / (x + 1.0), ONE_PASS),
    elementwise.Sigmoid: smooth(sigmoid, lambda g, y: g * (y * (1.0 - y))),
    trigonometry.Tanh: smooth(lambda x: tanh(x), lambda g, y: g * (1.0 - y * y), ONE_PASS),
    special.Erf: smooth(lambda x: erf(x), lambda g, x: g * exp(-x * x) * TWO_BY_SQRT_PI),
    activation.Silu: smooth(lambda x: x / (1.0 + exp(-x)), silu_gradient),
    activation.Gelu: smooth(gelu, gelu_gradient),
    activation.GeluTanh: smooth(gelu_tanh, gelu_tanh_gradient),
    activation.Mish: smooth(mish, mish_gradient),
    activation.Softplus: smooth(softplus, softplus_gradient),
    activation.LogSigmoid: smooth(log_sigmoid, lambda g, x: g / (1.0 + exp(x))),
    activation.LeakyRelu: Formulas(
        lambda x, slope: where(x > 0.0, x, x * slope),
        (lambda g, x, slope: where(x > 0.0, g, g * slope),),
        least=SEVERAL,
    ),
    dropout.Dropout: Formulas(
        lambda x, kept, scale: where(kept, x, x * 0.0) * scale,
        (lambda g, kept, scale: where(kept, g, g * 0.0) * scale, None),
        least=SEVERAL,
    ),
    selection.Where: Formulas(
        lambda condition, a, b: where(condition, a, b),
        (None, lambda g, condition: where(condition, g, 0.0), lambda g, condition: where(condition, 0.0, g)),
    ),
    selection.Clamp: Formulas(clamp, (lambda g, x, low, high: where((x >= low) & (x <= high), g, 0.0),)),
    selection.ClampMin: Formulas(
        lambda a, b: where((a < b) | (b != b), b, a),
        (lambda g, a, b: where(a >= b, g, 0.0), lambda g, a, b: where(a >= b, 0.0, g)),
    ),
    selection.Maximum: Formulas(lambda a, b: where((a > b) | (a != a), a, b), (to_larger, to_smaller)),
    selection.Minimum: Formulas(lambda a, b: where((a < b) | (a != a), a, b), (to_smaller, to_larger)),
}
