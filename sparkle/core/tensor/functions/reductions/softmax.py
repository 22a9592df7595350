"""Normalised exponentials."""

from __future__ import annotations

from typing import Any

from ....autograd.op import Op
from ....dtypes import FLOATS
from ....ops.reductions.reduction import LogSoftmax, LogSumExp, Softmax
from ...axes import axes_of, axis_of
from ...base import apply
from ...out import into
from ..numpy_names import numpy_names
from ..pointwise.unary import check_tensor, not_for, to_float


@numpy_names
def softmax(input: Any, dim: int, *, dtype: Any = None, out: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along dim; floating point only, so give dtype for integers.

    >>> import sparkle
    >>> sparkle.softmax(sparkle.tensor([1.0, 1.0]), 0)
    tensor([0.5000, 0.5000])
    """
    if out is not None:
        return into(out, softmax, input, dim, dtype=dtype)
    return _along(Softmax, "softmax", input, dim, dtype)


@numpy_names
def log_softmax(input: Any, dim: int, *, dtype: Any = None, out: Any = None) -> Any:
    """log(softmax(x)) along dim, without overflow; floating point only, so give dtype for integers."""
    if out is not None:
        return into(out, log_softmax, input, dim, dtype=dtype)
    return _along(LogSoftmax, "log_softmax", input, dim, dtype)


def _along(op: type[Op], where: str, input: Any, dim: Any, dtype: Any) -> Any:
    check_tensor(input, where)
    if dtype is not None:
        input = input.to(dtype)
    if input.array.dtype.kind not in FLOATS:
        raise not_for(where, input)
    axis = axis_of(dim, input.array.ndim, where)
    return apply(op(axis if input.array.ndim else None), input)  # type: ignore[call-arg]


@numpy_names
def logsumexp(input: Any, dim: Any, keepdim: bool = False, *, out: Any = None) -> Any:
    """log(sum(exp(x))) over dim (one or several), without overflow."""
    if out is not None:
        return into(out, logsumexp, input, dim, keepdim)
    check_tensor(input, "logsumexp")
    return apply(LogSumExp(axes_of(dim, input.array.ndim), keepdim), to_float(input))
