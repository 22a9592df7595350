"""Systems of linear equations with a triangular matrix."""

from __future__ import annotations

from ...autograd.op import RESULT, Op, run
from .matrices import lower, stacked_shape, transposed, upper

BLOCK = 32  # rows solved one after another; those before are taken off by one product for all of a block


class SolveTriangular(Op):
    """X = A^-1 B for the triangle of A above or below its diagonal; with `unit` the diagonal counts as ones.

    gB = A^-T g and gA = -gB X^T in the triangle. A zero on the diagonal gives inf or nan, as a division does.
    """

    saves = {"a": 0, "x": RESULT}
    broadcasts = True

    def __init__(self, is_upper, unit=False):
        self.is_upper, self.unit = is_upper, unit

    def forward(self, xp, a, b):
        x = xp.empty((*stacked_shape(a, b), *b.shape[-2:]), dtype=b.dtype)
        x[...] = b
        # A lower triangle is an upper one with rows and columns in reverse.
        self.substitute(a, x) if self.is_upper else self.substitute(a[..., ::-1, ::-1], x[..., ::-1, :])
        self.a, self.x = a, x
        return x

    def substitute(self, a, x):
        """Back substitution in place of x."""
        for stop in range(a.shape[-1], 0, -BLOCK):
            start = max(stop - BLOCK, 0)
            x[..., start:stop, :] -= a[..., start:stop, stop:] @ x[..., stop:, :]
            for i in range(stop - 1, start - 1, -1):
                x[..., i, :] -= (a[..., i : i + 1, i + 1 : stop] @ x[..., i + 1 : stop, :])[..., 0, :]
                if not self.unit:
                    x[..., i, :] /= a[..., i, i, None]

    def backward(self, xp, g):
        gb = run(xp, SolveTriangular(not self.is_upper, self.unit), transposed(xp, self.a), g)
        if not self.needs[0]:
            return None, gb
        ga = -(gb @ transposed(xp, self.x))
        part = upper(xp, ga, int(self.unit)) if self.is_upper else lower(xp, ga, -int(self.unit))
        return part, gb if self.needs[1] else None
