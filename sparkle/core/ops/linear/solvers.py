"""Systems of linear equations, inverses and determinants. Rules as in Giles (2008), "Collected matrix derivative
results for forward and reverse mode algorithmic differentiation", and where others are named.
"""

from __future__ import annotations

from ...autograd.op import RESULT, Op, run
from ...backend import library
from .decompositions import refuse_eigh, refuse_svd
from .linalg import dense
from .lu import eliminate, zero_pivots
from .matrices import (
    LinAlgError,
    array_of,
    each,
    element,
    first_failing,
    guarded,
    is_recorded,
    stacked_shape,
    transposed,
)


class Solve(Op):
    """X = A^-1 B; gB = A^-T g and gA = -gB X^T

    lenient: nan where A is singular, where else LinAlgError is raised.
    """

    saves = {"a": 0, "x": RESULT}
    broadcasts = True

    def __init__(self, lenient=False):
        self.lenient = lenient

    def forward(self, xp, a, b):
        batch = stacked_shape(a, b)
        wide = xp.broadcast_to(a, batch + a.shape[-2:]), xp.broadcast_to(b, batch + b.shape[-2:])
        self.a = a
        self.x = x = guarded(xp, xp.linalg.solve, self.failed, *wide)
        return x

    def failed(self, xp, a, b):
        """nan for the singular ones, or the error."""
        if self.lenient:
            return each(xp, xp.linalg.solve, a, b)
        number, _ = first_singular(xp, a)
        raise LinAlgError(f"linalg.solve: {element(a, number)}The solver failed because the input matrix is singular.")

    def backward(self, xp, g):
        gb = run(xp, Solve(self.lenient), transposed(xp, self.a), g)
        ga = -(gb @ transposed(xp, self.x)) if self.needs[0] else None
        return ga, gb if self.needs[1] else None


class Inv(Op):
    """Y = A^-1; gA = -Y^T g Y^T. lenient: nan where A is singular, where else LinAlgError is raised."""

    saves = {"y": RESULT}

    def __init__(self, lenient=False):
        self.lenient = lenient

    def forward(self, xp, a):
        self.y = y = guarded(xp, xp.linalg.inv, self.failed, a)
        return y

    def failed(self, xp, a):
        """nan for the singular ones, or the error."""
        if self.lenient:
            return each(xp, xp.linalg.inv, a)
        number, pivot = first_singular(xp, a)
        raise LinAlgError(
            f"linalg.inv: {element(a, number)}The diagonal element {pivot} is zero, the inversion could not be "
            "completed because the input matrix is singular."
        )

    def backward(self, xp, g):
        yt = transposed(xp, self.y)
        return (-(yt @ dense(g) @ yt),)


def first_singular(xp, a):
    """Position in the stack of the first matrix that is singular, and the zero pivot's number, from 1."""
    number, matrix = first_failing(xp, xp.linalg.inv, a)
    return number, failing_pivot(xp, matrix)


def failing_pivot(xp, matrix):
    """The number of the first zero pivot; the last one's where rounding hides it."""
    return int(zero_pivots(xp, eliminate(xp, matrix)[0])[0]) or matrix.shape[-1]


def singular_info(xp, a):
    """The number of the first zero pivot of each matrix of a stack, 0 where there is none."""
    return zero_pivots(xp, eliminate(xp, a)[0]).reshape(a.shape[:-2])


class Det(Op):
    """y = det A; gA = g times the matrix of cofactors, which is y A^-T but where A is nearly singular"""

    saves = {"a": 0, "y": RESULT}

    def forward(self, xp, a):
        self.a = a
        self.y = y = quiet(xp, xp.linalg.det, a)
        return y

    def backward(self, xp, g):
        a, g = self.a, g[..., None, None]
        array = array_of(a)
        inverse = Inv(lenient=True).forward(library(array), array)
        if is_safe(array, inverse):
            if is_recorded(xp):
                inverse = run(xp, Inv(lenient=True), a)
            return (g * self.y[..., None, None] * transposed(xp, inverse),)
        if not is_recorded(xp):
            return (g * cofactors_by_svd(xp, a),)
        if a.shape[-1] > MINORS:
            raise LinAlgError(
                f"det: second derivatives at a nearly singular matrix exist for up to {MINORS} rows, met {a.shape[-1]}"
            )
        return (g * cofactors_by_minors(xp, a),)


MINORS = 32  # rows up to which all minors, of n^4 elements together, are a reasonable thing to compute


def is_safe(a, inverse):
    """Is each matrix conditioned well enough for the product of determinant and inverse? Also where nan is in it."""
    xp = library(a)
    condition = abs(a).sum(-1).max(-1, initial=0) * abs(inverse).sum(-1).max(-1, initial=0)
    return bool((condition < xp.finfo(a.dtype).eps ** -0.5).all() or not xp.isfinite(a).all())


def quiet(xp, function, a):
    """The function's result without NumPy's warnings."""
    return guarded(xp, function, None, a)


def cofactors_by_svd(xp, a):
    """det(U V^T) U diag(products of the other s) V^T, which no zero disturbs."""
    u, s, vt = xp.linalg.svd(a)
    others = xp.where(xp.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]).astype(s.dtype).prod(-1)
    return (xp.linalg.det(u) * xp.linalg.det(vt))[..., None, None] * ((u * others[..., None, :]) @ vt)


def cofactors_by_minors(xp, a):
    """(-1)^(i + j) times the determinant of A without row i and column j: a polynomial, so differentiable anywhere.

    n^2 determinants; only for second derivatives at singular matrices.
    """
    n, array = a.shape[-1], array_of(a)
    library_of = library(array)
    numbers = list(range(n))
    kept = library_of.asarray([numbers[:i] + numbers[i + 1 :] for i in numbers], dtype="int64")
    signs = library_of.asarray([[1 if (i + j) % 2 == 0 else -1 for j in numbers] for i in numbers], dtype=array.dtype)
    minors = a[..., kept[:, None, :, None], kept[None, :, None, :]]
    return run(xp, Det(), minors) * signs


class Slogdet(Op):
    """(sign, log |det A|); gA = g A^-T for the second, nan where A is singular; the sign is piecewise constant"""

    saves = {"a": 0}
    several = True

    def forward(self, xp, a):
        self.a = a
        return tuple(quiet(xp, xp.linalg.slogdet, a))

    def backward(self, xp, g):
        if g[1] is None:
            return (xp.zeros_like(self.a),)
        return (g[1][..., None, None] * transposed(xp, run(xp, Inv(lenient=True), self.a)),)


class Pinv(Op):
    """P = A^+, singular values up to `cut(s)` taken for 0 [Golub and Pereyra 1973]

    gA = -P^T g P^T + (1 - A P) g^T P P^T + P^T P g^T (1 - P A)
    """

    saves = {"a": 0, "p": RESULT}

    def __init__(self, cut, symmetric=False):
        self.cut, self.symmetric = cut, symmetric

    def forward(self, xp, a):
        u, s, vt = spectrum(xp, a, self.symmetric)
        size = abs(s)
        inverse = xp.where(size > self.cut(size), 1.0, 0.0).astype(s.dtype) / xp.where(s == 0, 1, s).astype(s.dtype)
        self.a = a
        self.p = p = (transposed(xp, vt) * inverse[..., None, :]) @ transposed(xp, u)
        return p

    def backward(self, xp, g):
        a, p = self.a, self.p
        gt, pt = transposed(xp, dense(g)), transposed(xp, p)
        left, right = gt @ p @ pt, pt @ p @ gt
        return (left - a @ (p @ left) + right - (right @ p) @ a - pt @ dense(g) @ pt,)


def spectrum(xp, a, symmetric=False):
    """U, s, V^T with A = U diag(s) V^T; for symmetric matrices from eigenvalues, which may be negative."""
    if not symmetric:
        return tuple(guarded(xp, lambda a: xp.linalg.svd(a, full_matrices=False), refuse_svd, a))
    w, v = guarded(xp, xp.linalg.eigh, refuse_eigh, a)
    return v, w, transposed(xp, v)


class Lstsq(Op):
    """X that minimises |A X - B|, the smallest one where several do [Golub and Pereyra 1973]

    With P = A^+: gB = P^T g and gA = -gB X^T + (B - A X) (P gB)^T + P^T X (g - P A g)^T, each g seen as a matrix.
    """

    saves = {"a": 0, "b": 1, "x": RESULT}

    def __init__(self, cut):
        self.cut = cut

    def forward(self, xp, a, b):
        u, s, vt = spectrum(xp, a)
        inverse = xp.where(s > self.cut(s), 1.0, 0.0).astype(s.dtype) / xp.where(s == 0, 1, s).astype(s.dtype)
        self.a, self.b = a, b
        self.x = x = transposed(xp, vt) @ (inverse[..., None] * (transposed(xp, u) @ b))
        return x

    def backward(self, xp, g):
        a, x = self.a, self.x
        p = run(xp, Pinv(self.cut), a)
        pt = transposed(xp, p)
        gb = pt @ g
        if not self.needs[0]:
            return None, gb
        apart = self.b - a @ x
        ga = apart @ transposed(xp, p @ gb) - gb @ transposed(xp, x)
        ga = ga + (pt @ x) @ transposed(xp, g - p @ (a @ g))
        return ga, gb if self.needs[1] else None
