"""Reductions as functions of tensors. For `dim` and `keepdim`, NumPy's names `axis` and `keepdims` do as well."""

from __future__ import annotations

import builtins
import math
from typing import Any

from .... import dtypes
from ....dtypes import FLOATS
from ....ops.reductions.reduction import Amax, Amin, Mean, Prod, Std, Sum, Var
from ...autocast import in_float32
from ...axes import axes_of, axis_of
from ...base import apply, dtype_of, wrap
from ...operands import plain
from ...out import into, typed_into
from ...quick import single
from .. import named
from ..numpy_names import numpy_names
from ..pointwise.unary import check_tensor


@numpy_names
def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """The sum over all elements, or over dim (a number or several). Integers and bool are summed as int64.

    >>> import sparkle
    >>> sparkle.sum(sparkle.tensor([[True, True], [False, True]]), 0).tolist()
    [1, 2]
    """
    if out is not None:
        return typed_into(out, sum, input, dim, keepdim, dtype=dtype)
    check_tensor(input, "sum")
    if dtype is not None:
        input = input.to(dtype)
    array = input.array
    axes = None if dim is None else axes_of(dim, array.ndim)
    return single(Sum(axes, keepdim) if array.dtype.kind in FLOATS else Sum(axes, keepdim, _whole_type(dtype)), input)


def _whole_type(dtype: Any) -> Any:
    """The type in which integers are summed: int64 unless another was asked for."""
    return (dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)).numpy


@numpy_names
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """The sum that counts nan as 0."""
    if out is not None:
        return typed_into(out, nansum, input, dim, keepdim, dtype=dtype)
    check_tensor(input, "nansum")
    return sum(input.nan_to_num(0.0, math.inf, -math.inf), dim, keepdim, dtype=dtype)


@numpy_names
def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """The mean over all elements, or over dim; nan for no elements. RuntimeError for integers and bool."""
    if out is not None:
        return into(out, mean, input, dim, keepdim, dtype=dtype)
    check_tensor(input, "mean")
    if dtype is not None:
        input = input.to(dtype)
    if input.array.dtype.kind not in FLOATS:
        raise RuntimeError(f"mean: could not infer output dtype: wanted a floating point input, met {dtype_of(input)}")
    return single(Mean(axes_of(dim, input.array.ndim), keepdim), input)


@numpy_names
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """The mean of the elements that are not nan."""
    if out is not None:
        return into(out, nanmean, input, dim, keepdim, dtype=dtype)
    check_tensor(input, "nanmean")
    if input.array.dtype.kind not in FLOATS:
        raise RuntimeError(f"nanmean: expected input to have a floating point dtype but got {dtype_of(input)}")
    count = wrap((input.array == input.array).astype(input.array.dtype))
    return nansum(input, dim, keepdim, dtype=dtype) / sum(count, dim, keepdim)


@numpy_names
@in_float32
def prod(input: Any, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """The product over all elements, or over one dim. Integers and bool are multiplied as int64."""
    if out is not None:
        return typed_into(out, prod, input, dim, keepdim, dtype=dtype)
    check_tensor(input, "prod")
    if dtype is not None:
        input = input.to(dtype)
    axis = None if dim is None else axis_of(dim, input.array.ndim, "prod")
    if not input.array.ndim:
        axis = None
    return apply(Prod(axis, keepdim, None if input.array.dtype.kind in FLOATS else _whole_type(dtype)), input)


@numpy_names
def amax(input: Any, dim: Any = (), keepdim: bool = False, *, out: Any = None) -> Any:
    """The largest element over dim (several, one, or none for all); ties share the gradient. nan wins."""
    if out is not None:
        return into(out, amax, input, dim, keepdim)
    return _extreme(Amax, input, dim, keepdim, "amax")


@numpy_names
def amin(input: Any, dim: Any = (), keepdim: bool = False, *, out: Any = None) -> Any:
    """The smallest element over dim (several, one, or none for all); ties share the gradient. nan wins."""
    if out is not None:
        return into(out, amin, input, dim, keepdim)
    return _extreme(Amin, input, dim, keepdim, "amin")


def _extreme(op: Any, input: Any, dim: Any, keepdim: bool, where: str) -> Any:
    check_tensor(input, where)
    axes = axes_of(dim, input.array.ndim)
    check_not_empty(input, axes, where)
    return apply(op(axes, keepdim), input)


def check_not_empty(input: Any, axes: Any, where: str) -> None:
    """Refuse to look for an element where there is none: RuntimeError for a tensor, IndexError for a dim."""
    if input.array.size:
        return
    if axes is None:
        raise RuntimeError(
            f"{where}: Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    for axis in (axes,) if isinstance(axes, int) else axes:
        if input.array.shape[axis] == 0:
            raise IndexError(f"{where}: Expected reduction dim {axis} to have non-zero size.")


@numpy_names
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False, out: Any = None) -> Any:
    """(min, max), as a tuple with these names, over all elements or one dim; ties share the gradient."""
    if out is not None:
        return into(out, aminmax, input, dim=dim, keepdim=keepdim)
    dims = () if dim is None else dim
    return named.aminmax(amin(input, dims, keepdim), amax(input, dims, keepdim))


@numpy_names
def argmax(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The index of the largest element (nan, where there is one): of the flattened tensor, or along dim."""
    if out is not None:
        return into(out, argmax, input, dim, keepdim)
    return _arg("argmax", input, dim, keepdim)


@numpy_names
def argmin(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The index of the smallest element (nan, where there is one): of the flattened tensor, or along dim."""
    if out is not None:
        return into(out, argmin, input, dim, keepdim)
    return _arg("argmin", input, dim, keepdim)


def _arg(where: str, input: Any, dim: Any, keepdim: bool) -> Any:
    check_tensor(input, where)
    array = input.array
    if array.dtype.kind == "b":
        raise RuntimeError(f"{where}: does not support bool input")
    axis = None if dim is None else axis_of(dim, array.ndim)
    if array.size == 0 and (axis is None or array.shape[axis] == 0):
        wanted = "dim to be specified" if axis is None else f"dim {axis} to have non-zero size"
        raise IndexError(f"{where}: Expected reduction {wanted} for input.numel() == 0.")
    index = getattr(array, where)(axis=axis if array.ndim else None)
    if keepdim:
        shape = tuple(1 if axis is None or i == axis else n for i, n in enumerate(array.shape))
        index = index.reshape(shape)
    return wrap(index)


@numpy_names
def all(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """Are all elements, or all along dim, true (not zero)? A bool tensor; for uint8 a uint8 one."""
    if out is not None:
        return into(out, all, input, dim, keepdim)
    return _truth("all", input, dim, keepdim)


@numpy_names
def any(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """Is any element, or any along dim, true (not zero)? A bool tensor; for uint8 a uint8 one."""
    if out is not None:
        return into(out, any, input, dim, keepdim)
    return _truth("any", input, dim, keepdim)


def _truth(where: str, input: Any, dim: Any, keepdim: bool) -> Any:
    check_tensor(input, where)
    array = input.array
    axes = () if dim == () else axes_of(dim, array.ndim)  # here, unlike elsewhere, no dims means none
    answer = getattr(array, where)(axis=axes, keepdims=keepdim)
    return wrap(answer.astype("uint8") if array.dtype == "uint8" else answer)


@numpy_names
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements, in all or along dim, are not zero?"""
    check_tensor(input, "count_nonzero")
    return wrap((input.array != 0).sum(axis=axes_of(dim, input.array.ndim), dtype="int64"))


# Spread. The second argument is dim, or `unbiased` where it is a bool: both are torch's.


@numpy_names
def var(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Any = None,
) -> Any:
    """sum((x - mean(x)) ** 2) / max(0, n - correction) over all elements or dim; correction is 1 unless given.

    >>> import sparkle
    >>> sparkle.var(sparkle.tensor([1.0, 3.0]), correction=0)
    tensor(1.)
    """
    if out is not None:
        return into(out, var, input, dim, unbiased, keepdim, correction=correction)
    return _spread(Var, "var", input, dim, unbiased, keepdim, correction)


@numpy_names
def std(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Any = None,
) -> Any:
    """The square root of `var`."""
    if out is not None:
        return into(out, std, input, dim, unbiased, keepdim, correction=correction)
    return _spread(Std, "std", input, dim, unbiased, keepdim, correction)


def _spread(
    op: Any, where: str, input: Any, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> Any:
    check_tensor(input, where)
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{where}: got both unbiased and correction")
    if input.array.dtype.kind not in FLOATS:
        raise RuntimeError(f"{where}: std and var only support floating point dtypes, met {dtype_of(input)}")
    if correction is None:
        correction = 1 if unbiased is None else builtins.int(unbiased)
    return apply(op(axes_of(dim, input.array.ndim), keepdim, plain(correction)), input)


@numpy_names
def var_mean(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Any = None,
) -> tuple[Any, Any]:
    """The variance and the mean."""
    if out is not None:
        return into(out, var_mean, input, dim, unbiased, keepdim, correction=correction)
    variance = _spread(Var, "var_mean", input, dim, unbiased, keepdim, correction)
    return variance, mean(input, None if isinstance(dim, bool) else dim, keepdim)


@numpy_names
def std_mean(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Any = None,
) -> tuple[Any, Any]:
    """The standard deviation and the mean."""
    if out is not None:
        return into(out, std_mean, input, dim, unbiased, keepdim, correction=correction)
    deviation = _spread(Std, "std_mean", input, dim, unbiased, keepdim, correction)
    return deviation, mean(input, None if isinstance(dim, bool) else dim, keepdim)
