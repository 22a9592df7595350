"""The matrix exponential."""

from __future__ import annotations

from ...autograd.op import Op, run
from .matrices import identity, transposed

# Numerators of the diagonal Pade approximant of degree 13, and the 1-norm up to which it is exact to double precision.
PADE = (
    *(64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600),
    *(670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1),
)
REACH = 5.371920351148152


class MatrixExp(Op):
    """exp(A) = 1 + A + A^2 / 2 + ..., by scaling and squaring [Higham 2005, "The scaling and squaring method"]

    gA is the upper right block of exp((A^T, g), (0, A^T)) [Mathias 1996].
    """

    saves = {"a": 0}

    def forward(self, xp, a):
        if self.needs[0]:
            self.a = a
        if not a.size:
            return a.copy()
        norm = abs(a).sum(-2).max(-1)
        usable = xp.where(xp.isfinite(norm) & (norm > REACH), norm, REACH)
        squarings = xp.ceil(xp.log2(usable / REACH)).astype("int32")[..., None, None]
        y = approximant(xp, a * (0.5**squarings).astype(a.dtype))
        for i in range(int(squarings.max())):
            y = xp.where(squarings > i, y @ y, y)
        return y

    def backward(self, xp, g):
        at, n = transposed(xp, self.a), g.shape[-1]
        top = xp.concatenate([at, g], -1)
        bottom = xp.concatenate([xp.zeros_like(at), at], -1)
        return (run(xp, MatrixExp(), xp.concatenate([top, bottom], -2))[..., :n, n:],)

    def name(self):
        return "LinalgMatrixExpBackward0"


def approximant(xp, a):
    """The diagonal Pade approximant: q(-A)^-1 q(A), with the even and the odd terms of q apart."""
    one = identity(a)
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    c = [float(x) for x in PADE]
    odd = a @ (a6 @ (c[13] * a6 + c[11] * a4 + c[9] * a2) + c[7] * a6 + c[5] * a4 + c[3] * a2 + c[1] * one)
    even = a6 @ (c[12] * a6 + c[10] * a4 + c[8] * a2) + c[6] * a6 + c[4] * a4 + c[2] * a2 + c[0] * one
    return xp.linalg.solve(even - odd, even + odd)
