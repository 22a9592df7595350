"""Gamma and Dirichlet samples that are differentiable in their concentration.

A sample x follows its concentration a along F(x; a) = constant, so dx/da = -(dF/da) / (dF/dx): implicit
reparameterisation (Figurnov, Mohamed and Mnih 2018). F over its density is a series or a continued fraction C(a); its
derivative is the imaginary part of C(a + ih) / h, which cancels nothing (Squire and Trapp 1998). All in float64.
"""

from __future__ import annotations

from ...autograd.op import RESULT, Op, run
from ..pointwise.arithmetic import Broadcasting
from ..special.functions import digamma

STEP = 1e-150  # of the complex step; its square is 0 beside anything
LARGE = 500.0  # concentrations from which on the expansion in 1 / sqrt(a) is exact to eight digits
ENOUGH = 1e-13  # relative accuracy at which a series or fraction ends
MOST = 10_000  # terms of a series or fraction, far more than it takes


class StandardGamma(Op):
    """draw(a): a number with density x ** (a - 1) exp(-x) / gamma(a)"""

    saves = {"a": 0, "x": RESULT}

    def __init__(self, draw):
        self.draw = draw

    def forward(self, xp, a):
        self.a = a
        self.x = x = self.draw(a)
        return x

    def backward(self, xp, g):
        return (g * run(xp, StandardGammaGrad(), self.a, self.x),)


class StandardGammaGrad(Broadcasting):
    """dx/da of a gamma variable x of concentration a"""

    def forward(self, xp, a, x):
        return _in_double(xp, gamma_slope, a, x).astype(x.dtype)


class SampleDirichlet(Op):
    """draw(a): positive numbers that sum to 1 over the last axis, with density in proportion to prod(x ** (a - 1))"""

    saves = {"a": 0, "x": RESULT}

    def __init__(self, draw):
        self.draw = draw

    def forward(self, xp, a):
        self.a = a
        self.x = x = self.draw(a)
        return x

    def backward(self, xp, g):
        total = self.a * 0 + xp.sum(self.a, axis=-1, keepdims=True)
        slope = run(xp, DirichletGrad(), self.x, self.a, total)
        return (slope * (g - xp.sum(self.x * g, axis=-1, keepdims=True)),)


class DirichletGrad(Broadcasting):
    """dx/da / (1 - x) of a beta variable x of concentrations a and total - a, the second held"""

    def forward(self, xp, x, a, total):
        return _in_double(xp, beta_slope, x, a, total - a).astype(x.dtype)


def _in_double(xp, slope, *arrays):
    """slope of the arrays as float64, made equally long and flat."""
    whole = xp.broadcast_arrays(*[a.astype("float64") for a in arrays])
    return slope(xp, *[xp.ascontiguousarray(a).reshape(-1) for a in whole]).reshape(whole[0].shape)


def _by_case(xp, cases, *arrays):
    """For each (mask, f): f of the arrays' elements where the mask is true. The masks share no element."""
    out = xp.full(arrays[0].shape, float("nan"))
    for mask, f in cases:
        if mask.any():
            out[mask] = f(xp, *[a[mask] for a in arrays])
    return out


def gamma_slope(xp, a, x):
    """dx/da of a gamma variable x of concentration a."""
    x = xp.maximum(x, 1e-300)
    large = a > LARGE
    low = x <= a + 7 * xp.sqrt(a) + 15  # above, 1 - F is so small that the series of F loses half the digits
    cases = [(large, _gamma_large), (~large & low, _gamma_low), (~large & ~low, _gamma_high)]
    return _by_case(xp, cases, a, x)


def _gamma_low(xp, a, x):
    """From F = x f / a times the sum of x ** n / ((a + 1) ... (a + n)); Abramowitz and Stegun 6.5.29."""
    term, total = xp.ones_like(a), xp.ones_like(a)
    harmonic, slope = xp.zeros_like(a), xp.zeros_like(a)  # the derivatives of -log(term), of -total
    for n in range(1, MOST):
        inverse = 1 / (a + n)
        term *= x * inverse
        harmonic += inverse
        total += term
        slope += term * harmonic
        if n % 8 == 0 and not (term > total * ENOUGH).any():
            break
    return x / a * (slope - (xp.log(x) - digamma(xp, a + 1)) * total)


def _gamma_high(xp, a, x):
    """From 1 - F = x f times a continued fraction; 6.5.31."""
    z = a + STEP * 1j

    def numerators(n):
        return n * (z - n)

    fraction = 1 / _lentz(xp, x + 1 - z, numerators, lambda n: x + 2 * n + 1 - z)
    return x * ((xp.log(x) - digamma(xp, a)) * fraction.real + fraction.imag / STEP)


def _gamma_large(xp, a, x):
    """From x = a + z sqrt(a) + ..., the quantile's expansion for a normal z (Cornish and Fisher 1938)."""
    root = xp.sqrt(a)
    z = 3 * root * (xp.cbrt(x / a) - 1 + 1 / (9 * a))  # Wilson and Hilferty
    for _ in range(4):
        value, slope, _ = _quantile(a, root, z)
        z = z - (value - x) / slope
    return _quantile(a, root, z)[2]


def _quantile(a, root, z):
    """The expansion, its derivative in z, its derivative in a."""
    c1, c2, c3 = (z * z - 7) * z / 36, ((3 * z * z + 7) * z * z - 16) / 810, ((9 * z * z + 256) * z * z - 433) * z
    d1, d2, d3 = (3 * z * z - 7) / 36, (12 * z * z + 14) * z / 810, (45 * z * z + 768) * z * z - 433
    c3, d3 = c3 / 38880, d3 / 38880
    value = a + z * root + (z * z - 1) / 3 + c1 / root - c2 / a + c3 / (a * root)
    in_z = root + 2 * z / 3 + d1 / root - d2 / a + d3 / (a * root)
    in_a = 1 + z / (2 * root) - c1 / (2 * a * root) + c2 / (a * a) - 1.5 * c3 / (a * a * root)
    return value, in_z, in_a


def beta_slope(xp, x, a, b):
    """dx/da / (1 - x) of a beta variable x of concentrations a and b.

    From F = x (1 - x) f / a times a continued fraction (26.5.8), or from 1 - F, which is F at 1 - x with a and b
    exchanged, whichever is the smaller.
    """
    x = xp.maximum(x, 1e-300)
    low = x * (a + b + 2) <= a + 1
    z, own = a + STEP * 1j, xp.where(low, a, b)
    fraction = 1 / _beta_fraction(xp, xp.where(low, z, b), xp.where(low, b, z), xp.where(low, x, 1 - x))
    log = xp.log(x) - digamma(xp, a) + digamma(xp, a + b) - xp.where(low, 1 / a, 0.0)
    slope = x / own * (log * fraction.real + fraction.imag / STEP)
    return xp.where(low, -slope, slope)


def _beta_fraction(xp, a, b, x):
    """1 + d1 / (1 + d2 / (1 + ...)), the denominator of 26.5.8."""

    def numerators(n):
        m = n // 2
        if n % 2:
            return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))

    return _lentz(xp, xp.ones_like(a + b), numerators, lambda n: 1.0)


def _lentz(xp, start, numerators, denominators):
    """start + n1 / (d1 + n2 / (d2 + ...)), from its beginning (Lentz 1976)."""
    fraction = c = start
    d = start * 0
    for n in range(1, MOST):
        numerator, denominator = numerators(n), denominators(n)
        d = 1 / (denominator + numerator * d)
        c = denominator + numerator / c
        change = c * d
        fraction = fraction * change
        if n % 4 == 0 and not ((abs(change.real - 1) > ENOUGH) | (abs(change.imag) > STEP * ENOUGH)).any():
            break
    return fraction
