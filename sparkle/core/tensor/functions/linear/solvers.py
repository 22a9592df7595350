"""Inverses and systems of linear equations, under the names and with the arguments of `linalg`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ....backend import library
from ....ops.linear.solvers import Inv, Lstsq, Pinv, Solve, singular_info, spectrum
from ....ops.linear.triangular import SolveTriangular
from ...autocast import in_float32
from ...base import TensorBase, apply, wrap
from ...out import into
from ..reductions import reduction
from ..shaping import shape
from . import linalg_results
from .matrices import check_alike, check_matrices, check_system


@in_float32
def inv(A: Any, *, out: Any = None) -> Any:
    """The inverse of square matrices; LinAlgError where one is singular.

    >>> import sparkle
    >>> sparkle.linalg.inv(sparkle.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    if out is not None:
        return into(out, inv, A)
    check_matrices(A, "linalg.inv", square=True)
    return apply(Inv(), A)


@in_float32
def inv_ex(A: Any, *, check_errors: bool = False, out: Any = None) -> Any:
    """(inverse, info): `inv` that is nan where a matrix is singular; info: int32, the first zero pivot's number."""
    if out is not None:
        return into(out, inv_ex, A, check_errors=check_errors)
    check_matrices(A, "linalg.inv", square=True)
    return linalg_results.linalg_inv_ex(apply(Inv(lenient=not check_errors), A), _info(A))


def _info(A: Any) -> Any:
    return wrap(singular_info(library(A.array), A.array))


@in_float32
def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:
    """X with A X = B, or X A = B where left is false. B: matrices, or vectors of shape A.shape[:-1] or (n,).

    Batch dims broadcast. Raises LinAlgError where A is singular.

    >>> import sparkle
    >>> sparkle.linalg.solve(sparkle.tensor([[2.0, 1.0], [1.0, 3.0]]), sparkle.tensor([3.0, 5.0]))
    tensor([0.8000, 1.4000])
    """
    if out is not None:
        return into(out, solve, A, B, left=left)
    return _solved(A, B, left, Solve())


@in_float32
def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """(result, info): `solve` that is nan where A is singular; info: int32, the first zero pivot's number."""
    if out is not None:
        return into(out, solve_ex, A, B, left=left, check_errors=check_errors)
    return linalg_results.linalg_solve_ex(_solved(A, B, left, Solve(lenient=not check_errors)), _info(A))


def _solved(A: Any, B: Any, left: bool, op: Solve) -> Any:
    check_matrices(A, "linalg.solve", square=True)
    check_alike(A, B, "linalg.solve")
    if not _is_vector(A, B):
        check_system(A, B, "linalg.solve", left)
        return _sided(op, A, B, left)
    if not left:
        raise RuntimeError("linalg.solve: Vector broadcasting of the left hand side is not supported for left=False")
    column = shape.unsqueeze(B, -1)
    check_system(A, column, "linalg.solve")
    return shape.squeeze(apply(op, A, column), -1)


def _is_vector(A: Any, B: Any) -> bool:
    a, b = A.array.shape, B.array.shape
    return len(b) == 1 or b == a[:-1]


def _sided(op: Any, A: Any, B: Any, left: bool) -> Any:
    """A X = B, or X A = B by way of A^T X^T = B^T."""
    if left:
        return apply(op, A, B)
    return shape.transpose(apply(op, shape.transpose(A, -1, -2), shape.transpose(B, -1, -2)), -1, -2)


def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Any = None
) -> Any:
    """X with A X = B (X A = B where left is false) for triangular A, of which only that triangle is read.

    unitriangular: its diagonal counts as ones. A zero on the diagonal gives inf or nan.

    >>> import sparkle
    >>> a, b = sparkle.tensor([[1.0, 2.0], [0.0, 4.0]]), sparkle.tensor([[5.0], [8.0]])
    >>> sparkle.linalg.solve_triangular(a, b, upper=True).tolist()
    [[1.0], [2.0]]
    """
    if out is not None:
        return into(out, solve_triangular, A, B, upper=upper, left=left, unitriangular=unitriangular)
    check_system(A, B, "linalg.solve_triangular", left)
    return _sided(SolveTriangular(upper if left else not upper, unitriangular), A, B, left)


def pinv(
    A: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None
) -> Any:
    """The pseudoinverse; singular values up to max(atol, rtol times the largest) count as 0.

    atol, rtol: numbers or tensors; rtol is max(m, n) eps unless one of them is given. rcond: the older name of rtol.
    hermitian: A is symmetric, its lower triangle is read.

    >>> import sparkle
    >>> sparkle.linalg.pinv(sparkle.tensor([[2.0, 0.0], [0.0, 0.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    if out is not None:
        return into(out, pinv, A, rcond, hermitian, atol=atol, rtol=rtol)
    check_matrices(A, "linalg.pinv", square=hermitian)
    return apply(Pinv(cutoff(A, atol, rtol if rcond is None else rcond), hermitian), A)


def cutoff(A: Any, atol: Any, rtol: Any) -> Callable[[Any], Any]:
    """The function that gives for arrays of singular values the one up to which they count as 0."""
    array = A.array
    usual = float(library(array).finfo(array.dtype).eps) * max(array.shape[-2:])
    low = 0.0 if atol is None else _number(atol)
    if rtol is not None:
        share = _number(rtol)
    elif isinstance(atol, TensorBase):
        share = usual * (low <= 0)
    else:
        share = 0.0 if low > 0 else usual

    def cut(s: Any) -> Any:
        xp = library(s)
        largest = s.max(-1, keepdims=True) if s.shape[-1] else xp.zeros((*s.shape[:-1], 1), s.dtype)
        return xp.maximum(low, share * largest)

    return cut


def _number(value: Any) -> Any:
    """A tolerance as a number, or as an array with an axis for the singular values."""
    return value.array[..., None] if isinstance(value, TensorBase) else float(value)


@in_float32
def matrix_rank(
    A: Any, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None
) -> Any:
    """The number of singular values above max(atol, rtol times the largest), int64; tol: the older name of atol.

    >>> import sparkle
    >>> sparkle.linalg.matrix_rank(sparkle.ones(3, 2))
    tensor(1)
    """
    if out is not None:
        return into(out, matrix_rank, A, tol, hermitian, atol=atol, rtol=rtol)
    check_matrices(A, "linalg.matrix_rank", square=hermitian)
    array = A.array
    size = abs(spectrum(library(array), array, hermitian)[1])
    cut = cutoff(A, atol, rtol) if tol is None else cutoff(A, tol, 0.0)
    return wrap((size > cut(size)).sum(-1))


DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


@in_float32
def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """(solution, residuals, rank, singular_values): the X for which |A X - B| is least, and of several the smallest.

    A: (*, m, n); B: (*, m, k), or vectors (*, m). Singular values up to rcond (max(m, n) eps) times the largest count
    as 0. All drivers are computed by singular values; as LAPACK's, "gels" counts none as 0 and returns no rank, only
    "gelsd" and "gelss" return singular values. residuals (the squares' sums) are there for m > n and full rank, and
    not for "gelsy", the default.
    """
    where = "linalg.lstsq"
    check_matrices(A, where)
    check_alike(A, B, where)
    driver = "gelsy" if driver is None else driver
    if driver not in DRIVERS:
        raise RuntimeError(f"{where}: parameter `driver` should be one of {DRIVERS}, met {driver!r}")
    a, b = A.array.shape, B.array.shape
    if not 0 <= len(a) - len(b) <= 1:
        raise RuntimeError(f"{where}: A.dim() - B.dim() must be 0 or 1, met A {list(a)} and B {list(b)}")
    vector = len(b) < len(a) and b == a[:-1]
    column = shape.unsqueeze(B, -1) if vector else B
    if column.array.shape[-2] != a[-2]:
        raise RuntimeError(f"{where}: A.size(-2) should match B.size(-2), met A {list(a)} and B {list(b)}")
    batch = shape.broadcast_shapes(a[:-2], column.array.shape[:-2])
    A, column = (shape.expanded(x, (*batch, *x.array.shape[-2:])) for x in (A, column))
    return _least_squares(A, column, cutoff(A, 0.0, 0.0 if driver == "gels" else rcond), driver, vector)


def _least_squares(A: Any, B: Any, cut: Callable[[Any], Any], driver: str, vector: bool) -> Any:
    xp = library(A.array)
    solution = apply(Lstsq(cut), A, B)
    s = spectrum(xp, A.array)[1]
    rank = (s > cut(s)).sum(-1)
    rows, columns = A.array.shape[-2:]
    nothing, residuals = wrap(xp.empty(0, dtype=s.dtype)), to_flat(solution)[:0]
    if driver != "gelsy" and rows > columns and bool((rank == columns).all()):
        residuals = reduction.sum((A @ solution - B) ** 2, -2)
    return linalg_results.linalg_lstsq(
        shape.squeeze(solution, -1) if vector else solution,
        residuals,
        wrap(xp.empty(0, dtype="int64") if driver == "gels" else rank),
        wrap(s) if driver in ("gelsd", "gelss") else nothing,
    )


@in_float32
def tensorinv(A: Any, ind: int = 2, *, out: Any = None) -> Any:
    """The inverse of A as a map from its dims after the first `ind` to those; tensordot(A, it, ind) is the identity."""
    if out is not None:
        return into(out, tensorinv, A, ind)
    if not 0 < ind <= A.array.ndim:
        raise RuntimeError(
            f"linalg.tensorinv: Expected a strictly positive integer for 'ind' up to {A.array.ndim}, but got {ind}"
        )
    rows, columns = tuple(A.array.shape[:ind]), tuple(A.array.shape[ind:])
    _check_products("linalg.tensorinv", rows, columns)
    size = math.prod(rows)
    return shape.to_shape(inv(shape.to_shape(A, (size, size))), (*columns, *rows))


@in_float32
def tensorsolve(A: Any, B: Any, dims: Any = None, *, out: Any = None) -> Any:
    """X with tensordot(A, X, X.ndim) = B, A's dims `dims` moved to its end first."""
    if out is not None:
        return into(out, tensorsolve, A, B, dims)
    if dims is not None:
        A = shape.movedim(A, tuple(dims), tuple(range(A.array.ndim - len(dims), A.array.ndim)))
    rows, columns = tuple(A.array.shape[: B.array.ndim]), tuple(A.array.shape[B.array.ndim :])
    _check_products("linalg.tensorsolve", rows, columns)
    size = math.prod(columns)
    flat = to_flat(B)
    return shape.to_shape(solve(shape.to_shape(A, (size, size)), flat), columns)


def to_flat(x: Any) -> Any:
    """All elements in one dim."""
    return shape.to_shape(x, (x.array.size,))


def _check_products(where: str, rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            f"{where}: as a matrix A must be square, but its first dims {list(rows)} hold {math.prod(rows)} elements, "
            f"its others {list(columns)} hold {math.prod(columns)}"
        )
