"""The regularised incomplete gamma functions of arrays, in float64.

Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.5.29 (series) and 6.5.31 (continued
fraction); Temme, The asymptotic expansion of the incomplete gamma functions (1979), for a large first argument.
"""

from __future__ import annotations

import math

from .functions import STIRLING, erfc, lgamma, lgamma1p, polynomial
from .tables import TEMME_0, TEMME_1

MOST_TERMS = 20_000  # of series and continued fractions
LOG_SERIES = tuple((-1.0) ** k / k for k in range(2, 18))  # (u - log(1 + u)) / u ** 2
BIG = 1e5  # from here on the uniform expansion holds to the last digits


def igamma(xp, a, x):
    """The regularised lower incomplete gamma function: the smaller of both by its own series, the other as the rest."""
    return _incomplete(xp, a, x)[0]


def igammac(xp, a, x):
    """The regularised upper incomplete gamma function, 1 - igamma."""
    return _incomplete(xp, a, x)[1]


def _incomplete(xp, a, x):
    """P(a, x) and Q(a, x)."""
    big = (a > BIG) & (x == x)
    p, q = _by_series(xp, xp.where(big, 1.0, a), xp.where(big, 1.0, x))
    if big.any():
        large, at = xp.where(big & (a < math.inf), a, 2 * BIG), xp.where(big, x, 2 * BIG)
        both = _uniform(xp, large, xp.where(at == math.inf, 1e300, at))
        p, q = xp.where(big, both[0], p), xp.where(big, both[1], q)
    none, all_ = (a == 0) | (x == math.inf), a == math.inf
    p, q = xp.where(none, 1.0, xp.where(all_, 0.0, p)), xp.where(none, 0.0, xp.where(all_, 1.0, q))
    known = (a >= 0) & (x >= 0) & ((a > 0) | (x > 0)) & ((a < math.inf) | (x < math.inf))
    return xp.where(known, p, math.nan), xp.where(known, q, math.nan)


def _by_series(xp, a, x):
    """P and Q: the smaller of both by its own series, the other as the rest."""
    below = x < a + 1
    tiny = (x < 1.1) & (a <= xp.where(x < 0.5, -0.4 / xp.log(xp.minimum(x, 0.5)), 1.1 * x))  # where P is nearly 1
    lower = _lower_series(xp, a, xp.minimum(x, a + 1))
    upper = _upper_fraction(xp, a, xp.maximum(x, a + 1))
    q = xp.where(below, 1 - lower, upper)
    if tiny.any():
        q = xp.where(tiny, _upper_series(xp, xp.where(tiny, a, 1.0), xp.where(tiny, x, 1.0)), q)
    return xp.where(below, lower, 1 - upper), q


def _uniform(xp, a, x):
    """P and Q for large a, by Temme's uniform expansion (1979): an error function and what is left of it."""
    away = (x - a) / a
    half_square = _away_less_log(xp, x, a)
    eta = xp.copysign(xp.sqrt(2 * xp.maximum(half_square, 0.0)), away)
    near = xp.minimum(xp.maximum(eta, -0.2), 0.2)  # beyond, what is left is zero
    left = polynomial(TEMME_0, near) + polynomial(TEMME_1, near) / a
    left = left * xp.exp(-a * half_square) / xp.sqrt(2 * math.pi * a)
    y = eta * xp.sqrt(a / 2)
    return erfc(xp, -y) / 2 - left, erfc(xp, y) / 2 + left


def _away_less_log(xp, x, a):
    """u - log(1 + u) for u = (x - a) / a; by its series for small u, where the difference would lose its digits."""
    u = (x - a) / a
    near = xp.minimum(xp.maximum(u, -0.1), 0.1)
    direct = u - xp.where(u < -0.5, xp.log(x / a), xp.log1p(xp.maximum(u, -0.5)))
    return xp.where(u == near, near * near * polynomial(LOG_SERIES, near), direct)


def _density(xp, a, x):
    """x ** a exp(-x) / gamma(a + 1); above a = 10 from Stirling's formula, whose large terms are put together first."""
    few = xp.minimum(a, 10.0)
    small = xp.exp(few * xp.log(x) - x - lgamma(xp, few + 1))
    many = xp.maximum(a, 10.0)
    large = -many * _away_less_log(xp, x, many) - polynomial(STIRLING, 1 / (many * many)) / many
    return xp.where(a <= 10, small, xp.exp(large) / xp.sqrt(2 * math.pi * many))


def _lower_series(xp, a, x):
    """The density times the sum of x ** n / ((a + 1) ... (a + n)); 6.5.29."""
    term = total = xp.ones_like(x + a)
    for n in range(1, MOST_TERMS):
        term = term * x / (a + n)
        total = total + term
        if not (term > total * 1e-17).any():
            break
    return xp.where(x == 0, 0.0, total * _density(xp, a, x))


def _upper_series(xp, a, x):
    """1 - P for small a and x, from the powers of -x in P (6.5.29), with the 1 taken off before digits are lost."""
    term, total = xp.ones_like(x + a), xp.zeros_like(x + a)
    for n in range(1, 40):
        term = term * -x / n
        total = total + term / (a + n)
    log = a * xp.log(x) - lgamma1p(a)
    return -xp.expm1(log) - xp.exp(log) * a * total


def _upper_fraction(xp, a, x):
    """The density times a and a continued fraction (6.5.31), from its start by Lentz's method."""
    b = x + 1 - a
    d = 1 / b
    c = xp.full_like(x, 1e300)
    fraction = d
    for n in range(1, MOST_TERMS):
        numerator = n * (a - n)
        b = b + 2
        d = 1 / (b + numerator * d)
        c = b + numerator / c
        fraction = fraction * c * d
        if not (abs(c * d - 1) > 2e-15).any():  # rounding alone makes it some 1e-15, again and again
            break
    return xp.where(x == math.inf, 0.0, fraction * a * _density(xp, a, x))
