"""Functions of one element: exponentials, logarithms, roots, signs, rounding, sigmoid and friends."""

from __future__ import annotations

import math

from ...autograd.op import RESULT, Op
from .masks import kept, zero

LN2 = math.log(2)
LN10 = math.log(10)


class Exp(Op):
    """exp(x)"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = xp.exp(x)
        return y

    def backward(self, xp, g):
        return (g * self.y,)


class Exp2(Op):
    """2 ** x"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = xp.exp2(x)
        return y

    def backward(self, xp, g):
        return (g * self.y * LN2,)


class Expm1(Op):
    """exp(x) - 1, accurate near 0"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = xp.expm1(x)
        return y

    def backward(self, xp, g):
        return (g * (self.y + 1),)


class Log(Op):
    """The natural logarithm of x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.log(x)

    def backward(self, xp, g):
        return (g / self.x,)


class Log2(Op):
    """The logarithm of x to base 2"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.log2(x)

    def backward(self, xp, g):
        return (g / (self.x * LN2),)


class Log10(Op):
    """The logarithm of x to base 10"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.log10(x)

    def backward(self, xp, g):
        return (g / (self.x * LN10),)


class Log1p(Op):
    """log(1 + x), accurate near 0"""

    saves = {"x": 0}

    def name(self):
        return "Log1PBackward0"

    def forward(self, xp, x):
        self.x = x
        return xp.log1p(x)

    def backward(self, xp, g):
        return (g / (self.x + 1),)


class Sqrt(Op):
    """The square root of x"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = xp.sqrt(x)
        return y

    def backward(self, xp, g):
        return (g / (self.y * 2),)


class Rsqrt(Op):
    """1 / sqrt(x)"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = 1 / xp.sqrt(x)
        return y

    def backward(self, xp, g):
        y = self.y
        return (g * (y * y * y) * -0.5,)


class Square(Op):
    """x x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return x * x

    def backward(self, xp, g):
        return (g * self.x * 2,)

    def name(self):
        return "PowBackward0"


class Reciprocal(Op):
    """1 / x"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = 1 / x
        return y

    def backward(self, xp, g):
        return (-g * self.y * self.y,)


class Abs(Op):
    """|x|, with slope 0 at 0"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return abs(x)

    def backward(self, xp, g):
        return (g * xp.sign(self.x),)


class Flat(Op):
    """A function that is constant between its jumps, so that its slope is 0"""

    def backward(self, xp, g):
        return (xp.zeros_like(g),)


class Sign(Flat):
    """-1, 0 or 1; nan becomes 0"""

    def forward(self, xp, x):
        return xp.where(x == x, xp.sign(x), 0)


class Floor(Flat):
    """The largest integer that is not above x"""

    def forward(self, xp, x):
        return xp.floor(x)


class Ceil(Flat):
    """The smallest integer that is not below x"""

    def forward(self, xp, x):
        return xp.ceil(x)


class Trunc(Flat):
    """The integer part of x"""

    def forward(self, xp, x):
        return xp.trunc(x)


class Round(Flat):
    """The nearest integer, halves to even; or the nearest multiple of 10 ** -decimals"""

    def __init__(self, decimals=0):
        self.scale = 10.0**decimals

    def forward(self, xp, x):
        return xp.rint(x) if self.scale == 1 else xp.rint(x * self.scale) / self.scale


class Frac(Op):
    """x without its integer part, with the sign of x"""

    def forward(self, xp, x):
        return x - xp.trunc(x)

    def backward(self, xp, g):
        return (g,)


class Sigmoid(Op):
    """1 / (1 + exp(-x))"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        y = xp.exp(-x)
        y += 1
        self.y = y = 1 / y
        return y

    def backward(self, xp, g):
        return (g * (self.y * (1 - self.y)),)


FEW = 4096  # elements below which calls are what costs


class Relu(Op):
    """max(x, 0); `here`: written over x"""

    saves = {"y": RESULT}
    here = False

    def forward(self, xp, x):
        # clip to 0..inf takes a quarter of the time of maximum(x, 0), but starts slower
        out = x if self.here else None
        self.y = y = xp.maximum(x, zero(x), out=out) if x.size < FEW else x.clip(0.0, math.inf, out=out)
        return y

    def backward(self, xp, g):
        return (kept(xp, g, self.y != zero(self.y)),)


class Logit(Op):
    """log(x / (1 - x)), with x first clamped to eps..1 - eps where eps is given"""

    saves = {"x": 0}

    def __init__(self, eps=None):
        self.eps = eps

    def forward(self, xp, x):
        self.x = x
        if self.eps is not None:
            x = xp.where(x < self.eps, self.eps, xp.where(x > 1 - self.eps, 1 - self.eps, x))
        return xp.log(x / (1 - x))

    def backward(self, xp, g):
        dx = g / (self.x * (1 - self.x))
        if self.eps is None:
            return (dx,)
        return (xp.where((self.x < self.eps) | (self.x > 1 - self.eps), 0.0, dx),)


class NanToNum(Op):
    """x with nan and the infinities replaced by numbers"""

    saves = {"x": 0}

    def __init__(self, nan, posinf, neginf):
        self.nan, self.posinf, self.neginf = nan, posinf, neginf

    def forward(self, xp, x):
        self.x = x
        return xp.nan_to_num(x, nan=self.nan, posinf=self.posinf, neginf=self.neginf)

    def backward(self, xp, g):
        return (kept(xp, g, xp.isfinite(self.x)),)
