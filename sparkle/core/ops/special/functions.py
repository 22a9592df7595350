"""Special functions of arrays, in float64 unless said otherwise: error functions, gamma functions, Bessel functions.

`xp` is the array library. Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (1964): 6.1.41 (Stirling's
series), 6.3.18 (digamma), 23.2 (zeta); tables of their own in special_tables.
"""

from __future__ import annotations

import math

from .tables import ERF_NEAR_0, ERF_SINGLE, ERFCX, I0_LARGE, I0_SMALL, I1_LARGE, I1_SMALL, LGAMMA_NEAR

BLOCK = 16384  # elements that stay in a core's cache while a series is summed
EULER_MACLAURIN = tuple(
    b / math.factorial(2 * k + 2)
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510))
)
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)
DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160)


def in_blocks(function):
    """The function of one array, computed a block at a time."""

    def whole(xp, x):
        if x.size <= BLOCK:
            return function(xp, x)
        flat, out = x.reshape(-1), xp.empty(x.size, dtype=x.dtype)
        for start in range(0, x.size, BLOCK):
            out[start : start + BLOCK] = function(xp, flat[start : start + BLOCK])
        return out.reshape(x.shape)

    return whole


def in_double(function):
    """The function of one array, computed in float64, a block at a time, and rounded to the input's type."""
    return in_blocks(lambda xp, x: function(xp, x.astype("float64")).astype(x.dtype))


def chebyshev(coefficients, t):
    """The sum of c[k] T_k(t), by Clenshaw's recurrence."""
    twice = t + t
    b, before = t * 0, t * 0
    for c in coefficients[:0:-1]:
        before -= c
        b, before = twice * b - before, b
    return t * b - before + coefficients[0]


def polynomial(coefficients, x):
    """The sum of c[k] x ** k."""
    y = x * 0 + coefficients[-1]
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


# Error functions.


def _scaled_erfc(x):
    """exp(x ** 2) erfc(x) for x >= 0."""
    return chebyshev(ERFCX, (x - 3) / (x + 3)) / (x + 3)


def _erf_near_0(x):
    """erf(x) for |x| <= 1."""
    return x * chebyshev(ERF_NEAR_0, 2 * x * x - 1)


@in_double
def _erf(xp, x):
    a = xp.minimum(abs(x), 10.0)
    tail = 1 - xp.exp(-a * a) * _scaled_erfc(xp.maximum(a, 1.0))
    return xp.where(a < 1, _erf_near_0(xp.minimum(xp.maximum(x, -1.0), 1.0)), xp.copysign(tail, x))


@in_blocks
def _erf_single(xp, x):
    x = x.clip(-3.92, 3.92)
    square = x * x
    return x * (polynomial(ERF_SINGLE[0], square) / polynomial(ERF_SINGLE[1], square))


def erf(xp, x):
    """2 / sqrt(pi) times the integral of exp(-t ** 2) over 0..x; in float32 for float32."""
    return _erf(xp, x) if x.dtype.itemsize > 4 else _erf_single(xp, x)


@in_double
def erfc(xp, x):
    """1 - erf(x), accurate for large x."""
    a = xp.minimum(abs(x), 30.0)
    tail = xp.exp(-a * a) * _scaled_erfc(xp.maximum(a, 0.5))
    tail = xp.where(x < 0, 2 - tail, tail)
    return xp.where(a < 0.5, 1 - _erf_near_0(xp.minimum(xp.maximum(x, -1.0), 1.0)), tail)


@in_double
def erfcx(xp, x):
    """exp(x ** 2) erfc(x), accurate for large x."""
    a = xp.minimum(abs(x), 1e307)
    positive = _scaled_erfc(a)
    return xp.where(x < 0, 2 * xp.exp(x * x) - positive, xp.where(abs(x) == math.inf, 0.0, positive))


def _inverse(xp, a, rest):
    """The y >= 0 with erf(y) = a, erfc(y) = rest = 1 - a: Winitzki's approximation (2008), then Halley's iterations."""
    log_rest = xp.log(rest)
    w = (log_rest + xp.log1p(a)) / 2
    shift = 2 / (math.pi * 0.147) + w
    y = xp.sqrt(xp.sqrt(shift * shift - 2 * w / 0.147) - shift)
    y = xp.where(rest > 0, y, 0.0)
    for _ in range(3):
        above = xp.exp(y * y + log_rest) - _scaled_erfc(y)  # (erf(y) - a) exp(y ** 2), from the tails
        near = (_erf_near_0(xp.minimum(y, 1.0)) - a) * xp.exp(xp.minimum(y * y, 1.0))
        step = xp.where(a < 0.5, near, above) * (math.sqrt(math.pi) / 2)
        y = y - step / (1 + y * step)
    return xp.where(rest > 0, y, xp.where(rest == 0, math.inf, math.nan))


@in_double
def erfinv(xp, x):
    """The y with erf(y) = x."""
    a = abs(x)
    return xp.copysign(_inverse(xp, a, 1 - a), x)


@in_double
def ndtri(xp, p):
    """The x below which a standard normal variable falls with probability p."""
    rest = 2 * xp.minimum(p, 1 - p)
    return math.sqrt(2) * xp.copysign(_inverse(xp, 1 - rest, rest), p - 0.5)


# Gamma functions.


def _shifted(xp, x, least, gather, start):
    """x moved up by ones to at least `least`, and what `gather(total, x)` collects on the way, begun with start."""
    total = start
    while True:
        low = x < least
        if not low.any():
            return x, total
        total = xp.where(low, gather(total, x), total)
        x = xp.where(low, x + 1, x)


@in_double
def lgamma(xp, x):
    """log |gamma(x)|: Stirling's series above 8, the recurrence down to 3, a table to 1, the reflection below 1/2."""
    a = xp.where(x < 0.5, 1 - x, x)
    z, product = _shifted(xp, a, 8.0, lambda p, z: p * z, xp.ones_like(a))
    series = polynomial(STIRLING, 1 / (z * z)) / z
    y = (z - 0.5) * xp.log(z) - z + 0.5 * math.log(2 * math.pi) + series - xp.log(product)
    near = xp.minimum(xp.maximum(a, 1.0), 3.0)  # where the sum above vanishes, at 1 and 2, its digits would be lost
    y = xp.where(a == near, (near - 1) * (near - 2) * chebyshev(LGAMMA_NEAR, near - 2), y)
    y = xp.where(a == math.inf, math.inf, y)
    reflected = math.log(math.pi) - xp.log(abs(xp.sin(math.pi * (x - xp.rint(x))))) - y
    return xp.where(x < 0.5, xp.where((x == xp.floor(x)) | (x == -math.inf), math.inf, reflected), y)


def lgamma1p(a):
    """log gamma(1 + a) for a in 0..2, without losing the digits of a small a."""
    return a * (a - 1) * chebyshev(LGAMMA_NEAR, a - 1)


@in_double
def digamma(xp, x):
    """The derivative of lgamma: its asymptotic series above 8, the recurrence down to 0, the reflection below."""
    a = xp.where(x < 0, 1 - x, x)
    z, total = _shifted(xp, xp.where(a == 0, 1.0, a), 8.0, lambda s, z: s + 1 / z, xp.zeros_like(a))
    square = 1 / (z * z)
    y = xp.log(z) - 0.5 / z - polynomial(DIGAMMA, square) * square - total
    y = xp.where(x == 0, xp.copysign(math.inf, -x), y)
    part = x - xp.rint(x)
    return xp.where(x < 0, xp.where(part == 0, math.nan, y - math.pi / xp.tan(math.pi * part)), y)


def zeta(xp, s, q):
    """The sum of (k + q) ** -s over k >= 0, by Euler and Maclaurin's formula from q = s + 10 on; nan for s < 1."""
    q = xp.where(q > -1e4, q, math.nan)
    z, total = q + 0 * s, xp.zeros_like(q + s)
    rest = xp.ones_like(total, dtype=bool)  # is there more to add? The powers fall fast where s is large
    while True:
        low = rest & (z < s + 10) & (z < 1e4)
        if not low.any():
            break
        power = z**-s
        total = xp.where(low, total + power, total)
        rest = rest & ~(low & (z > 0) & (power <= 1e-17 * abs(total)))
        z = xp.where(low, z + 1, z)
    total = xp.where(rest, total + _euler_maclaurin(s, z), total)
    pole = (q <= 0) & (q == xp.floor(q))
    total = xp.where(s > 1, xp.where(pole, math.inf, total), xp.where(s == 1, math.inf, math.nan))
    return xp.where(s == math.inf, xp.where(q > 1, 0.0, xp.where(q == 1, 1.0, xp.where(q < 1, math.inf, q))), total)


def _euler_maclaurin(s, z):
    """The sum of (k + z) ** -s over k >= 0 for z large against s."""
    power = z**-s
    total = z ** (1 - s) / (s - 1) + power / 2
    factor = s
    for k, coefficient in enumerate(EULER_MACLAURIN):
        power = power / z
        total = total + coefficient * factor * power
        power = power / z
        factor = factor * (s + 2 * k + 1) * (s + 2 * k + 2)
    return total


def polygamma(n):
    """The n-th derivative of digamma, n >= 1, as a function of (xp, x)."""
    sign, mirrored = (-1.0) ** (n + 1) * math.factorial(n), (-1.0) ** (n + 1)

    def by_zeta(xp, x):
        above = zeta(xp, n + 1.0, xp.where(x < 0, 1.0, x))
        if not (x < 0).any():
            return sign * above
        part = xp.where(x < 0, x - xp.floor(x), 0.5)  # the sum over all integers depends on the fraction only
        both = zeta(xp, n + 1.0, part) + mirrored * zeta(xp, n + 1.0, 1 - part)
        return sign * xp.where(x < 0, both - mirrored * zeta(xp, n + 1.0, 1 - xp.minimum(x, 0.0)), above)

    return in_double(by_zeta)


# Modified Bessel functions of the first kind, scaled by exp(-|x|).


@in_double
def i0e(xp, x):
    """exp(-|x|) I0(x)"""
    a = abs(x)
    large = xp.maximum(a, 8.0)
    small = chebyshev(I0_SMALL, xp.minimum(a, 8.0) / 4 - 1)
    return xp.where(a <= 8, small, chebyshev(I0_LARGE, 16 / large - 1) / xp.sqrt(large))


@in_double
def i1e(xp, x):
    """exp(-|x|) I1(x)"""
    a = abs(x)
    large = xp.maximum(a, 8.0)
    small = chebyshev(I1_SMALL, xp.minimum(a, 8.0) / 4 - 1) * a
    y = xp.where(a <= 8, small, chebyshev(I1_LARGE, 16 / large - 1) / xp.sqrt(large))
    return xp.where(x < 0, -y, y)


@in_double
def i0(xp, x):
    """I0(x)"""
    return i0e(xp, x) * xp.exp(abs(x))


@in_double
def i1(xp, x):
    """I1(x)"""
    return i1e(xp, x) * xp.exp(abs(x))
