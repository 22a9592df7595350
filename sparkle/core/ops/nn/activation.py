"""Activation functions beyond relu, sigmoid, tanh and softmax, which stand with the elementwise ops and reductions."""

from __future__ import annotations

import math

from ...autograd.op import CONSTANT, DERIVED, Op, run
from ..pointwise.elementwise import Sigmoid
from ..pointwise.masks import blend
from ..pointwise.trigonometry import Tanh
from ..special.special import Erf

SQRT_HALF = math.sqrt(0.5)
NORMAL = 1 / math.sqrt(2 * math.pi)  # the height of the normal density
GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBE = 0.044715


class OfInput(Op):
    """A function of one element, with its slope as a function of the input."""

    saves = {"x": 0}

    def value(self, xp, x):
        raise NotImplementedError(f"{type(self).__name__}.value")

    def slope(self, xp, x):
        raise NotImplementedError(f"{type(self).__name__}.slope")

    def forward(self, xp, x):
        if self.needs[0]:
            self.x = x
        return self.value(xp, x)

    def backward(self, xp, g):
        return (g * self.slope(xp, self.x),)


class Silu(OfInput):
    """x sigmoid(x)"""

    def value(self, xp, x):
        return x / (1 + xp.exp(-x))

    def slope(self, xp, x):
        s = run(xp, Sigmoid(), x)
        return s * (1 + x * (1 - s))


class Gelu(Op):
    """x P(X <= x) for a normal X"""

    saves = {"x": 0, "below": DERIVED}

    def forward(self, xp, x):
        below = run(xp, Erf(), x * SQRT_HALF) * 0.5 + 0.5
        if self.needs[0]:
            self.x, self.below = x, below
        return x * below

    def backward(self, xp, g):
        return (g * (self.below + self.x * NORMAL * xp.exp(self.x * self.x * -0.5)),)


class GeluTanh(OfInput):
    """x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))"""

    def tanh(self, xp, x):
        return run(xp, Tanh(), GELU_SCALE * x * (1 + GELU_CUBE * (x * x)))

    def value(self, xp, x):
        return x * 0.5 * (1 + self.tanh(xp, x))

    def slope(self, xp, x):
        t = self.tanh(xp, x)
        return 0.5 * (1 + t) + x * 0.5 * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBE * (x * x))

    def name(self):
        return "GeluBackward0"


class Mish(OfInput):
    """x tanh(log(1 + exp(x)))"""

    def tanh(self, xp, x):
        return run(xp, Tanh(), run(xp, Softplus(1.0, 20.0), x))

    def value(self, xp, x):
        return x * self.tanh(xp, x)

    def slope(self, xp, x):
        t = self.tanh(xp, x)
        return t + x * (1 - t * t) * run(xp, Sigmoid(), x)


class Softsign(OfInput):
    """x / (1 + |x|)"""

    def value(self, xp, x):
        return x / (1 + xp.absolute(x))

    def slope(self, xp, x):
        below = 1 + xp.absolute(x)
        return 1 / (below * below)


class LogSigmoid(OfInput):
    """log(1 / (1 + exp(-x)))"""

    def value(self, xp, x):
        return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.absolute(x)))

    def slope(self, xp, x):
        return run(xp, Sigmoid(), -x)


class Softplus(OfInput):
    """log(1 + exp(beta x)) / beta; x itself where beta x is above the threshold"""

    def __init__(self, beta, threshold):
        self.beta, self.threshold = beta, threshold

    def value(self, xp, x):
        return xp.where(x * self.beta > self.threshold, x, xp.log1p(xp.exp(x * self.beta)) / self.beta)

    def slope(self, xp, x):
        return xp.where(x * self.beta > self.threshold, 1.0, run(xp, Sigmoid(), x * self.beta))


class Elu(Op):
    """scale x where x > 0, else scale alpha (exp(x inner) - 1); selu and celu are the same with other constants"""

    saves = {"x": 0, "positive": CONSTANT}

    def __init__(self, alpha=1.0, scale=1.0, inner=1.0):
        self.alpha, self.scale, self.inner = alpha, scale, inner

    def forward(self, xp, x):
        if self.needs[0]:
            self.x, self.positive = x, x > 0
        low = xp.expm1(xp.minimum(x, 0) * self.inner)
        return xp.maximum(x, 0) * self.scale + low * (self.alpha * self.scale)

    def backward(self, xp, g):
        steep = self.alpha * self.scale * self.inner
        low = xp.exp(xp.minimum(self.x, 0) * self.inner) * steep
        return (g * low + g * self.positive * (self.scale - steep),)


class LeakyRelu(Op):
    """x where x > 0, else slope x"""

    saves = {"x": 0}

    def __init__(self, slope):
        self.slope = slope

    def forward(self, xp, x):
        if self.needs[0]:
            self.x = x
        return xp.maximum(x, x * self.slope) if 0 <= self.slope <= 1 else blend(xp, x > 0, x, x * self.slope)

    def backward(self, xp, g):
        return (blend(xp, self.x > 0, g, g * self.slope),)


class RandomLeakyRelu(Op):
    """x where x > 0, else x times the slope drawn for this element"""

    saves = {"factor": CONSTANT}

    def forward(self, xp, x, slope):
        factor = xp.where(x > 0, 1.0, slope)
        if self.needs[0]:
            self.factor = factor
        return x * factor

    def backward(self, xp, g):
        return g * self.factor, None


class Kept(Op):
    """A function whose slope is one on an interval and zero outside"""

    saves = {"inside": CONSTANT}

    def backward(self, xp, g):
        return (g * self.inside,)


class Hardtanh(Kept):
    """x held between low and high"""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def forward(self, xp, x):
        if self.needs[0]:
            self.inside = (x > self.low) & (x < self.high)
        return xp.minimum(xp.maximum(x, self.low), self.high)


class Threshold(Kept):
    """x where x > threshold, else value"""

    def __init__(self, threshold, value):
        self.threshold, self.value = threshold, value

    def forward(self, xp, x):
        above = x > self.threshold
        if self.needs[0]:
            self.inside = above
        return xp.where(above, x, self.value)


class Hardshrink(Kept):
    """x where |x| > width, else 0"""

    def __init__(self, width):
        self.width = width

    def forward(self, xp, x):
        outside = ~((x >= -self.width) & (x <= self.width))
        if self.needs[0]:
            self.inside = outside
        return xp.where(outside, x, 0.0)


class Softshrink(Kept):
    """x moved towards 0 by width, and 0 where |x| <= width"""

    def __init__(self, width):
        self.width = width

    def forward(self, xp, x):
        outside = ~((x >= -self.width) & (x <= self.width))
        if self.needs[0]:
            self.inside = outside
        return xp.where(outside, xp.where(x > 0, x - self.width, x + self.width), 0.0)


class Hardsigmoid(Op):
    """x / 6 + 1 / 2, held between 0 and 1"""

    saves = {"inside": CONSTANT}

    def forward(self, xp, x):
        if self.needs[0]:
            self.inside = (x > -3) & (x < 3)
        return xp.minimum(xp.maximum(x + 3, 0), 6) / 6

    def backward(self, xp, g):
        return (g * self.inside / 6,)


class Hardswish(Op):
    """x hardsigmoid(x)"""

    saves = {"x": 0, "inside": CONSTANT, "above": CONSTANT}

    def forward(self, xp, x):
        if self.needs[0]:
            self.x, self.inside, self.above = x, (x > -3) & (x < 3), x >= 3
        return x * (xp.minimum(xp.maximum(x + 3, 0), 6) / 6)

    def backward(self, xp, g):
        inside = xp.minimum(xp.maximum(self.x, -3), 3) / 3 + 0.5
        return (g * (inside * self.inside + self.above),)


class Prelu(Op):
    """x where x > 0, else w x; w is broadcast against x"""

    saves = {"x": 0, "w": 1, "positive": CONSTANT}
    broadcasts = True

    def forward(self, xp, x, w):
        positive = x > 0
        if self.needs[1]:
            self.x = x
        if self.needs[0]:
            self.w = w
        if self.needs[0] or self.needs[1]:
            self.positive = positive
        return xp.where(positive, x, x * w)

    def backward(self, xp, g):
        dx = xp.where(self.positive, g, g * self.w) if self.needs[0] else None
        return dx, xp.where(self.positive, 0.0, g * self.x) if self.needs[1] else None


class OneHotOfLargest(Op):
    """One at the largest element of the axis, zero elsewhere, while the gradient goes through as if it were x"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, xp, x):
        index = xp.expand_dims(xp.argmax(x, axis=self.axis), self.axis)
        y = xp.zeros_like(x)
        xp.put_along_axis(y, index, 1, axis=self.axis)
        return y

    def backward(self, xp, g):
        return (g,)
