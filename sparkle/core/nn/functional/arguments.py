"""What the functions here have in common: sizes per dim, reductions, and the errors for wrong ones."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from ...dtypes import FLOATS
from ...tensor.base import TensorBase, dtype_of
from ...tensor.functions.pointwise.unary import check_tensor, not_for


def sizes(value: Any, dims: int, name: str, where: str) -> tuple[int, ...]:
    """One number for all dims, or one for each, as a tuple; RuntimeError for another count."""
    if type(value) is int:
        return (value,) * dims
    try:
        given = tuple([v.__index__() for v in (value if isinstance(value, Sequence) else (value,))])
    except AttributeError:
        raise TypeError(
            f"{where}(): argument '{name}' must be an int or a tuple of {dims} ints, not {value!r}"
        ) from None
    if len(given) == 1:
        return given * dims
    if len(given) != dims:
        raise RuntimeError(f"{where}: {name} {given} has {len(given)} entries, wanted one or {dims}")
    return given


def check_floating(x: Any, where: str) -> None:
    """TypeError for what is no tensor, NotImplementedError for types other than floating point."""
    check_tensor(x, where)
    if x.array.dtype.kind not in FLOATS:
        raise not_for(where, x)


def check_same_dtype(where: str, **tensors: Any) -> None:
    """RuntimeError where two tensors differ in type; None is left out."""
    given = {name: x for name, x in tensors.items() if x is not None}
    for name, x in given.items():
        check_tensor(x, where, name)
    if len({x.array.dtype for x in given.values()}) > 1:
        met = ", ".join(f"{name} {dtype_of(x)}" for name, x in given.items())
        raise RuntimeError(f"{where}: expected all to have the same dtype, met {met}")


def check_reduction(reduction: Any, where: str) -> None:
    """ValueError for what is no reduction."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{where}: {reduction!r} is not a valid value for reduction: it is 'mean', 'sum' or 'none'")


def reduction_of(size_average: bool | None, reduce: bool | None, reduction: str, where: str) -> str:
    """The reduction asked for, also by the two flags that came before it: mean, unless summed or not reduced at all."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(
            f"{where}: size_average and reduce are deprecated; use reduction={reduction!r} instead",
            UserWarning,
            stacklevel=3,
        )
    check_reduction(reduction, where)
    return reduction


def reduced(losses: Any, reduction: str) -> Any:
    """A tensor of losses as it is, or its mean or sum."""
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def is_tensor(x: Any) -> bool:
    """Is it a tensor?"""
    return isinstance(x, TensorBase)
