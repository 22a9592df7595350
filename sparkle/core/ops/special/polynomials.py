"""Orthogonal polynomials of any degree with their derivatives.

Each family has a recurrence p[k + 1] = (a x + b) p[k] - c p[k - 1] with p[0] = 1 and p[-1] = 0; differentiated d times
it is p[k + 1]' = (a x + b) p[k]' + d a p[k]" - c p[k - 1]' for the d-th derivative ' and the one before, ". Source:
Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 22.7.
"""

from __future__ import annotations

from ...autograd.op import run
from ..pointwise.arithmetic import Broadcasting

HIGHEST_DEGREE = 1_000_000


class Polynomial(Broadcasting):
    """The polynomial of degree n (0 for n < 0) of a family at x, or its derivative of some order; n has no gradient"""

    saves = {"x": 0, "n": 1}

    def __init__(self, order=0):
        self.order = order

    def coefficients(self, k):
        """a, b and c of the recurrence."""
        raise NotImplementedError(f"{type(self).__name__}.coefficients")

    def forward(self, xp, x, n):
        self.x, self.n = x, n
        kind = x.dtype if hasattr(x, "dtype") else n.dtype
        x, n = xp.asarray(x, dtype="float64"), xp.asarray(n, dtype="float64")
        degree = xp.trunc(xp.where(xp.isfinite(n), n, -1.0))
        highest = int(degree.max()) if degree.size else 0
        if highest > HIGHEST_DEGREE:
            raise ValueError(f"the degree {highest} is above {HIGHEST_DEGREE}, the highest there is")
        zero = xp.zeros_like(x)
        now, before = [zero + 1] + [zero] * self.order, [zero] * (self.order + 1)
        y = xp.where(degree == 0, now[-1], 0.0)
        for k in range(highest):
            now, before = self._next(x, k, now, before), now
            y = xp.where(degree == k + 1, now[-1], y)
        return y.astype(kind)

    def _next(self, x, k, now, before):
        """p[k + 1] and its derivatives, from those of p[k] and p[k - 1]."""
        a, b, c = self.coefficients(k)
        line = a * x + b
        return [
            line * p - c * q if d == 0 else line * p - c * q + d * a * now[d - 1]
            for d, (p, q) in enumerate(zip(now, before, strict=True))
        ]

    def backward(self, xp, g):
        return (g * run(xp, type(self)(self.order + 1), self.x, self.n) if self.needs[0] else None), None


class ChebyshevT(Polynomial):
    """The Chebyshev polynomial of the first kind"""

    def coefficients(self, k):
        return (2, 0, 1) if k else (1, 0, 0)


class ChebyshevU(Polynomial):
    """The Chebyshev polynomial of the second kind"""

    def coefficients(self, k):
        return 2, 0, 1


class ChebyshevV(Polynomial):
    """The Chebyshev polynomial of the third kind"""

    def coefficients(self, k):
        return (2, 0, 1) if k else (2, -1, 0)


class ChebyshevW(Polynomial):
    """The Chebyshev polynomial of the fourth kind"""

    def coefficients(self, k):
        return (2, 0, 1) if k else (2, 1, 0)


class Shifted:
    """The polynomials of the next class at 2 x - 1, so that 0..1 takes the place of -1..1."""

    def coefficients(self, k):
        a, b, c = super().coefficients(k)
        return 2 * a, b - a, c


class ShiftedChebyshevT(Shifted, ChebyshevT):
    """The Chebyshev polynomial of the first kind at 2 x - 1"""


class ShiftedChebyshevU(Shifted, ChebyshevU):
    """The Chebyshev polynomial of the second kind at 2 x - 1"""


class ShiftedChebyshevV(Shifted, ChebyshevV):
    """The Chebyshev polynomial of the third kind at 2 x - 1"""


class ShiftedChebyshevW(Shifted, ChebyshevW):
    """The Chebyshev polynomial of the fourth kind at 2 x - 1"""


class HermiteH(Polynomial):
    """The physicist's Hermite polynomial"""

    def coefficients(self, k):
        return 2, 0, 2 * k


class HermiteHe(Polynomial):
    """The probabilist's Hermite polynomial"""

    def coefficients(self, k):
        return 1, 0, k


class LaguerreL(Polynomial):
    """The Laguerre polynomial"""

    def coefficients(self, k):
        return -1 / (k + 1), (2 * k + 1) / (k + 1), k / (k + 1)


class LegendreP(Polynomial):
    """The Legendre polynomial"""

    def coefficients(self, k):
        return (2 * k + 1) / (k + 1), 0, k / (k + 1)
