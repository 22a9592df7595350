"""Running sums, products and their like along an axis."""

from __future__ import annotations

import math

from ...autograd.op import RESULT, Op, run


def accumulate(xp, function, x, axis):
    """What numpy.maximum.accumulate and its like do, also for libraries that lack it: by doubling, in log2(n) steps."""
    combine = getattr(xp, function)
    if xp.__name__ == "numpy":
        return combine.accumulate(x, axis=axis)
    y, lead, step = x.copy(), (slice(None),) * axis, 1
    while step < x.shape[axis]:
        early, late = (*lead, slice(None, -step)), (*lead, slice(step, None))
        y[late] = combine(y[late], y[early].copy())
        step *= 2
    return y


class Scan(Op):
    """Along one axis, from its start, or from its end where `backwards`"""

    def __init__(self, axis, backwards=False, dtype=None):
        self.axis, self.backwards, self.dtype = axis, backwards, dtype

    def turned(self, xp, x):
        """x, read in the scan's direction."""
        return xp.flip(x, self.axis) if self.backwards else x


class Cumsum(Scan):
    """The sums of all elements up to each place"""

    def forward(self, xp, x):
        return self.turned(xp, xp.cumsum(self.turned(xp, x), axis=self.axis, dtype=self.dtype))

    def backward(self, xp, g):
        return (run(xp, Cumsum(self.axis, not self.backwards), g),)


class Cumprod(Scan):
    """The products of all elements up to each place"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = xp.cumprod(x, axis=self.axis, dtype=self.dtype)
        return y

    def backward(self, xp, g):
        if not (self.x == 0).any():
            return (run(xp, Cumsum(self.axis, True), g * self.y) / self.x,)
        # y[k] = x[k] y[k-1] is a recurrence, and so is its gradient; this way nothing is divided by x
        r = run(xp, Recurrence(self.axis, True), run(xp, Shift(self.axis, True), self.x), g)
        return (r * run(xp, Shift(self.axis, False, 1.0), self.y),)


class Shift(Op):
    """x moved one place along an axis, to its end or, backwards, to its start; the place left empty gets `fill`"""

    def __init__(self, axis, backwards, fill=0.0):
        self.axis, self.backwards, self.fill = axis, backwards, fill

    def forward(self, xp, x):
        y = xp.full_like(x, self.fill)
        lead = (slice(None),) * self.axis
        early, late = (*lead, slice(None, -1)), (*lead, slice(1, None))
        if self.backwards:
            y[early] = x[late]
        else:
            y[late] = x[early]
        return y

    def backward(self, xp, g):
        return (run(xp, Shift(self.axis, not self.backwards), g),)


class Recurrence(Op):
    """y[k] = b[k] + a[k] y[k-1] along an axis, with y[-1] = 0; or with k+1 for k-1, where `backwards`"""

    saves = {"a": 0, "y": RESULT}

    def __init__(self, axis, backwards=False):
        self.axis, self.backwards = axis, backwards

    def forward(self, xp, a, b):
        self.a = a
        self.y = y = b.copy()
        steps, factors = xp.moveaxis(y, self.axis, 0), xp.moveaxis(a, self.axis, 0)
        if self.backwards:
            steps, factors = steps[::-1], factors[::-1]
        for k in range(1, len(steps)):
            steps[k] += factors[k] * steps[k - 1]
        return y

    def backward(self, xp, g):
        next_a = run(xp, Shift(self.axis, not self.backwards), self.a)
        db = run(xp, Recurrence(self.axis, not self.backwards), next_a, g)
        return db * run(xp, Shift(self.axis, self.backwards), self.y), db


class LogCumsumExp(Scan):
    """log(cumsum(exp(x)))"""

    saves = {"x": 0, "y": RESULT}

    def forward(self, xp, x):
        self.x = x
        self.y = y = self.turned(xp, accumulate(xp, "logaddexp", self.turned(xp, x), self.axis))
        return y

    def backward(self, xp, g):
        # dx[j] = sum over k >= j of g[k] exp(x[j] - y[k]), for positive and negative g apart, so that logarithms exist
        y = xp.where(self.y == -math.inf, 0.0, self.y)
        parts = []
        for h in (g, -g):
            logarithm = xp.where(h > 0, xp.log(xp.where(h > 0, h, 1.0)), -math.inf)
            parts.append(xp.exp(run(xp, LogCumsumExp(self.axis, not self.backwards), logarithm - y) + self.x))
        return (parts[0] - parts[1],)
