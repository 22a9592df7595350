"""Error functions, gamma functions and Bessel functions with their derivatives."""

from __future__ import annotations

import math

from ...autograd.op import RESULT, Op, run
from ..pointwise.arithmetic import Broadcasting
from . import functions as special_functions
from . import gamma_functions as special_gamma_functions

TWO_BY_SQRT_PI = 2 / math.sqrt(math.pi)


class Erf(Op):
    """2 / sqrt(pi) times the integral of exp(-t ** 2) over 0..x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return special_functions.erf(xp, x)

    def backward(self, xp, g):
        return (g * xp.exp(-self.x * self.x) * TWO_BY_SQRT_PI,)


class Erfc(Op):
    """1 - erf(x), accurate for large x"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return special_functions.erfc(xp, x)

    def backward(self, xp, g):
        return (g * xp.exp(-self.x * self.x) * -TWO_BY_SQRT_PI,)


class Erfcx(Op):
    """exp(x ** 2) erfc(x)"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = special_functions.erfcx(xp, x)
        return y

    def backward(self, xp, g):
        return (g * (self.x * self.y * 2 - TWO_BY_SQRT_PI),)


class Erfinv(Op):
    """The y with erf(y) = x"""

    saves = {"y": RESULT}

    def forward(self, xp, x):
        self.y = y = special_functions.erfinv(xp, x)
        return y

    def backward(self, xp, g):
        return (g * xp.exp(self.y * self.y) / TWO_BY_SQRT_PI,)


class Ndtri(Op):
    """The x below which a standard normal variable falls with probability p"""

    saves = {"y": RESULT}

    def forward(self, xp, p):
        self.y = y = special_functions.ndtri(xp, p)
        return y

    def backward(self, xp, g):
        return (g * xp.exp(self.y * self.y / 2) * math.sqrt(2 * math.pi),)


class Lgamma(Op):
    """log |gamma(x)|"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return special_functions.lgamma(xp, x)

    def backward(self, xp, g):
        return (g * run(xp, Digamma(), self.x),)


class Digamma(Op):
    """The derivative of log gamma(x)"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return special_functions.digamma(xp, x)

    def backward(self, xp, g):
        return (g * run(xp, Polygamma(1), self.x),)


class Polygamma(Op):
    """The n-th derivative of digamma(x), n >= 1"""

    saves = {"x": 0}

    def __init__(self, n):
        self.n = n

    def forward(self, xp, x):
        self.x = x
        return special_functions.polygamma(self.n)(xp, x)

    def backward(self, xp, g):
        return (g * run(xp, Polygamma(self.n + 1), self.x),)


class Zeta(Broadcasting):
    """The sum of (k + q) ** -s over k >= 0; differentiable in q"""

    saves = {"s": 0, "q": 1}

    def forward(self, xp, s, q):
        self.s, self.q = s, q
        return special_functions.zeta(xp, s.astype("float64"), q.astype("float64")).astype(q.dtype)

    def backward(self, xp, g):
        if self.needs[0]:
            raise NotImplementedError("zeta: the derivative with respect to the first argument is not implemented")
        return None, -g * self.s * run(xp, Zeta(), self.s + 1, self.q)


class Igamma(Broadcasting):
    """The regularised lower incomplete gamma function of a and x; differentiable in x"""

    saves = {"a": 0, "x": 1}
    sign = 1
    function = staticmethod(special_gamma_functions.igamma)

    def forward(self, xp, a, x):
        self.a, self.x = a, x
        return self.function(xp, a.astype("float64"), x.astype("float64")).astype(x.dtype)

    def backward(self, xp, g):
        if self.needs[0]:
            raise NotImplementedError(f"{self.label()}: the derivative in the first argument is not implemented")
        density = xp.exp((self.a - 1) * xp.log(self.x) - self.x - run(xp, Lgamma(), self.a))
        return None, g * density * self.sign


class Igammac(Igamma):
    """The regularised upper incomplete gamma function of a and x; differentiable in x"""

    sign = -1
    function = staticmethod(special_gamma_functions.igammac)


class I0(Op):
    """The modified Bessel function of the first kind of order 0"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return special_functions.i0(xp, x)

    def backward(self, xp, g):
        return (g * run(xp, I1(), self.x),)


class I1(Op):
    """The modified Bessel function of the first kind of order 1"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = special_functions.i1(xp, x)
        return y

    def backward(self, xp, g):  # I1' = I0 - I1 / x, which is 1 / 2 at 0
        zero = self.x == 0
        ratio = xp.where(zero, 0.5, self.y / xp.where(zero, 1.0, self.x))
        return (g * (run(xp, I0(), self.x) - ratio),)


class I0e(Op):
    """exp(-|x|) I0(x)"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = special_functions.i0e(xp, x)
        return y

    def backward(self, xp, g):
        return (g * (run(xp, I1e(), self.x) - xp.sign(self.x) * self.y),)


class I1e(Op):
    """exp(-|x|) I1(x)"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = special_functions.i1e(xp, x)
        return y

    def backward(self, xp, g):
        zero = self.x == 0
        ratio = xp.where(zero, 0.5, self.y / xp.where(zero, 1.0, self.x))
        return (g * (run(xp, I0e(), self.x) - ratio - xp.sign(self.x) * self.y),)
