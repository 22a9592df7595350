"""LU decomposition with partial pivoting, which NumPy does not offer: by panels of columns, of all matrices at once."""

from __future__ import annotations

import math

from ...autograd.op import CONSTANT, DERIVED, Op, run
from ..reductions.sorting import TakeAlong
from .matrices import array_of, factors, identity, lower, transposed, upper
from .triangular import SolveTriangular

PANEL = 32  # columns eliminated one after another; the columns behind them follow in one product


class Lu(Op):
    """A = P L U for any size: L's part below its unit diagonal and U in one matrix, and the pivots, counted from 1

    Row i was exchanged with row pivots[i] - 1. For square A [de Hoog, Anderssen and Lukas 2011, "Differentiation of
    matrix functionals using triangular factorization"]: gA = P L^-T (tril(L^T gL, -1) + triu(gU U^T)) U^-T.
    For tall A, whose lower rows are L2 = A2 U^-1, and for wide A, whose right columns are U2 = L^-1 A2, the gradients
    of those parts come first, and what they hand on to L and U.
    """

    saves = {"a": 0, "lu": DERIVED, "order": CONSTANT}
    several = True

    def compute(self, xp, a):
        lu, pivots, order = eliminate(xp, a)
        self.order = order.reshape(a.shape[:-1])
        return lu.reshape(a.shape), pivots.reshape((*a.shape[:-2], pivots.shape[-1]))

    def forward(self, xp, a):
        lu, pivots = factors(xp, self, a)
        if self.needs[0]:
            self.a, self.lu = a, lu
        return lu, pivots

    def backward(self, xp, g):
        g, lu = g[0], self.lu
        rows, columns = lu.shape[-2:]
        k = min(rows, columns)
        lt = transposed(xp, lower(xp, lu[..., :k, :k], -1)) + identity(lu[..., :k, :k])
        u = upper(xp, lu[..., :k, :k])
        ut = transposed(xp, u)
        below = over(xp, g[..., k:, :], u) if rows > k else None
        right = run(xp, SolveTriangular(True, True), lt, g[..., k:]) if columns > k else None
        for_l, for_u = lt @ g[..., :k, :k], g[..., :k, :k] @ ut
        if below is not None:
            for_u = for_u - (transposed(xp, lu[..., k:, :]) @ below) @ ut
        if right is not None:
            for_l = for_l - lt @ (right @ transposed(xp, lu[..., k:]))
        both = lower(xp, for_l, -1) + upper(xp, for_u)
        ga = over(xp, run(xp, SolveTriangular(True, True), lt, both), u)
        if below is not None:
            ga = xp.concatenate([ga, below], -2)
        if right is not None:
            ga = xp.concatenate([ga, right], -1)
        return (self.put_back(xp, ga),)

    def put_back(self, xp, ga):
        """The rows in A's order."""
        index = array_of(self.order).argsort(-1)[..., None].repeat(ga.shape[-1], -1)
        return run(xp, TakeAlong(index, ga.ndim - 2), ga)


def over(xp, x, u):
    """X U^-T"""
    return transposed(xp, run(xp, SolveTriangular(True), u, transposed(xp, x)))


def eliminate(xp, a):
    """Factors in one, pivots and the rows' order, for the matrices below one another."""
    rows, columns = a.shape[-2:]
    count, k = math.prod(a.shape[:-2]), min(rows, columns)
    lu = a.reshape(count, rows, columns).copy()
    order = xp.arange(rows) + xp.zeros((count, 1), dtype="int64")
    pivots = xp.zeros((count, k), dtype="int32")
    for start in range(0, k, PANEL):
        stop = min(start + PANEL, k)
        for j in range(start, stop):
            largest = j + abs(lu[:, j:, j]).argmax(-1)
            pivots[:, j] = largest + 1
            for x in (lu, order):
                exchange(xp, x, j, largest)
            clear_column(xp, lu, j, stop)
        if stop < columns:
            panel = lu[:, start:stop]
            solved = SolveTriangular(False, True).forward(xp, panel[..., start:stop], panel[..., stop:])
            panel[..., stop:] = solved
            lu[:, stop:, stop:] -= lu[:, stop:, start:stop] @ solved
    return lu, pivots, order


def exchange(xp, x, j, other):
    """Row j of each matrix exchanged with another one."""
    every = xp.arange(len(x))
    held = x[every, other]
    x[every, other] = x[:, j]
    x[:, j] = held


def clear_column(xp, lu, j, stop):
    """Take row j off the rows below it, in the columns up to stop."""
    pivot = lu[:, j, j, None]
    lu[:, j + 1 :, j] /= xp.where(pivot == 0, 1.0, pivot).astype(lu.dtype)
    lu[:, j + 1 :, j + 1 : stop] -= lu[:, j + 1 :, j, None] * lu[:, j, None, j + 1 : stop]


def zero_pivots(xp, lu):
    """For each matrix the number, from 1, of the first zero on U's diagonal, 0 where there is none."""
    zero = lu.diagonal(0, -2, -1) == 0
    if not zero.shape[-1]:
        return xp.zeros(lu.shape[:-2], dtype="int32")
    return xp.where(zero.any(-1), zero.argmax(-1) + 1, 0).astype("int32")
