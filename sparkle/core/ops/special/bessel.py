"""Bessel functions with their derivatives, and Airy's function."""

from __future__ import annotations

from ...autograd.op import RESULT, Op, run
from . import bessel_functions as functions


class BesselJ0(Op):
    """The Bessel function of the first kind of order 0"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return functions.j0(xp, x)

    def backward(self, xp, g):
        return (-g * run(xp, BesselJ1(), self.x),)


class BesselJ1(Op):
    """The Bessel function of the first kind of order 1"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = functions.j1(xp, x)
        return y

    def backward(self, xp, g):  # J1' = J0 - J1 / x, which is 1 / 2 at 0
        zero = self.x == 0
        ratio = xp.where(zero, 0.5, self.y / xp.where(zero, 1.0, self.x))
        return (g * (run(xp, BesselJ0(), self.x) - ratio),)


class BesselY0(Op):
    """The Bessel function of the second kind of order 0; nan for negative numbers"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return functions.y0(xp, x)

    def backward(self, xp, g):
        return (-g * run(xp, BesselY1(), self.x),)


class BesselY1(Op):
    """The Bessel function of the second kind of order 1; nan for negative numbers"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = functions.y1(xp, x)
        return y

    def backward(self, xp, g):
        return (g * (run(xp, BesselY0(), self.x) - self.y / self.x),)


class BesselK0(Op):
    """The modified Bessel function of the second kind of order 0; nan for negative numbers"""

    saves = {"x": 0}

    def forward(self, xp, x):
        self.x = x
        return functions.k0(xp, x)

    def backward(self, xp, g):
        return (-g * run(xp, BesselK1(), self.x),)


class BesselK1(Op):
    """The modified Bessel function of the second kind of order 1; nan for negative numbers"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = functions.k1(xp, x)
        return y

    def backward(self, xp, g):
        return (-g * (run(xp, BesselK0(), self.x) + self.y / self.x),)


class BesselK0e(Op):
    """exp(x) times the modified Bessel function of the second kind of order 0; nan for negative numbers"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = functions.k0e(xp, x)
        return y

    def backward(self, xp, g):
        return (g * (self.y - run(xp, BesselK1e(), self.x)),)


class BesselK1e(Op):
    """exp(x) times the modified Bessel function of the second kind of order 1; nan for negative numbers"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = functions.k1e(xp, x)
        return y

    def backward(self, xp, g):
        return (g * (self.y - run(xp, BesselK0e(), self.x) - self.y / self.x),)


class SphericalBesselJ0(Op):
    """The spherical Bessel function of order 0, sin(x) / x, which is 1 at 0"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = functions.spherical_j0(xp, x)
        return y

    def backward(self, xp, g):  # (cos(x) - y) / x, near 0 by its series, for the difference is lost there
        near = abs(self.x) < 0.1
        far = xp.where(near, 1.0, self.x)
        square = self.x * self.x
        series = self.x * (((square / 45360 - 1 / 840) * square + 1 / 30) * square - 1 / 3)
        return (g * xp.where(near, series, (xp.cos(far) - self.y) / far),)


class AiryAi(Op):
    """Airy's function Ai; without gradient"""

    differentiable = False

    def forward(self, xp, x):
        return functions.airy(xp, x)
