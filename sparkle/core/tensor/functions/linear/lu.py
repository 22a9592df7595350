"""LU decomposition, and what is done with it, under the names and with the arguments of `linalg`."""

from __future__ import annotations

import math
from typing import Any

from ....backend import library
from ....ops.linear.lu import Lu, exchange, zero_pivots
from ....ops.linear.matrices import element
from ....ops.linear.triangular import SolveTriangular
from ...base import apply, wrap
from ...out import into
from ..shaping import rearrange, shape
from . import linalg, linalg_results
from .matrices import check_matrices, check_system


def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """(LU, pivots, info): `lu_factor` for singular matrices too; info: int32, the first zero pivot's number or 0."""
    if out is not None:
        return into(out, lu_factor_ex, A, pivot=pivot, check_errors=check_errors)
    return _factor(A, pivot, check_errors, "linalg.lu_factor_ex")


def _factor(A: Any, pivot: bool, check: bool, where: str) -> Any:
    check_matrices(A, where)
    if not pivot:
        raise RuntimeError(f"{where}: LU without pivoting is not implemented")
    lu, pivots = apply(Lu(), A)
    info = zero_pivots(library(lu.array), lu.array)
    if check and info.any():
        number = int((info.reshape(-1) != 0).argmax())
        zero = int(info.reshape(-1)[number])
        raise RuntimeError(
            f"{where}: {element(A.array, number)}U[{zero},{zero}] is zero and using it on lu_solve would result in a "
            "division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
            "linalg.lu_factor_ex(A, pivot)"
        )
    return linalg_results.linalg_lu_factor_ex(lu, pivots, wrap(info))


def lu_factor(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """(LU, pivots): A = P L U by partial pivoting; L, whose diagonal is ones, and U in one matrix.

    Row i was exchanged with row pivots[i] - 1, in order. RuntimeError for singular matrices, and for pivot=False.
    """
    if out is not None:
        return into(out, lu_factor, A, pivot=pivot)
    return linalg_results.linalg_lu_factor(*_factor(A, pivot, True, "linalg.lu_factor")[:2])


def lu(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """(P, L, U) with A = P L U: P a permutation, L lower triangular with ones on the diagonal, U upper triangular.

    >>> import sparkle
    >>> sparkle.linalg.lu(sparkle.tensor([[1.0, 2.0], [2.0, 4.0]])).U.tolist()
    [[2.0, 4.0], [0.0, 0.0]]
    """
    if out is not None:
        return into(out, lu, A, pivot=pivot)
    return linalg_results.linalg_lu(*lu_unpack(*_factor(A, pivot, False, "linalg.lu")[:2]))


def lu_unpack(
    LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True, *, out: Any = None
) -> Any:
    """(P, L, U) of what `lu_factor` returns; what is not unpacked is empty."""
    if out is not None:
        return into(out, lu_unpack, LU_data, LU_pivots, unpack_data, unpack_pivots)
    array, pivots = LU_data.array, LU_pivots.array
    if pivots.dtype.char not in "il" or pivots.dtype.itemsize != 4:
        raise RuntimeError(f"lu_unpack: LU_pivots is expected to be a tensor of int32, met {pivots.dtype}")
    xp = library(array)
    nothing = wrap(xp.empty(0, dtype=array.dtype))
    p = wrap(_permutation(array, pivots)) if unpack_pivots else nothing
    if not unpack_data:
        return linalg_results.lu_unpack(p, nothing, nothing)
    k = min(array.shape[-2:])
    left = LU_data[..., :k]
    ones = wrap(xp.eye(array.shape[-2], k, dtype=array.dtype))
    return linalg_results.lu_unpack(p, rearrange.tril(left, -1) + ones, rearrange.triu(LU_data[..., :k, :]))


def _permutation(array: Any, pivots: Any) -> Any:
    """P as matrices: column i has its 1 in the row of A that became row i."""
    xp, rows = library(array), array.shape[-2]
    flat = pivots.reshape(math.prod(pivots.shape[:-1]), pivots.shape[-1])
    order = xp.arange(rows) + xp.zeros((len(flat), 1), dtype="int64")
    for i in range(flat.shape[-1]):
        exchange(xp, order, i, flat[:, i] - 1)
    order = order.reshape((*pivots.shape[:-1], 1, rows))
    return (order == xp.arange(rows)[:, None]).astype(array.dtype)


def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False, out: Any = None) -> Any:
    """X with A X = B (X A = B where left is false, A^T in place of A where adjoint), given `lu_factor(A)`."""
    if out is not None:
        return into(out, lu_solve, LU, pivots, B, left=left, adjoint=adjoint)
    check_system(LU, B, "linalg.lu_solve", left)
    if not left:
        turned = lu_solve(LU, pivots, shape.transpose(B, -1, -2), adjoint=not adjoint)
        return shape.transpose(turned, -1, -2)
    p = wrap(_permutation(LU.array, pivots.array))
    lower, upper = SolveTriangular(False, True), SolveTriangular(True)
    if not adjoint:
        return apply(upper, LU, apply(lower, LU, linalg.matmul(shape.transpose(p, -1, -2), B)))
    turned = shape.transpose(LU, -1, -2)
    inner = apply(SolveTriangular(False), turned, B)
    return linalg.matmul(p, apply(SolveTriangular(True, True), turned, inner))
