"""Checks of matrices and stacks of matrices."""

from __future__ import annotations

from typing import Any

from ...base import TensorBase, dtype_of
from ..pointwise.unary import not_a_tensor


def check_floating(x: Any, where: str, name: str = "A") -> None:
    """A tensor of float32 or float64? TypeError, or for other dtypes NotImplementedError, which is a RuntimeError."""
    if not isinstance(x, TensorBase):
        raise not_a_tensor(where, name, x)
    if x.array.dtype.kind != "f" or x.array.dtype.itemsize == 2:
        raise NotImplementedError(
            f"{where}: not implemented for {dtype_of(x)}. Expected float32 or float64; convert with .float()"
        )


def check_matrices(x: Any, where: str, name: str = "A", square: bool = False) -> None:
    """Matrices of float32 or float64, square where wanted? RuntimeError says what was met."""
    check_floating(x, where, name)
    shape = x.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"{where}: The input tensor {name} must have at least 2 dimensions, met shape {list(shape)}")
    if square and shape[-1] != shape[-2]:
        raise RuntimeError(
            f"{where}: {name} must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices"
        )


def check_alike(a: Any, b: Any, where: str) -> None:
    """One type? RuntimeError otherwise."""
    if not isinstance(b, TensorBase):
        raise not_a_tensor(where, "B", b)
    if a.array.dtype != b.array.dtype:
        raise RuntimeError(
            f"{where}: Expected A and B to have the same dtype, but found A of type {dtype_of(a)} and B of type "
            f"{dtype_of(b)} instead"
        )


def check_system(a: Any, b: Any, where: str, left: bool = True) -> None:
    """Square A and matrices B that fit A X = B, or X A = B? RuntimeError otherwise."""
    check_matrices(a, where, square=True)
    check_alike(a, b, where)
    check_matrices(b, where, "B")
    n, k = a.array.shape[-1], b.array.shape[-2:]
    if k[0 if left else 1] != n:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{where}: Incompatible shapes of A and B for the equation {equation} ({n}x{n} and {k[0]}x{k[1]})"
        )
