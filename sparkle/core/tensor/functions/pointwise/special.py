"""Error, gamma and Bessel functions; `sparkle.special` has them all."""

from __future__ import annotations

import math
from typing import Any

from ....dtypes import FLOATS
from ....ops.special import special
from ....ops.special.special import Igamma, Igammac, Polygamma, Zeta
from ...base import TensorBase, apply
from ...operands import binary
from ...out import into
from .arithmetic import add, mul
from .elementwise import log, log1p, sigmoid
from .selection import clamp, where
from .unary import check_tensor, not_for, of_floats, to_float

erf = of_floats(special.Erf)
erfc = of_floats(special.Erfc)
erfcx = of_floats(special.Erfcx)
erfinv = of_floats(special.Erfinv)
ndtri = of_floats(special.Ndtri)
lgamma = gammaln = of_floats(special.Lgamma)
digamma = psi = of_floats(special.Digamma)
i0 = of_floats(special.I0)
i0e = of_floats(special.I0e)
i1 = of_floats(special.I1)
i1e = of_floats(special.I1e)
expit = sigmoid


def polygamma(n: int, input: Any, *, out: Any = None) -> Any:
    """The n-th derivative of digamma, n >= 0. RuntimeError for negative n."""
    if out is not None:
        return into(out, polygamma, n, input)
    check_tensor(input, "polygamma")
    if n < 0:
        raise RuntimeError(f"polygamma(n, x): does not support negative n, met {n}")
    return digamma(input) if n == 0 else apply(Polygamma(n), to_float(input))


def polygamma_method(self: Any, n: int) -> Any:
    """The n-th derivative of digamma, n >= 0."""
    return polygamma(n, self)


def mvlgamma(input: Any, p: int, *, out: Any = None) -> Any:
    """The logarithm of the multivariate gamma function of dimension p, for elements above (p - 1) / 2.

    Raises RuntimeError for p < 1.
    """
    if out is not None:
        return into(out, mvlgamma, input, p)
    check_tensor(input, "mvlgamma")
    if p < 1:
        raise RuntimeError(f"mvlgamma: p has to be greater than or equal to 1, met {p}")
    if input.array.dtype.kind == "b":
        raise RuntimeError("mvlgamma: the input may not be a boolean tensor")
    x = to_float(input)
    total = lgamma(x)
    for i in range(1, p):
        total = add(total, lgamma(x - i / 2))
    return total + p * (p - 1) / 4 * math.log(math.pi)


multigammaln = mvlgamma


def igamma(input: Any, other: Any, *, out: Any = None) -> Any:
    """The regularised lower incomplete gamma function P(input, other); differentiable in other."""
    if out is not None:
        return into(out, igamma, input, other)
    return _incomplete(Igamma(), input, other)


def igammac(input: Any, other: Any, *, out: Any = None) -> Any:
    """The regularised upper incomplete gamma function Q(input, other) = 1 - P; differentiable in other."""
    if out is not None:
        return into(out, igammac, input, other)
    return _incomplete(Igammac(), input, other)


gammainc, gammaincc = igamma, igammac


def _incomplete(op: Any, input: Any, other: Any) -> Any:
    for what, x in (("input", input), ("other", other)):
        check_tensor(x, op.label(), what)
        if x.array.dtype.kind not in FLOATS:
            raise not_for(op.label(), x)
    return binary(op, input, other)


def zeta(input: Any, other: Any, *, out: Any = None) -> Any:
    """The Hurwitz zeta function: the sum of (k + other) ** -input over k >= 0; differentiable in other."""
    if out is not None:
        return into(out, zeta, input, other)
    a, b = input, other
    if not isinstance(a, TensorBase):
        check_tensor(b, "zeta", "other")
        a = to_float(b).detach() * 0 + a
    if not isinstance(b, TensorBase):
        b = to_float(a).detach() * 0 + b
    return binary(Zeta(), to_float(a), to_float(b))


def ndtr(input: Any, *, out: Any = None) -> Any:
    """The probability that a standard normal variable is below input."""
    if out is not None:
        return into(out, ndtr, input)
    check_tensor(input, "ndtr")
    return mul(erfc(mul(to_float(input), -math.sqrt(0.5))), 0.5)


def log_ndtr(input: Any, *, out: Any = None) -> Any:
    """log(ndtr(input)), accurate for very negative input."""
    if out is not None:
        return into(out, log_ndtr, input)
    check_tensor(input, "log_ndtr")
    x = to_float(input)
    low, high = clamp(x, None, -1.0), clamp(x, -1.0, None)
    tail = log(erfcx(low * -math.sqrt(0.5)) / 2) - low * low / 2
    return where(x < -1, tail, log1p(erfc(high * math.sqrt(0.5)) / -2))


def entr(input: Any, *, out: Any = None) -> Any:
    """-x log(x), which is 0 at 0 and -inf below, elementwise."""
    if out is not None:
        return into(out, entr, input)
    check_tensor(input, "entr")
    x = to_float(input)
    inside = where(x > 0, x, 1.0)
    return where(x > 0, -x * log(inside), where(x < 0, -math.inf, x))


def xlog1py(input: Any, other: Any, *, out: Any = None) -> Any:
    """input log1p(other), and 0 where input is 0 (but nan where other is nan); one of them may be a number."""
    if out is not None:
        return into(out, xlog1py, input, other)
    tensor = input if isinstance(input, TensorBase) else other
    check_tensor(tensor, "xlog1py")
    a, b = (to_float(x) if isinstance(x, TensorBase) else to_float(tensor).detach() * 0 + x for x in (input, other))
    zero = (a == 0) & (b == b)
    return where(zero, 0.0, a * log1p(where(zero, 0.0, b)))
