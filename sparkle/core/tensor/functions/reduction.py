"""Reductions as functions of tensors."""

from __future__ import annotations

from typing import Any

from ...ops.reduction import Mean, Sum
from ..axes import axes_of
from ..base import apply, dtype_of


def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over all elements, or over dim (a number or several). Integers and bool are summed as int64."""
    if dtype is not None:
        input = input.to(dtype)
    elif not dtype_of(input).is_floating_point:
        input = input.long()
    return apply(Sum(axes_of(dim, input.array.ndim), keepdim), input)


def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean over all elements, or over dim; nan for no elements. RuntimeError for types other than floating point."""
    if dtype is not None:
        input = input.to(dtype)
    if not dtype_of(input).is_floating_point:
        raise RuntimeError(f"mean: could not infer output dtype; the input must be floating point, met {dtype_of(input)}")
    return apply(Mean(axes_of(dim, input.array.ndim), keepdim), input)
