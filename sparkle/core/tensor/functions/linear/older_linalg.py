"""Linear algebra under its top-level names, where they or their arguments differ from those of `linalg`."""

from __future__ import annotations

from typing import Any

from ....backend import library
from ....dtypes import FLOATS
from ...autocast import in_float32
from ...base import wrap
from ...out import into
from ..shaping import rearrange, shape
from . import decompositions, linalg_results, matrices, matrix_functions, solvers
from . import lu as factors


@in_float32
def cholesky(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The Cholesky factor: `linalg.cholesky`."""
    return decompositions.cholesky(input, upper=upper, out=out)


def det(input: Any) -> Any:
    """The determinant: `linalg.det`."""
    return matrix_functions.det(input)


def slogdet(input: Any, *, out: Any = None) -> Any:
    """The determinant's sign and the logarithm of its absolute value: `linalg.slogdet`."""
    return linalg_results.slogdet(*matrix_functions.slogdet(input, out=out))


@in_float32
def inverse(input: Any, *, out: Any = None) -> Any:
    """The inverse: `linalg.inv`."""
    return solvers.inv(input, out=out)


@in_float32
def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The pseudoinverse: `linalg.pinv`, with singular values up to rcond times the largest counting as 0."""
    return solvers.pinv(input, rcond)


def matrix_exp(input: Any) -> Any:
    """The matrix exponential: `linalg.matrix_exp`."""
    return matrix_functions.matrix_exp(input)


def matrix_power(input: Any, n: int, *, out: Any = None) -> Any:
    """The product of n times a matrix: `linalg.matrix_power`."""
    return matrix_functions.matrix_power(input, n, out=out)


@in_float32
def qr(input: Any, some: bool = True, *, out: Any = None) -> Any:
    """(Q, R): `linalg.qr` with mode "reduced", or, unless some, "complete"."""
    return linalg_results.qr(*decompositions.qr(input, "reduced" if some else "complete", out=out))


@in_float32
def svd(input: Any, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> Any:
    """(U, S, V) with input = U diag(S) V^T. Unless some, U and V are square; unless compute_uv, they are zeros."""
    if out is not None:
        return into(out, svd, input, some, compute_uv)
    if compute_uv:
        u, s, vh = decompositions.svd(input, not some)
        return linalg_results.svd(u, s, shape.transpose(vh, -1, -2))
    s = decompositions.svdvals(input)
    array = input.array
    zeros = [library(array).zeros((*array.shape[:-2], n, n), dtype=array.dtype) for n in array.shape[-2:]]
    return linalg_results.svd(wrap(zeros[0]), s, wrap(zeros[1]))


@in_float32
def lu(A: Any, pivot: bool = True, get_infos: bool = False, *, out: Any = None) -> Any:
    """(LU, pivots), also of singular matrices, and with get_infos the first zero pivots: `linalg.lu_factor_ex`."""
    if out is not None:
        return into(out, lu, A, pivot, get_infos)
    found = factors.lu_factor_ex(A, pivot=pivot)
    return found if get_infos else tuple(found[:2])


def lu_solve(b: Any, LU_data: Any, LU_pivots: Any, *, out: Any = None) -> Any:
    """X with A X = b, given `lu(A)`: `linalg.lu_solve` with b first."""
    return factors.lu_solve(LU_data, LU_pivots, b, out=out)


def triangular_solve(
    b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False, *, out: Any = None
) -> Any:
    """(X, a copy of A) with A X = b, or A^T X = b, for triangular A: `linalg.solve_triangular` with b first."""
    if out is not None:
        return into(out, triangular_solve, b, A, upper, transpose, unitriangular)
    matrices.check_matrices(A, "triangular_solve", square=True)
    turned = shape.transpose(A, -1, -2) if transpose else A
    x = solvers.solve_triangular(turned, b, upper=bool(upper) != bool(transpose), unitriangular=unitriangular)
    return linalg_results.triangular_solve(
        x, shape.clone(shape.expanded(A, (*x.array.shape[:-2], *A.array.shape[-2:])))
    )


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Columns of powers of the vector x, the highest first unless increasing: N of them, as many as x is long."""
    if x.array.ndim != 1:
        raise RuntimeError(f"vander: x must be a one-dimensional tensor, met {x.array.ndim}D")
    n = x.array.size if N is None else N
    if n < 0:
        raise RuntimeError(f"vander: N must be non-negative, met {n}")
    if n > 1:
        powers = matrix_functions.vander(x, N=n)
    else:
        dtype = x.array.dtype if x.array.dtype.kind in FLOATS else "int64"
        powers = wrap(library(x.array).ones((x.array.size, n), dtype=dtype))
    return powers if increasing else rearrange.flip(powers, 1)
