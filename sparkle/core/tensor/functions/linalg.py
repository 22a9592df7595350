"""Matrix products as functions of tensors."""

from __future__ import annotations

from typing import Any

from ...ops.linalg import MatMul, Mm, matmul_error
from ..base import TensorBase, apply


def matmul(input: Any, other: Any) -> Any:
    """The matrix product: vectors, matrices and stacks of matrices with broadcasting, as in NumPy.

    Raises RuntimeError where the sizes do not fit or the types differ.

    >>> import sparkle
    >>> sparkle.matmul(sparkle.ones(2, 3), sparkle.ones(3))
    tensor([3., 3.])
    """
    if not isinstance(other, TensorBase):
        raise TypeError(f"matmul: argument 'other' must be a tensor, not {type(other).__name__}")
    a, b = input.array, other.array
    if a.dtype != b.dtype:
        raise RuntimeError(f"matmul: expected both to have the same dtype, but got: {a.dtype} != {b.dtype}")
    if a.ndim == 2 and b.ndim == 2:
        return apply(Mm(), input, other)
    if a.ndim == 0 or b.ndim == 0:
        raise RuntimeError("matmul: both arguments to matmul need to be at least 1D, but they are "
                           f"{a.ndim}D and {b.ndim}D")
    if a.shape[-1] != b.shape[-2 if b.ndim > 1 else -1]:
        raise matmul_error(a, b, "matmul")
    x = input.reshape((1, -1)) if a.ndim == 1 else input
    y = other.reshape((-1, 1)) if b.ndim == 1 else other
    out = apply(MatMul() if x.array.ndim > 2 or y.array.ndim > 2 else Mm(), x, y)
    if b.ndim == 1:
        out = out.reshape(out.array.shape[:-1])
    if a.ndim == 1:
        out = out.reshape((*out.array.shape[:-2], out.array.shape[-1]) if b.ndim > 1 else ())
    return out
