"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

import math

from ...autograd.op import RESULT, Op
from .arithmetic import Broadcasting


class Sin(Op):
    """sin(x)"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.sin(x)

    def backward(self, xp, g):
        return (g * xp.cos(self.x),)


class Cos(Op):
    """cos(x)"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.cos(x)

    def backward(self, xp, g):
        return (-g * xp.sin(self.x),)


class Tan(Op):
    """tan(x)"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = xp.tan(x)
        return y

    def backward(self, xp, g):
        return (g * (self.y * self.y + 1),)


class Asin(Op):
    """The angle in -pi/2..pi/2 whose sine is x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.arcsin(x)

    def backward(self, xp, g):
        return (g / xp.sqrt(1 - self.x * self.x),)


class Acos(Op):
    """The angle in 0..pi whose cosine is x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.arccos(x)

    def backward(self, xp, g):
        return (-g / xp.sqrt(1 - self.x * self.x),)


class Atan(Op):
    """The angle in -pi/2..pi/2 whose tangent is x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.arctan(x)

    def backward(self, xp, g):
        return (g / (self.x * self.x + 1),)


class Sinh(Op):
    """(exp(x) - exp(-x)) / 2"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.sinh(x)

    def backward(self, xp, g):
        return (g * xp.cosh(self.x),)


class Cosh(Op):
    """(exp(x) + exp(-x)) / 2"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.cosh(x)

    def backward(self, xp, g):
        return (g * xp.sinh(self.x),)


class Tanh(Op):
    """sinh(x) / cosh(x)"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = xp.tanh(x)
        return y

    def backward(self, xp, g):
        return (g * (1 - self.y * self.y),)


class Asinh(Op):
    """The number whose hyperbolic sine is x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.arcsinh(x)

    def backward(self, xp, g):
        return (g / xp.sqrt(self.x * self.x + 1),)


class Acosh(Op):
    """The number not below 0 whose hyperbolic cosine is x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.arccosh(x)

    def backward(self, xp, g):
        return (g / xp.sqrt(self.x * self.x - 1),)


class Atanh(Op):
    """The number whose hyperbolic tangent is x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.arctanh(x)

    def backward(self, xp, g):
        return (g / (1 - self.x * self.x),)


class Sinc(Op):
    """sin(pi x) / (pi x), 1 at 0"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return xp.sinc(x).astype(x.dtype)

    def backward(self, xp, g):
        pi = 3.141592653589793
        zero = self.x == 0
        t = xp.where(zero, 1.0, self.x * pi)
        return (g * xp.where(zero, 0.0, (t * xp.cos(t) - xp.sin(t)) * pi / (t * t)),)


class Atan2(Broadcasting):
    """The angle of the point (b, a)"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.arctan2(a, b)

    def backward(self, xp, g):
        squared = self.a * self.a + self.b * self.b
        t = g / xp.where(squared == 0, math.inf, squared)  # no slope at the origin
        return t * self.b if self.needs[0] else None, -t * self.a if self.needs[1] else None


class Hypot(Broadcasting):
    """sqrt(a a + b b)"""

    saves = {"a": 0, "b": 1, "y": RESULT}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        self.y = y = xp.hypot(a, b)
        return y

    def backward(self, xp, g):
        t = g / self.y
        return t * self.a if self.needs[0] else None, t * self.b if self.needs[1] else None
