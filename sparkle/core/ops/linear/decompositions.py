"""Decompositions: Cholesky, symmetric eigenvalues, singular values, QR. Rules as in Giles (2008), "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation", and where others are named.
"""

from __future__ import annotations

from ...autograd.op import DERIVED, RESULT, Op, run
from ...backend import FACTORIZATION_FAILED
from .matrices import (
    LinAlgError,
    each,
    element,
    factors,
    fails,
    first_failing,
    guarded,
    identity,
    lower,
    places,
    transposed,
)
from .triangular import SolveTriangular


class Cholesky(Op):
    """L L^T = A, from A's lower triangle; or U^T U = A from the upper one [Murray 2016, arXiv:1602.07527]

    gA is the symmetric part of L^-T phi(L^T gL) L^-1, phi: the lower triangle with half the diagonal.
    lenient: nan for matrices that are not positive-definite, where else LinAlgError is raised.
    """

    saves = {"y": RESULT}

    def __init__(self, is_upper=False, lenient=False):
        self.is_upper, self.lenient = is_upper, lenient

    def forward(self, xp, a):
        a = transposed(xp, a) if self.is_upper else a
        factor = positive_definite(xp)
        y = guarded(xp, factor, (lambda xp, a: each(xp, factor, a)) if self.lenient else refuse_indefinite, a)
        self.y = y = transposed(xp, y) if self.is_upper else y
        return y

    def backward(self, xp, g):
        y = self.y
        if self.is_upper:
            y, g = transposed(xp, y), transposed(xp, g)
        yt = transposed(xp, y)
        solve = SolveTriangular(True)
        half = lower(xp, yt @ g) * (1 - identity(y) / 2)
        half = run(xp, solve, yt, transposed(xp, run(xp, solve.again(), yt, half)))
        return ((half + transposed(xp, half)) / 2,)


def positive_definite(xp):
    """xp.linalg.cholesky that fails also on nan."""

    def factor(a):
        y = xp.linalg.cholesky(a)
        if xp.isnan(y.diagonal(0, -2, -1)).any():
            raise FACTORIZATION_FAILED
        return y

    return factor


def refuse_indefinite(xp, a):
    """LinAlgError that names the first matrix which is not positive-definite."""
    number, matrix = first_failing(xp, positive_definite(xp), a)
    raise LinAlgError(
        f"linalg.cholesky: {element(a, number)}The factorization could not be completed because the input is not "
        f"positive-definite (the leading minor of order {failing_order(xp, matrix)} is not positive-definite)."
    )


def failing_order(xp, matrix):
    """The order of the smallest leading minor that is not positive-definite, 0 where all are."""
    factor = positive_definite(xp)
    if not fails(xp, factor, matrix):
        return 0
    good, bad = 0, matrix.shape[-1]
    while bad - good > 1:
        middle = (good + bad) // 2
        if fails(xp, factor, matrix[:middle, :middle]):
            bad = middle
        else:
            good = middle
    return bad


def cholesky_info(xp, a):
    """`failing_order` of each matrix of a stack."""
    info = xp.zeros(a.shape[:-2], dtype="int32")
    if fails(xp, positive_definite(xp), a):
        for place in places(a):
            info[place] = failing_order(xp, a[place])
    return info


class Eigh(Op):
    """A = V diag(w) V^T of a symmetric matrix, read from one triangle; w ascending

    gA = V (diag(gw) + (V^T gV) / (w_j - w_i)) V^T, without the quotient's diagonal. Equal w make it inf or nan.
    Without vectors these are computed for a gradient only.
    """

    saves = {"a": 0, "w": DERIVED, "v": DERIVED}
    several = True

    def __init__(self, triangle="L", vectors=True):
        self.triangle, self.vectors = triangle, vectors

    def compute(self, xp, a):
        if not self.vectors and not self.needs[0]:
            w = guarded(xp, lambda a: xp.linalg.eigvalsh(a, self.triangle), refuse_eigh, a)
            return w, xp.empty(0, dtype=a.dtype)
        return tuple(guarded(xp, lambda a: xp.linalg.eigh(a, self.triangle), refuse_eigh, a))

    def forward(self, xp, a):
        w, v = factors(xp, self, a)
        if self.needs[0]:
            self.a, self.w, self.v = a, w, v
        return w, v

    def backward(self, xp, g):
        (gw, gv), w, v = g, self.w, self.v
        vt = transposed(xp, v)
        ga = None if gw is None else v * gw[..., None, :]
        if gv is not None:
            same = identity(v)
            turn = v @ ((vt @ gv) * (1 - same) / (w[..., None, :] - w[..., :, None] + same))
            ga = turn if ga is None else ga + turn
        return (ga @ vt,)


def refuse_eigh(xp, a):
    """LinAlgError that names the first matrix on which the iteration fails."""
    number = first_failing(xp, xp.linalg.eigh, a)[0]
    raise LinAlgError(f"linalg.eigh: {element(a, number)}The algorithm failed to converge.")


class Svd(Op):
    """A = U diag(s) V^T, s descending; full: U and V square [Townsend 2016, "Differentiating the Singular Value
    Decomposition"]

    With E_ij = s_j^2 - s_i^2 and skew(X) = X - X^T:
    gA = U (diag(gs) + skew(U^T gU) / E diag(s) + diag(s) skew(V^T gV) / E) V^T
         + (1 - U U^T) gU diag(1 / s) V^T + U diag(1 / s) gV^T (1 - V V^T).
    Equal s make it inf or nan. The further columns of full U and V are any basis, so that they have no gradient.
    Without vectors these are computed for a gradient only.
    """

    saves = {"a": 0, "u": DERIVED, "s": DERIVED, "vt": DERIVED}
    several = True

    def __init__(self, full, vectors=True):
        self.full, self.vectors = full, vectors

    def compute(self, xp, a):
        if not self.vectors and not self.needs[0]:
            nothing = xp.empty(0, dtype=a.dtype)
            return nothing, guarded(xp, lambda a: xp.linalg.svd(a, compute_uv=False), refuse_svd, a), nothing
        return tuple(guarded(xp, lambda a: xp.linalg.svd(a, full_matrices=self.full), refuse_svd, a))

    def forward(self, xp, a):
        u, s, vt = factors(xp, self, a)
        if self.needs[0]:
            self.a, self.u, self.s, self.vt = a, u, s, vt
        return u, s, vt

    def backward(self, xp, g):
        gu, gs, gvt = g
        k = self.s.shape[-1]
        u, s, vt = self.u[..., :k], self.s, self.vt[..., :k, :]
        row, column = s[..., None, :], s[..., :, None]
        gaps = (row - column) * (row + column) + identity(s)
        terms = [] if gs is None else [(u * gs[..., None, :]) @ vt]
        if gu is not None:
            gu = gu[..., :k]
            within = transposed(xp, u) @ gu
            terms.append((u @ ((within - transposed(xp, within)) / gaps * row)) @ vt)
            if u.shape[-2] > k:
                scaled = gu / row
                terms.append((scaled - u @ (transposed(xp, u) @ scaled)) @ vt)
        if gvt is not None:
            gvt = gvt[..., :k, :]
            within = vt @ transposed(xp, gvt)
            terms.append(u @ (column * ((within - transposed(xp, within)) / gaps) @ vt))
            if vt.shape[-1] > k:
                scaled = gvt / column
                terms.append(u @ (scaled - (scaled @ transposed(xp, vt)) @ vt))
        return (sum(terms[1:], terms[0]),)


def refuse_svd(xp, a):
    """LinAlgError that names the first matrix on which the iteration fails."""
    number, matrix = first_failing(xp, xp.linalg.svd, a)
    finite = bool(xp.isfinite(matrix).all())
    why = "" if finite else " because the input matrix contained non-finite values"
    raise LinAlgError(f"linalg.svd: {element(a, number)}The algorithm failed to converge{why}.")


class Qr(Op):
    """A = Q R with orthonormal Q and upper triangular R [Seeger et al. 2017, arXiv:1710.08717; for wide A Roberts and
    Roberts 2020, arXiv:2009.10071]

    With M = R gR^T - gQ^T Q and its lower triangle mirrored, sym(M): gA = (gQ + Q sym(M)) R^-T. For A = (X Y) with
    square X: X's by that rule with gQ + Y gV^T in place of gQ, where gR = (gU gV), and Y's = Q gV.
    """

    saves = {"a": 0, "q": DERIVED, "r": DERIVED}
    several = True

    def __init__(self, mode):
        self.mode = mode

    def compute(self, xp, a):
        if self.mode == "r":
            return xp.empty(0, dtype=a.dtype), xp.linalg.qr(a, "r")
        return tuple(xp.linalg.qr(a, self.mode))

    def forward(self, xp, a):
        q, r = factors(xp, self, a)
        if self.needs[0]:
            self.a, self.q, self.r = a, q, r
        return q, r

    def backward(self, xp, g):
        gq, gr = g
        rows, columns = self.a.shape[-2:]
        self.check_differentiable(rows, columns)
        gy = None
        if columns > rows and gr is not None:
            gy, gr = gr[..., rows:], gr[..., :rows]
            more = self.a[..., rows:] @ transposed(xp, gy)
            gq, gy = more if gq is None else gq + more, self.q @ gy
        gx = self.square(xp, gq, gr, self.q, self.r[..., : min(rows, columns)])
        if columns > rows:
            gy = xp.zeros_like(self.a[..., rows:]) if gy is None else gy
            return (xp.concatenate([gx, gy], -1),)
        return (gx,)

    def square(self, xp, gq, gr, q, r):
        """The rule for square r."""
        m = None if gr is None else r @ transposed(xp, gr)
        if gq is not None:
            turn = transposed(xp, gq) @ q
            m = -turn if m is None else m - turn
        mirrored = q @ (lower(xp, m) + transposed(xp, lower(xp, m, -1)))
        total = mirrored if gq is None else gq + mirrored
        return transposed(xp, run(xp, SolveTriangular(True), r, transposed(xp, total)))

    def check_differentiable(self, rows, columns):
        """RuntimeError for the forms that have no gradient."""
        if self.mode == "r":
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
                "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
            )
        if self.mode == "complete" and rows > columns:
            raise RuntimeError(
                f"The QR decomposition is not differentiable when mode='complete' and nrows > ncols: {rows} > {columns}"
            )
