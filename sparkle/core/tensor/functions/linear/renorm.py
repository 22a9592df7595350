"""Slices of a tensor held below a norm."""

from __future__ import annotations

from typing import Any

from ...axes import axis_of
from ...out import into
from ..pointwise.arithmetic import add, mul
from ..pointwise.selection import where
from ..pointwise.unary import check_tensor
from .norms import norm

GUARD = 1e-7  # against division by zero; torch has the same


def renorm(input: Any, p: float, dim: int, maxnorm: float, *, out: Any = None) -> Any:
    """Each slice input[..., i, ...] along dim scaled down to p-norm maxnorm where its norm is larger.

    RuntimeError for fewer than two dims, p <= 0 or maxnorm < 0.

    >>> import sparkle
    >>> sparkle.renorm(sparkle.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if out is not None:
        return into(out, renorm, input, p, dim, maxnorm)
    check_tensor(input, "renorm")
    ndim = input.array.ndim
    if ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {ndim}")
    if not p > 0:
        raise RuntimeError(f"renorm: the norm p must be positive, met {p}")
    if not maxnorm >= 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0, met {maxnorm}")
    axis = axis_of(dim, ndim, "renorm")
    size = norm(input, p, [d for d in range(ndim) if d != axis], keepdim=True)
    return mul(input, where(size > maxnorm, maxnorm / add(size, GUARD), 1.0))
