"""Determinants, powers, exponentials and products of matrices, under the names and with the arguments of `linalg`."""

from __future__ import annotations

import operator
from typing import Any

from ....backend import library
from ....dtypes import FLOATS
from ....ops.linear.matrix_exp import MatrixExp
from ....ops.linear.solvers import Det, Slogdet
from ...autocast import lowered
from ...base import apply, dtype_of, wrap
from ...out import into
from ..pointwise import arithmetic
from ..pointwise import elementwise as pointwise
from ..pointwise.unary import check_tensor
from ..reductions import reduction, scan
from ..shaping import joining, shape, splitting
from . import linalg, linalg_results
from .matrices import check_matrices
from .solvers import inv


def det(A: Any, *, out: Any = None) -> Any:
    """The determinant; its gradient exists at singular matrices too.

    >>> import sparkle
    >>> sparkle.linalg.det(sparkle.tensor([[2.0, 1.0], [0.0, 3.0]]))
    tensor(6.)
    """
    if out is not None:
        return into(out, det, A)
    check_matrices(A, "linalg.det", square=True)
    return apply(Det(), A)


def slogdet(A: Any, *, out: Any = None) -> Any:
    """(sign, logabsdet): the determinant's sign and the logarithm of its absolute value; 0 and -inf where singular.

    >>> import sparkle
    >>> sparkle.linalg.slogdet(-sparkle.eye(3)).sign
    tensor(-1.)
    """
    if out is not None:
        return into(out, slogdet, A)
    check_matrices(A, "linalg.slogdet", square=True)
    return linalg_results.linalg_slogdet(*apply(Slogdet(), A))


def logdet(input: Any) -> Any:
    """The logarithm of the determinant: -inf where it is 0, nan where it is negative."""
    check_matrices(input, "logdet", "input", square=True)
    sign, size = apply(Slogdet(), input)
    return size + pointwise.log(sign.detach())


def matrix_exp(A: Any) -> Any:
    """1 + A + A^2 / 2 + A^3 / 6 + ...

    >>> import sparkle
    >>> sparkle.linalg.matrix_exp(sparkle.tensor([[0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    check_matrices(A, "linalg.matrix_exp", square=True)
    return apply(MatrixExp(), A)


def matrix_power(A: Any, n: int, *, out: Any = None) -> Any:
    """The product of n times A: of the inverse where n < 0, the identity where n = 0. By repeated squaring.

    >>> import sparkle
    >>> sparkle.linalg.matrix_power(sparkle.tensor([[1, 1], [0, 1]]), 5).tolist()
    [[1, 5], [0, 1]]
    """
    if out is not None:
        return into(out, matrix_power, A, n)
    n = operator.index(n)
    if A.array.ndim < 2 or A.array.shape[-1] != A.array.shape[-2]:
        raise RuntimeError(
            f"linalg.matrix_power: A must be batches of square matrices, met a tensor of shape {list(A.array.shape)}"
        )
    if n == 0:
        one = wrap(library(A.array).eye(A.array.shape[-1], dtype=A.array.dtype))
        return shape.clone(A).copy_(one)  # of A's history, though it does not matter
    base = A if n > 0 else inv(A)
    return shape.clone(base) if abs(n) == 1 else _power(base, abs(n))


def _power(A: Any, n: int) -> Any:
    if n == 1:
        return A
    half = _power(A, n // 2)
    square = linalg.matmul(half, half)
    return linalg.matmul(square, A) if n % 2 else square


def cross(input: Any, other: Any, *, dim: int = -1, out: Any = None) -> Any:
    """The cross product along a dim of size 3; the other dims broadcast."""
    if out is not None:
        return into(out, cross, input, other, dim=dim)
    return linalg.cross(input, other, dim)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The view of the diagonals of matrices as a last dim."""
    return splitting.diagonal(A, offset, dim1, dim2)


@lowered
def vecdot(x: Any, y: Any, *, dim: int = -1, out: Any = None) -> Any:
    """The sum of x y along a dim; the others broadcast."""
    if out is not None:
        return into(out, vecdot, x, y, dim=dim)
    for name, operand in (("x", x), ("y", y)):
        check_tensor(operand, "linalg.vecdot", name)
        if operand.array.dtype.kind not in FLOATS:
            raise RuntimeError(f"linalg.vecdot: Expected a floating point tensor as input. Got {dtype_of(operand)}")
    return reduction.sum(arithmetic.mul(x, y), dim)


def vander(x: Any, *, N: int | None = None) -> Any:
    """Columns of powers of x: 1, x, x^2, ..., N of them (as many as x is long). x: (*, n), result (*, n, N).

    >>> import sparkle
    >>> sparkle.linalg.vander(sparkle.tensor([1, 2, 3])).tolist()
    [[1, 1, 1], [1, 2, 4], [1, 3, 9]]
    """
    x = x if x.array.ndim else shape.unsqueeze(x, 0)
    n = x.array.shape[-1] if N is None else N
    if n <= 1:
        raise RuntimeError(f"linalg.vander: N must be greater than 1, met {n}")
    powers = shape.expanded(shape.unsqueeze(x, -1), (*x.array.shape, n - 1))
    products = scan.cumprod(powers, -1)
    ones = wrap(library(products.array).ones((*products.array.shape[:-1], 1), dtype=products.array.dtype))
    return joining.cat((ones, products), -1)
