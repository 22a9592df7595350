"""Functions that find, order and count elements."""

from __future__ import annotations

from typing import Any

from ....backend import library
from ....ops.reductions.reduction import Max, Min, Reduction
from ....ops.reductions.sorting import Median, TakeAlong, kth, middle, ordered, top
from ...axes import axis_of
from ...base import TensorBase, apply, wrap
from ...out import into
from .. import named
from ..numpy_names import numpy_names
from ..pointwise.selection import maximum, minimum
from ..pointwise.unary import check_tensor, not_for
from .reduction import check_not_empty


@numpy_names
def max(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None) -> Any:
    """The largest element; or, with dim, (values, indices) along it; or, with a second tensor, the larger of the two.

    nan counts as the largest. Without dim, ties share the gradient; with dim, it goes to the element of the index.

    >>> import sparkle
    >>> sparkle.max(sparkle.tensor([[1.0, 5.0], [7.0, 3.0]]), 1).indices.tolist()
    [1, 0]
    """
    if out is not None:
        return into(out, max, input, dim, keepdim, other=other)
    if isinstance(dim, TensorBase) or other is not None:
        return maximum(input, dim if other is None else other)
    return _full(Max, input, "max") if dim is None else _found("argmax", input, dim, keepdim, "max")


@numpy_names
def min(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None) -> Any:
    """The smallest element; or, with dim, (values, indices) along it; or, with a second tensor, the smaller of both."""
    if out is not None:
        return into(out, min, input, dim, keepdim, other=other)
    if isinstance(dim, TensorBase) or other is not None:
        return minimum(input, dim if other is None else other)
    return _full(Min, input, "min") if dim is None else _found("argmin", input, dim, keepdim, "min")


def _full(op: type[Reduction], input: Any, where: str) -> Any:
    check_tensor(input, where)
    check_not_empty(input, None, where)
    return apply(op(), input)


def _found(search: str, input: Any, dim: int, keepdim: bool, where: str) -> Any:
    check_tensor(input, where)
    array, kind = input.array, getattr(named, where)
    axis = axis_of(dim, array.ndim, where)
    if array.ndim == 0:
        return single(input, kind)
    check_not_empty(input, axis, where)
    index = library(array).expand_dims(getattr(array, search)(axis=axis), axis)
    return pick(input, index, axis, keepdim, kind)


def single(input: Any, kind: Any) -> Any:
    """A tensor without dims has its one element at index 0."""
    return kind(input.clone(), wrap(library(input.array).zeros((), dtype="int64")))


def pick(input: Any, index: Any, axis: int, keepdim: bool, kind: Any) -> Any:
    """The elements at an index array of size 1 along the axis, with their indices."""
    values = apply(TakeAlong(index, axis, squeeze=not keepdim, called=kind.__name__), input)
    return kind(values, wrap(index if keepdim else index.squeeze(axis)))


@numpy_names
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False, *, out: Any = None) -> Any:
    """(values, indices) in ascending or descending order along dim.

    Equal elements keep their order, whether stable is asked for or not; nan counts as the largest.

    >>> import sparkle
    >>> values, indices = sparkle.sort(sparkle.tensor([3.0, 1.0, 2.0]))
    >>> indices.tolist()
    [1, 2, 0]
    """
    if out is not None:
        return into(out, sort, input, dim, descending, stable)
    check_tensor(input, "sort")
    axis = axis_of(dim, input.array.ndim, "sort")
    if input.array.ndim == 0:
        return single(input, named.sort)
    index = ordered(library(input.array), input.array, axis, descending)
    return named.sort(apply(TakeAlong(index, axis, called="sort"), input), wrap(index))


@numpy_names
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False, *, out: Any = None) -> Any:
    """The indices of `sort`."""
    if out is not None:
        return into(out, argsort, input, dim, descending, stable)
    return sort(input.detach(), dim, descending, stable).indices


def msort(input: Any, *, out: Any = None) -> Any:
    """The elements in ascending order along the first dim."""
    if out is not None:
        return into(out, msort, input)
    return sort(input, 0).values


def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Any:
    """(values, indices) of the k largest (or smallest) elements along dim, in order whether sorted is asked for or not.

    Raises RuntimeError where the dim has fewer than k elements.
    """
    if out is not None:
        return into(out, topk, input, k, dim, largest, sorted)
    check_tensor(input, "topk")
    array = input.array
    axis = axis_of(dim, array.ndim, "topk")
    if not 0 <= k <= (array.shape[axis] if array.ndim else 1):
        raise RuntimeError(f"topk: selected index k out of range: k is {k}, dim {axis} of shape {tuple(array.shape)}")
    if array.dtype.kind == "b":
        raise not_for("topk", input)
    if array.ndim == 0:
        return single(input, named.topk)
    index = top(library(array), array, k, axis, largest)
    return named.topk(apply(TakeAlong(index, axis, called="topk"), input), wrap(index))


@numpy_names
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """(values, indices) of the k-th smallest element along dim, counted from 1; RuntimeError for k out of range."""
    if out is not None:
        return into(out, kthvalue, input, k, dim, keepdim)
    check_tensor(input, "kthvalue")
    array = input.array
    axis = axis_of(dim, array.ndim, "kthvalue")
    if array.ndim:
        check_not_empty(input, axis, "kthvalue")
    if not 1 <= k <= (array.shape[axis] if array.ndim else 1):
        raise RuntimeError(f"kthvalue: selected k out of range: k is {k}, dim {axis} of shape {tuple(array.shape)}")
    if array.ndim == 0:
        return single(input, named.kthvalue)
    return pick(input, kth(library(array), array, k - 1, axis), axis, keepdim, named.kthvalue)


@numpy_names
def median(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The median, the lower one of two; with dim, (values, indices) along it. nan where an element is nan.

    Without dim, ties share the gradient. The median of no elements is nan.
    """
    if out is not None:
        return into(out, median, input, dim, keepdim)
    return _median(input, dim, keepdim, "median")


@numpy_names
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The median of the elements that are not nan."""
    if out is not None:
        return into(out, nanmedian, input, dim, keepdim)
    return _median(input, dim, keepdim, "nanmedian")


def _median(input: Any, dim: Any, keepdim: bool, where: str) -> Any:
    check_tensor(input, where)
    if input.array.dtype.kind == "b":
        raise not_for(where, input)
    if dim is None:
        return apply(Median(where == "nanmedian"), input)
    axis = axis_of(dim, input.array.ndim, where)
    if input.array.ndim == 0:
        return single(input, getattr(named, where))
    check_not_empty(input, axis, where)
    index = middle(library(input.array), input.array, axis, where == "nanmedian")
    return pick(input, index, axis, keepdim, getattr(named, where))
