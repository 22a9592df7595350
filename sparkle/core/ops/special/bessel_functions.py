"""Bessel functions of the first and second kind, modified ones of the second kind, and Airy's, on arrays, in float64.

Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (1964): 9.2 (large arguments), 9.1.13 and 9.6.13 (the
logarithms that are split off near zero), 10.4.60 (Airy); the tables are Chebyshev series of what remains.
"""

from __future__ import annotations

import math

from . import bessel_tables as tables
from .functions import chebyshev, i0e, i1e, in_double, polynomial

ROOT_HALF = math.sqrt(0.5)
SINC_SERIES = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(9))


def _small(table, x):
    """A series in x ** 2 on 0..8."""
    return chebyshev(table, x * x / 32 - 1)


def _large(xp, order, x):
    """J and Y of order 0 or 1 for x >= 8, from sin x and cos x, so that no digit of x is lost in x - pi / 4."""
    sine, cosine = xp.sin(x), xp.cos(x)
    up, down = (sine + cosine) * ROOT_HALF, (sine - cosine) * ROOT_HALF
    c, s = (up, down) if order == 0 else (down, -up)
    t = 128 / (x * x) - 1
    p = chebyshev(tables.P1 if order else tables.P0, t)
    q = chebyshev(tables.Q1 if order else tables.Q0, t) / x
    scale = xp.sqrt(2 / (math.pi * x))
    return scale * (p * c - q * s), scale * (p * s + q * c)


@in_double
def j0(xp, x):
    """J0(x)"""
    a = abs(x)
    return xp.where(a < 8, _small(tables.J0_SMALL, xp.minimum(a, 8.0)), _large(xp, 0, xp.maximum(a, 8.0))[0])


@in_double
def j1(xp, x):
    """J1(x)"""
    a = abs(x)
    near = xp.minimum(a, 8.0)
    y = xp.where(a < 8, near * _small(tables.J1_SMALL, near), _large(xp, 1, xp.maximum(a, 8.0))[0])
    return xp.copysign(1.0, x) * y


@in_double
def y0(xp, x):
    """Y0(x); -inf at 0, nan below"""
    near = xp.minimum(xp.maximum(x, 0.0), 8.0)
    small = 2 / math.pi * xp.log(near) * _small(tables.J0_SMALL, near) + _small(tables.Y0_SMALL, near)
    y = xp.where(x < 8, small, _large(xp, 0, xp.maximum(x, 8.0))[1])
    return xp.where(x < 0, math.nan, y)


@in_double
def y1(xp, x):
    """Y1(x); -inf at 0, nan below"""
    near = xp.minimum(xp.maximum(x, 0.0), 8.0)
    part = xp.where(near > 0, xp.log(near), 0.0) * near * _small(tables.J1_SMALL, near) - 1 / abs(near)
    small = 2 / math.pi * part + near * _small(tables.Y1_SMALL, near)
    y = xp.where(x < 8, small, _large(xp, 1, xp.maximum(x, 8.0))[1])
    return xp.where(x < 0, math.nan, y)


@in_double
def k0e(xp, x):
    """exp(x) K0(x); inf at 0, nan below"""
    near, far = xp.minimum(xp.maximum(x, 0.0), 2.0), xp.maximum(x, 2.0)
    grown = xp.exp(near)
    small = chebyshev(tables.K0_SMALL, near * near / 2 - 1) - xp.log(near / 2) * (i0e(xp, near) * grown)
    y = xp.where(x < 2, small * grown, chebyshev(tables.K0_LARGE, 4 / far - 1) / xp.sqrt(far))
    return xp.where(x < 0, math.nan, y)


@in_double
def k1e(xp, x):
    """exp(x) K1(x); inf at 0, nan below"""
    near, far = xp.minimum(xp.maximum(x, 0.0), 2.0), xp.maximum(x, 2.0)
    grown = xp.exp(near)
    log = xp.where(near > 0, xp.log(near / 2), 0.0) * (i1e(xp, near) * grown)
    small = near * chebyshev(tables.K1_SMALL, near * near / 2 - 1) + log + 1 / abs(near)
    y = xp.where(x < 2, small * grown, chebyshev(tables.K1_LARGE, 4 / far - 1) / xp.sqrt(far))
    return xp.where(x < 0, math.nan, y)


@in_double
def k0(xp, x):
    """K0(x)"""
    return k0e(xp, x) * xp.exp(-x)


@in_double
def k1(xp, x):
    """K1(x)"""
    return k1e(xp, x) * xp.exp(-x)


@in_double
def spherical_j0(xp, x):
    """sin(x) / x, which is 1 at 0 and 0 at infinity"""
    far = xp.where(abs(x) < 0.5, 1.0, x)
    y = xp.where(abs(x) < 0.5, polynomial(SINC_SERIES, xp.where(abs(x) < 0.5, x, 0.0) ** 2), xp.sin(far) / far)
    return xp.where(abs(x) == math.inf, 0.0, y)


@in_double
def airy(xp, x):
    """Ai(x)"""
    middle = chebyshev(tables.AIRY_MIDDLE, (xp.minimum(xp.maximum(x, -4.0), 2.0) + 1) / 3)
    z, root = _airy_scale(xp, xp.maximum(x, 2.0))
    right = chebyshev(tables.AIRY_LARGE, 8 / 3 * math.sqrt(2) / z - 1) * xp.exp(-z) / (2 * root)
    z, root = _airy_scale(xp, xp.maximum(-x, 4.0))
    t = 2 * (16 / 3 / z) ** 2 - 1
    sine, cosine = xp.sin(z), xp.cos(z)
    left = chebyshev(tables.AIRY_COS, t) * (cosine + sine) + chebyshev(tables.AIRY_SIN, t) / z * (sine - cosine)
    y = xp.where(x > 2, right, xp.where(x < -4, left * ROOT_HALF / root, middle))
    return xp.where(abs(x) == math.inf, math.nan, y)


def _airy_scale(xp, x):
    """2 / 3 x ** (3 / 2) and sqrt(pi) x ** (1 / 4)."""
    root = xp.sqrt(x)
    return 2 / 3 * x * root, math.sqrt(math.pi) * xp.sqrt(root)
