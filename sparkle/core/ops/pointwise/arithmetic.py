"""Addition to powers and remainders: the ops behind the operators."""

from __future__ import annotations

from ...autograd.op import RESULT, Op
from ...dtypes import FLOATS


def mismatch(where, a, b):
    """The error for two arrays whose shapes do not broadcast; None where they do."""
    a, b = (tuple(getattr(x, "shape", ())) for x in (a, b))
    for i in range(1, min(len(a), len(b)) + 1):
        if a[-i] != b[-i] and 1 not in (a[-i], b[-i]):
            return RuntimeError(
                f"{where}: a is {a}, b is {b}: the size of tensor a ({a[-i]}) must match the size of tensor b "
                f"({b[-i]}) at non-singleton dimension {max(len(a), len(b)) - i}"
            )
    return None


class Broadcasting(Op):
    """Two inputs that broadcast against each other; a number may stand for either."""

    broadcasts = True

    def explain(self, error, *arrays):
        return mismatch(self.label(), *arrays[:2]) or super().explain(error, *arrays)


class Add(Broadcasting):
    """a + b"""

    def forward(self, xp, a, b):
        return a + b

    def backward(self, xp, g):
        return g if self.needs[0] else None, g if self.needs[1] else None


def no_bool():
    """The error for a difference of bool."""
    return RuntimeError(
        "sub: subtraction, the `-` operator, with a bool tensor is not supported; use `^` or logical_not() instead"
    )


class Sub(Broadcasting):
    """a - b"""

    def forward(self, xp, a, b):
        return a - b

    def backward(self, xp, g):
        return g if self.needs[0] else None, -g if self.needs[1] else None

    def explain(self, error, *arrays):
        return no_bool() if type(error) is TypeError else super().explain(error, *arrays)


class Mul(Broadcasting):
    """a b"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        if self.needs[0]:
            self.b = b
        if self.needs[1]:
            self.a = a
        return a * b

    def backward(self, xp, g):
        return g * self.b if self.needs[0] else None, g * self.a if self.needs[1] else None


class Div(Broadcasting):
    """a / b"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.b = b
        if self.needs[1]:
            self.a = a
        return a / b

    def backward(self, xp, g):
        da = g / self.b
        return da if self.needs[0] else None, -da * (self.a / self.b) if self.needs[1] else None


def whole_power(xp, a, b):
    """a ** b for integers, where b < 0 gives the integer part of 1 / a ** -b; RuntimeError unless shapes broadcast."""
    kind = xp.result_type(a, b)
    a, b = xp.asarray(a, kind), xp.asarray(b, kind)
    inverse = xp.where(a == 1, 1, xp.where(a == -1, 1 - 2 * (b & 1), 0)).astype(kind)
    return xp.where(b < 0, inverse, a ** xp.maximum(b, 0))


class Pow(Broadcasting):
    """a ** b, with a tensor on both sides"""

    saves = {"a": 0, "b": 1, "y": RESULT}

    def name(self):
        return "PowBackward1"

    def forward(self, xp, a, b):
        try:
            y = a**b
        except ValueError:  # what NumPy says of integers to negative powers
            y = whole_power(xp, a, b)
        if self.needs[0]:
            self.a, self.b = a, b
        if self.needs[1]:
            self.a, self.b, self.y = a, b, y
        return y

    def backward(self, xp, g):
        da = db = None
        if self.needs[0]:
            da = xp.where(self.b == 0, 0.0, g * self.b * self.a ** (self.b - 1))
        if self.needs[1]:  # 0 ** b has no slope in b where b > 0
            still = (self.a == 0) & (self.b >= 0)
            db = g * xp.where(still, 0.0, self.y * xp.log(xp.where(still, 1.0, self.a)))
        return da, db


class PowNumber(Op):
    """a ** n for a number n"""

    saves = {"a": 0}

    def __init__(self, n):
        self.n = n

    def forward(self, xp, a):
        if self.needs[0]:
            self.a = a
        return a * a if self.n == 2 else a * a * a if self.n == 3 else a**self.n

    def backward(self, xp, g):
        if self.n == 0:
            return (xp.zeros_like(g),)
        if self.n == 2:
            return (g * (self.a * 2),)
        return (g * (self.n * self.a ** (self.n - 1)),)

    def label(self):
        return "pow"

    def name(self):
        return "PowBackward0"


class NumberPow(Op):
    """n ** b for a number n"""

    saves = {"y": RESULT}

    def __init__(self, n, log):
        self.n, self.log = n, log

    def forward(self, xp, b):
        self.y = y = self.n**b
        return y

    def backward(self, xp, g):
        return (g * self.y * self.log,)

    def label(self):
        return "pow"

    def name(self):
        return "PowBackward2"


class Neg(Op):
    """-a"""

    def forward(self, xp, a):
        return -a

    def backward(self, xp, g):
        return (-g,)

    def explain(self, error, *arrays):  # NumPy refuses bool
        return RuntimeError(
            "neg: negation, the `-` operator, on a bool tensor is not supported; use `~` or logical_not() instead"
        )


class FloorDiv(Broadcasting):
    """a / b rounded down"""

    def forward(self, xp, a, b):
        return a // b

    def backward(self, xp, g):
        return tuple(xp.zeros_like(g) if need else None for need in self.needs[:2])

    def name(self):
        return "DivBackward1"


class TruncDiv(FloorDiv):
    """a / b rounded towards zero"""

    def forward(self, xp, a, b):
        quotient = a // b
        if quotient.dtype.kind in FLOATS:
            return xp.trunc(a / b)
        return quotient + ((quotient < 0) & (quotient * b != a))


def signed_zeros(xp, y, a):
    """y with the sign of a where it is zero."""
    if y.dtype.kind not in FLOATS or y.all():
        return y
    return xp.where(y == 0, xp.copysign(y, a), y)


class Remainder(Broadcasting):
    """a - b floor(a / b), with the sign of b"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        if self.needs[1]:
            self.a, self.b = a, b
        return signed_zeros(xp, a % b, a)

    def backward(self, xp, g):
        return g if self.needs[0] else None, -g * xp.floor(self.a / self.b) if self.needs[1] else None


class Fmod(Broadcasting):
    """a - b trunc(a / b), with the sign of a"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        if self.needs[1]:
            self.a, self.b = a, b
        return xp.fmod(a, b)

    def backward(self, xp, g):
        return g if self.needs[0] else None, -g * xp.trunc(self.a / self.b) if self.needs[1] else None


class Lerp(Broadcasting):
    """a + w (b - a), with the weight w in front"""

    saves = {"w": 0, "a": 1, "b": 2}

    def forward(self, xp, w, a, b):
        self.w = w
        if self.needs[0]:
            self.a, self.b = a, b
        return a + w * (b - a)

    def backward(self, xp, g):
        dw = g * (self.b - self.a) if self.needs[0] else None
        da = g * (1 - self.w) if self.needs[1] else None
        return dw, da, g * self.w if self.needs[2] else None


class LogAddExp(Broadcasting):
    """log(exp(a) + exp(b))"""

    saves = {"a": 0, "b": 1, "y": RESULT}

    def name(self):
        return "LogaddexpBackward0"

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        self.y = y = xp.logaddexp(a, b)
        return y

    def backward(self, xp, g):
        da = g * xp.exp(self.a - self.y) if self.needs[0] else None
        return da, g * xp.exp(self.b - self.y) if self.needs[1] else None


class LogAddExp2(LogAddExp):
    """log2(2 ** a + 2 ** b)"""

    def name(self):
        return "Logaddexp2Backward0"

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        self.y = y = xp.logaddexp2(a, b)
        return y

    def backward(self, xp, g):
        da = g * xp.exp2(self.a - self.y) if self.needs[0] else None
        return da, g * xp.exp2(self.b - self.y) if self.needs[1] else None


class Xlogy(Broadcasting):
    """a log(b), and 0 where a is 0"""

    saves = {"a": 0, "b": 1}

    def forward(self, xp, a, b):
        self.a, self.b = a, b
        return xp.where((a == 0) & (b == b), 0.0, a * xp.log(b))

    def backward(self, xp, g):
        da = xp.where((self.a == 0) & (self.b <= 0), 0.0, g * xp.log(self.b)) if self.needs[0] else None
        return da, g * self.a / self.b if self.needs[1] else None
