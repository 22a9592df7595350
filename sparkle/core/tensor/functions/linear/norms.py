"""Norms of vectors and matrices."""

from __future__ import annotations

import math
from typing import Any

from .... import dtypes
from ....ops.reductions.reduction import Amax, Amin, CountNorm, Norm
from ...autocast import in_float32
from ...axes import axes_of, axis_of
from ...base import apply, dtype_of, wrap
from ...out import into
from ..numpy_names import numpy_names
from ..pointwise import selection
from ..pointwise.unary import check_tensor
from ..reductions import reduction
from ..shaping import shape
from . import decompositions, solvers
from .matrices import check_matrices

MATRIX_ORDERS = ("fro", "nuc", math.inf, -math.inf, 1, -1, 2, -2)


@numpy_names
def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None
) -> Any:
    """(sum |x| ** p) ** (1 / p) over all elements or dim; p: a number, inf, -inf, 0 (counts non-zeros) or "fro" (2).

    p="nuc": the sum of the singular values of a matrix, or of the matrices in two dims.
    Raises RuntimeError for types other than floating point.

    >>> import sparkle
    >>> sparkle.norm(sparkle.tensor([3.0, 4.0]))
    tensor(5.)
    """
    if out is not None:
        return into(out, norm, input, p, dim, keepdim, dtype=dtype)
    check_tensor(input, "norm")
    if p == "nuc":
        dims = range(input.array.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
        return matrix_norm(input, "nuc", dims, keepdim, dtype=dtype)
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"norm: expected p to be a number, 'fro' or 'nuc', met {p!r}")
    return _vector(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype, "norm")


def dist(input: Any, other: Any, p: float = 2) -> Any:
    """The p-norm of input - other."""
    check_tensor(other, "dist", "other")
    return norm(input - other, p)


def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None
) -> Any:
    """(sum |x| ** ord) ** (1 / ord) over all elements or dim; ord: a number, inf, -inf, or 0, which counts non-zeros.

    dtype: the type to compute in, which must hold x's. RuntimeError for the inf and negative norms of no elements.

    >>> import sparkle
    >>> sparkle.linalg.vector_norm(sparkle.tensor([[3.0, 4.0], [0.0, 1.0]]), dim=1)
    tensor([5., 1.])
    """
    if out is not None:
        return into(out, vector_norm, x, ord, dim, keepdim, dtype=dtype)
    check_tensor(x, "linalg.vector_norm", "x")
    if isinstance(ord, str):
        raise TypeError(f"linalg.vector_norm(): argument 'ord' must be Number, not {ord!r}")
    return _vector(x, ord, dim, keepdim, dtype, "linalg.vector_norm")


def _vector(x: Any, p: float, dim: Any, keepdim: bool, dtype: Any, where: str) -> Any:
    x = _in_type(x, dtype, where)
    axes = axes_of(dim, x.array.ndim)
    if p < 0 or p == math.inf:
        sizes = x.array.shape if axes is None else [x.array.shape[i] for i in axes]
        if 0 in sizes:
            raise RuntimeError(
                f"{where} cannot compute the {p} norm over dims of size {list(sizes)} because the operation has no "
                "identity"
            )
    if p in (math.inf, -math.inf):
        return apply((Amax if p > 0 else Amin)(axes, keepdim), x.abs())
    return apply((CountNorm if p == 0 else Norm)(p, axes, keepdim), x)


def _in_type(x: Any, dtype: Any, where: str) -> Any:
    """x in the type to compute in. RuntimeError where that is narrower, or either is not floating point."""
    have = dtype_of(x)
    if not have.is_floating_point:
        raise RuntimeError(f"{where}: Expected a floating point tensor as input. Got {have}")
    if dtype is None:
        return x
    to = dtypes.as_dtype(dtype)
    if not to.is_floating_point or dtypes.promote_types(have, to) is not to:
        raise RuntimeError(
            f"{where}: the dtype of the input ({have}) should be convertible without narrowing to the specified dtype "
            f"({to})"
        )
    return x.to(to)


@numpy_names
def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None, out: Any = None
) -> Any:
    """A norm of the matrices in two dims: "fro"; "nuc", the sum of singular values; 2 and -2, the largest and smallest
    one; 1 and -1, the largest and smallest column sum of absolute values; inf and -inf, row sum.

    >>> import sparkle
    >>> sparkle.linalg.matrix_norm(sparkle.tensor([[1.0, -2.0], [3.0, 4.0]]), 1)
    tensor(6.)
    """
    if out is not None:
        return into(out, matrix_norm, A, ord, dim, keepdim, dtype=dtype)
    where = "linalg.matrix_norm"
    check_tensor(A, where, "A")
    A = _in_type(A, dtype, where)
    if A.array.ndim < 2:
        raise RuntimeError(f"{where}: The input tensor A must have at least 2 dimensions, met {A.array.ndim}")
    if isinstance(dim, int):
        raise TypeError(f"{where}: dim must be a 2-tuple, met {dim}")
    if len(tuple(dim)) != 2:
        raise RuntimeError(f"{where}: dim must be a 2-tuple. Got {tuple(dim)}")
    if ord not in MATRIX_ORDERS:
        raise RuntimeError(f"{where}: Order {ord} not supported.")
    rows, columns = (axis_of(d, A.array.ndim, where) for d in dim)
    if rows == columns:
        raise RuntimeError(f"{where}: dims must be different. Got {tuple(dim)}")
    if ord == "fro":
        return _vector(A, 2, (rows, columns), keepdim, None, where)
    if ord in ("nuc", 2, -2):
        return _spectral(A, ord, rows, columns, keepdim)
    summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = reduction.sum(A.abs(), summed, keepdim=True)
    return _extreme(sums, ord > 0, other, summed, keepdim)


def _spectral(A: Any, ord: Any, rows: int, columns: int, keepdim: bool) -> Any:
    values = decompositions.svdvals(shape.movedim(A, (rows, columns), (-2, -1)))
    if ord == "nuc" or (values.array.shape[-1] == 0 and ord > 0):
        result = reduction.sum(values, -1)
    else:
        result = (reduction.amax if ord > 0 else reduction.amin)(values, -1)
    for axis in sorted((rows, columns)) if keepdim else ():
        result = shape.unsqueeze(result, axis)
    return result


def _extreme(sums: Any, largest: bool, axis: int, summed: int, keepdim: bool) -> Any:
    """The largest or smallest sum; 0 where there is none to be the largest."""
    if largest and sums.array.shape[axis] == 0:
        found = reduction.sum(sums, axis, keepdim=True)
    else:
        found = (reduction.amax if largest else reduction.amin)(sums, axis, True)
    return found if keepdim else shape.squeeze(found, (axis, summed))


def linalg_norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None
) -> Any:
    """`matrix_norm` where dim names two dims, or where A is a matrix, dim None and ord given; else `vector_norm`.

    Without ord the 2-norm of all elements, or over dim.
    """
    if out is not None:
        return into(out, linalg_norm, A, ord, dim, keepdim, dtype=dtype)
    check_tensor(A, "linalg.norm", "A")
    if dim is not None:
        dim = (dim,) if isinstance(dim, int) else tuple(dim)
        if len(dim) not in (1, 2):
            raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    elif ord is not None and A.array.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.array.ndim}D."
        )
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if isinstance(ord, str) or (len(dim) if dim is not None else A.array.ndim) == 2:
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


@in_float32
def cond(A: Any, p: Any = None, *, out: Any = None) -> Any:
    """The condition number |A| |A^-1| in the matrix norm p; None and 2: the largest over the smallest singular value.

    inf where A is singular; 0 for a matrix without elements. A may be rectangular for p None, 2 and -2.

    >>> import sparkle
    >>> sparkle.linalg.cond(sparkle.tensor([[4.0, 0.0], [0.0, 2.0]]))
    tensor(2.)
    """
    if out is not None:
        return into(out, cond, A, p)
    if p is not None and p not in MATRIX_ORDERS:
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    check_matrices(A, "linalg.cond", square=p not in (None, 2, -2))
    if not A.array.size:
        return wrap(A.array.sum((-2, -1)))
    if p in (None, 2, -2, "nuc"):
        return _cond_of(decompositions.svdvals(A), p)
    inverse, info = solvers.inv_ex(A)
    return selection.where(info > 0, math.inf, matrix_norm(A, p) * matrix_norm(inverse, p))


def _cond_of(values: Any, p: Any) -> Any:
    """The condition number from singular values."""
    if p == "nuc":
        return reduction.sum(values, -1) * reduction.sum(1 / values, -1)
    first, last = values[..., 0], values[..., -1]
    return last / first if p == -2 else first / last
