"""Decompositions of matrices and of stacks of matrices, under the names and with the arguments of `linalg`."""

from __future__ import annotations

from typing import Any, NoReturn

from ....backend import library
from ....ops.linear.decompositions import Cholesky, Eigh, Qr, Svd, cholesky_info
from ....ops.linear.matrices import identity
from ....ops.linear.solvers import Inv
from ....ops.linear.triangular import SolveTriangular
from ...autocast import in_float32
from ...base import apply, wrap
from ...out import into
from ..shaping import shape
from . import linalg, linalg_results
from .matrices import check_floating, check_matrices, check_system


@in_float32
def cholesky(A: Any, *, upper: bool = False, out: Any = None) -> Any:
    """The lower triangular L with L L^T = A for positive-definite symmetric A; upper: U with U^T U = A.

    Only that triangle of A is read. Raises LinAlgError where A is not positive-definite.

    >>> import sparkle
    >>> sparkle.linalg.cholesky(sparkle.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    if out is not None:
        return into(out, cholesky, A, upper=upper)
    check_matrices(A, "linalg.cholesky", square=True)
    return apply(Cholesky(upper), A)


@in_float32
def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False, out: Any = None) -> Any:
    """(L, info): `cholesky` that says where it failed, info: int32, the order of the first minor that is not
    positive-definite, 0 for success. L is nan for matrices that failed.
    """
    if out is not None:
        return into(out, cholesky_ex, A, upper=upper, check_errors=check_errors)
    check_matrices(A, "linalg.cholesky", square=True)
    factor = apply(Cholesky(upper, lenient=not check_errors), A)
    array = A.array.swapaxes(-1, -2) if upper else A.array
    return linalg_results.linalg_cholesky_ex(factor, wrap(cholesky_info(library(array), array)))


@in_float32
def cholesky_solve(B: Any, L: Any, upper: bool = False, *, out: Any = None) -> Any:
    """X with A X = B, given the Cholesky factor L of A (or U, where upper)."""
    if out is not None:
        return into(out, cholesky_solve, B, L, upper)
    check_system(L, B, "cholesky_solve")
    turned = shape.transpose(L, -1, -2)
    first, second = (turned, L) if upper else (L, turned)
    return apply(SolveTriangular(True), second, apply(SolveTriangular(False), first, B))


@in_float32
def cholesky_inverse(L: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The inverse of A, given its Cholesky factor L (or U, where upper). Raises LinAlgError for a singular factor."""
    if out is not None:
        return into(out, cholesky_inverse, L, upper)
    check_matrices(L, "cholesky_inverse", "L", square=True)
    zero = L.array.diagonal(0, -2, -1) == 0
    if zero.any():
        apply(Inv(), wrap(L.array * identity(L.array)))  # raises, and says which matrix and which element
    return cholesky_solve(wrap(identity(L.array)), L, upper)


@in_float32
def qr(A: Any, mode: str = "reduced", *, out: Any = None) -> Any:
    """(Q, R) with A = Q R, Q's columns orthonormal, R upper triangular.

    mode: "reduced", Q is m x k with k = min(m, n); "complete", Q is m x m; "r", Q is empty. Signs are LAPACK's.
    RuntimeError for gradients through "r", and through "complete" where m > n.

    >>> import sparkle
    >>> q, r = sparkle.linalg.qr(sparkle.tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> sparkle.allclose(q @ r, sparkle.tensor([[3.0, 1.0], [4.0, 2.0]]))
    True
    """
    if out is not None:
        return into(out, qr, A, mode)
    check_matrices(A, "linalg.qr")
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced', 'r', or 'complete'")
    return linalg_results.linalg_qr(*apply(Qr(mode), A))


@in_float32
def svd(A: Any, full_matrices: bool = True, *, driver: str | None = None, out: Any = None) -> Any:
    """(U, S, Vh) with A = U diag(S) Vh, S descending. full_matrices: U and Vh square, else m x k and k x n.

    Gradients exist where the singular values differ (for S alone, always), and do not flow through the columns of U
    and the rows of Vh beyond min(m, n). Raises LinAlgError for nan. `driver` is refused off CUDA, as by torch.

    >>> import sparkle
    >>> sparkle.linalg.svd(sparkle.tensor([[0.0, 2.0], [1.0, 0.0]])).S
    tensor([2., 1.])
    """
    if out is not None:
        return into(out, svd, A, full_matrices, driver=driver)
    _no_driver(driver)
    check_matrices(A, "linalg.svd")
    return linalg_results.linalg_svd(*apply(Svd(bool(full_matrices)), A))


@in_float32
def svdvals(A: Any, *, driver: str | None = None, out: Any = None) -> Any:
    """The singular values, descending."""
    if out is not None:
        return into(out, svdvals, A, driver=driver)
    _no_driver(driver)
    check_matrices(A, "linalg.svd")
    return apply(Svd(False, vectors=False), A)[1]


def _no_driver(driver: str | None) -> None:
    if driver is not None:
        raise RuntimeError(f"linalg.svd: driver={driver!r} chooses among cuSOLVER's methods, which is not supported")


@in_float32
def eigh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """(eigenvalues, eigenvectors) of symmetric A, ascending; eigenvectors are columns. UPLO: the triangle that is read.

    Gradients exist where the eigenvalues differ (for eigenvalues alone, always).

    >>> import sparkle
    >>> sparkle.linalg.eigh(sparkle.tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    tensor([1., 3.])
    """
    if out is not None:
        return into(out, eigh, A, UPLO)
    return linalg_results.linalg_eigh(*apply(_eigh(A, UPLO), A))


def _eigh(A: Any, UPLO: str, vectors: bool = True) -> Eigh:
    check_matrices(A, "linalg.eigh", square=True)
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"linalg.eigh: Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return Eigh(UPLO.upper(), vectors)


@in_float32
def eigvalsh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """The eigenvalues of symmetric A, ascending."""
    if out is not None:
        return into(out, eigvalsh, A, UPLO)
    return apply(_eigh(A, UPLO, vectors=False), A)[0]


def eig(A: Any, *, out: Any = None) -> NoReturn:
    """Eigenvalues and -vectors of any square matrix are complex, which is not supported: NotImplementedError."""
    raise _no_complex("eig", "eigh")


def eigvals(A: Any, *, out: Any = None) -> NoReturn:
    """Eigenvalues of any square matrix are complex, which is not supported: NotImplementedError."""
    raise _no_complex("eigvals", "eigvalsh")


def _no_complex(name: str, other: str) -> NotImplementedError:
    return NotImplementedError(
        f"linalg.{name}: its results are complex, and complex tensors are not supported; for symmetric matrices use "
        f"linalg.{other}"
    )


@in_float32
def householder_product(A: Any, tau: Any, *, out: Any = None) -> Any:
    """The first n columns of H_1 H_2 ... H_k with H_i = 1 - tau_i v_i v_i^T, v_i: column i of A below 1 at row i.

    A: (*, m, n) with m >= n, tau: (*, k) with k <= n. What is on and above A's diagonal is not read.
    """
    if out is not None:
        return into(out, householder_product, A, tau)
    check_matrices(A, "linalg.householder_product")
    check_floating(tau, "linalg.householder_product", "tau")
    (rows, columns), count = A.array.shape[-2:], tau.array.shape[-1] if tau.array.ndim else 0
    if rows < columns or count > columns or tau.array.shape[:-1] != A.array.shape[:-2]:
        raise RuntimeError(
            f"linalg.householder_product: wanted A (*, m, n) with m >= n and tau (*, k) with k <= n, met A "
            f"{list(A.array.shape)} and tau {list(tau.array.shape)}"
        )
    one = wrap(library(A.array).eye(rows, columns, dtype=A.array.dtype))
    vectors = A.tril(-1) + one
    product = shape.expanded(one, A.array.shape)
    for i in reversed(range(count)):
        v = vectors[..., i : i + 1]
        product = product - tau[..., i, None, None] * linalg.matmul(
            v, linalg.matmul(shape.transpose(v, -1, -2), product)
        )
    return product
