"""Pooling: the largest element or the mean of each window."""

from __future__ import annotations

import itertools
import math
from typing import Any

from ...backend import library
from ...ops.nn.pool import AtPlaces, AveragePool, MaxIndices, MaxPool, Unpool, Windows, channels_flat
from ...tensor.autocast import in_float32, uncast
from ...tensor.base import apply, wrap
from ...tensor.functions.linear.linalg import matmul
from ...tensor.functions.shaping.shape import squeeze, transpose, unsqueeze
from .arguments import check_floating, sizes

Dims = int | tuple[int, ...]


def max_pool1d(
    input: Any,
    kernel_size: Dims,
    stride: Dims | None = None,
    padding: Dims = 0,
    dilation: Dims = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window along the last dim. See `max_pool2d`."""
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Any,
    kernel_size: Dims,
    stride: Dims | None = None,
    padding: Dims = 0,
    dilation: Dims = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of the last two dims: (n, c, h, w) or (c, h, w).

    stride: kernel_size if left out. padding: at most half the kernel. ceil_mode: round the output's size up.
    return_indices: also give the places of these elements in the flattened input of their channel, for `max_unpool2d`.
    RuntimeError where the sizes do not fit.

    >>> import sparkle
    >>> max_pool2d(sparkle.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@in_float32
def max_pool3d(
    input: Any,
    kernel_size: Dims,
    stride: Dims | None = None,
    padding: Dims = 0,
    dilation: Dims = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of the last three dims. See `max_pool2d`."""
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _max_pool(
    dims: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    where = f"max_pool{dims}d"
    windows = _windows(where, dims, input, kernel_size, stride, padding, dilation, ceil_mode)
    alone = input.array.ndim == dims + 1
    x = unsqueeze(input, 0) if alone else input
    y = apply(MaxPool(windows), x)
    if not return_indices:
        return squeeze(y, 0) if alone else y
    index = apply(MaxIndices(windows), x, y)
    return (squeeze(y, 0), squeeze(index, 0)) if alone else (y, index)


def _windows(
    where: str, dims: int, input: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Windows:
    """The windows, checked against the input."""
    shape = input.array.shape
    if len(shape) not in (dims + 1, dims + 2) or 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"{where}: expected {dims + 1}D or {dims + 2}D tensor with non-zero sizes, but got input of size "
            f"{list(shape)}"
        )
    kernel = sizes(kernel, dims, "kernel_size", where)
    stride = kernel if stride is None or stride == () or stride == [] else sizes(stride, dims, "stride", where)
    padding, dilation = sizes(padding, dims, "padding", where), sizes(dilation, dims, "dilation", where)
    if min(kernel) < 1 or min(stride) < 1 or min(dilation) < 1:
        raise RuntimeError(
            f"{where}: kernel_size, stride and dilation must be above zero, met {kernel}, {stride} and {dilation}"
        )
    if any(p < 0 or 2 * p > d * (k - 1) + 1 for p, k, d in zip(padding, kernel, dilation, strict=True)):
        raise RuntimeError(
            f"{where}: pad should be non-negative and at most half of effective kernel size, but got pad={padding}, "
            f"kernel_size={kernel} and dilation={dilation}"
        )
    windows = Windows(kernel, stride, padding, dilation, bool(ceil_mode))
    if min(windows.out(shape[-dims:])) < 1:
        raise RuntimeError(
            f"{where}: input size {tuple(shape[-dims:])}, calculated output size {windows.out(shape[-dims:])}: output "
            "size is too small"
        )
    return windows


def avg_pool1d(
    input: Any,
    kernel_size: Dims,
    stride: Dims | None = None,
    padding: Dims = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window along the last dim. See `avg_pool2d`."""
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Any,
    kernel_size: Dims,
    stride: Dims | None = None,
    padding: Dims = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of the last two dims: (n, c, h, w) or (c, h, w).

    stride: kernel_size if left out. count_include_pad: are the zeros of the padding counted? divisor_override: what to
    divide the sums by instead. RuntimeError where the sizes do not fit.
    """
    return _avg_pool(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@in_float32
def avg_pool3d(
    input: Any,
    kernel_size: Dims,
    stride: Dims | None = None,
    padding: Dims = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of the last three dims. See `avg_pool2d`."""
    return _avg_pool(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _avg_pool(
    dims: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_padding: bool,
    divisor: int | None,
) -> Any:
    where = f"avg_pool{dims}d"
    check_floating(input, where)
    if divisor == 0:
        raise RuntimeError(f"{where}: divisor must be not zero")
    windows = _windows(where, dims, input, kernel_size, stride, padding, 1, ceil_mode)
    op = AveragePool(windows, bool(count_padding), divisor)
    return apply(op, input) if input.array.ndim == dims + 2 else squeeze(apply(op, unsqueeze(input, 0)), 0)


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """The means of output_size nearly equal parts of the last dim. See `adaptive_avg_pool2d`."""
    return _adaptive_mean(1, input, output_size)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of output_size nearly equal parts of the last two dims: a number, or one per dim; None: the input's.

    Part i of n goes from floor(i size / n) to ceil((i + 1) size / n).

    >>> import sparkle
    >>> adaptive_avg_pool2d(sparkle.ones(2, 3, 5, 7), 1).shape
    sparkle.Size([2, 3, 1, 1])
    """
    return _adaptive_mean(2, input, output_size)


@in_float32
def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """The means of nearly equal parts of the last three dims. See `adaptive_avg_pool2d`."""
    return _adaptive_mean(3, input, output_size)


def _adaptive_sizes(where: str, dims: int, input: Any, output_size: Any) -> tuple[int, ...]:
    shape = input.array.shape
    if len(shape) not in (dims + 1, dims + 2) or 0 in shape[-dims:]:
        raise RuntimeError(
            f"{where}: expected {dims + 1}D or {dims + 2}D tensor with non-zero sizes, but got {list(shape)}"
        )
    wanted = (output_size,) * dims if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if len(wanted) != dims:
        raise RuntimeError(f"{where}: output_size must have {dims} entries, met {wanted}")
    out = tuple(n if w is None else w for w, n in zip(wanted, shape[-dims:], strict=True))
    if min(out) < 0:
        raise RuntimeError(f"{where}: elements of output_size must be greater than or equal to 0, met {out}")
    return out


@uncast
def _adaptive_mean(dims: int, input: Any, output_size: Any) -> Any:
    where = f"adaptive_avg_pool{dims}d"
    check_floating(input, where)
    out = _adaptive_sizes(where, dims, input, output_size)
    size = input.array.shape[-dims:]
    if 0 not in out and not any(n % m for n, m in zip(size, out, strict=True)):
        kernel = tuple(n // m for n, m in zip(size, out, strict=True))
        return _avg_pool(dims, input, kernel, kernel, 0, False, True, None)
    for i, (n, m) in enumerate(zip(size, out, strict=True)):
        dim = input.array.ndim - dims + i
        input = transpose(matmul(transpose(input, dim, -1), wrap(_shares(input.array, n, m))), dim, -1)
    return input


def _shares(like: Any, n: int, m: int) -> Any:
    """The (n, m) matrix that takes n elements to the means of m parts, in the library and type of an array."""
    shares = library(like).zeros((n, m), like.dtype)
    for i in range(m):
        begin, end = i * n // m, -(-(i + 1) * n // m)
        shares[begin:end, i] = 1 / (end - begin)
    return shares


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest elements of output_size nearly equal parts of the last dim. See `adaptive_avg_pool2d`."""
    return _adaptive_max(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest elements of nearly equal parts of the last two dims. See `adaptive_avg_pool2d`."""
    return _adaptive_max(2, input, output_size, return_indices)


@in_float32
def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest elements of nearly equal parts of the last three dims. See `adaptive_avg_pool2d`."""
    return _adaptive_max(3, input, output_size, return_indices)


def _adaptive_max(dims: int, input: Any, output_size: Any, return_indices: bool) -> Any:
    where = f"adaptive_max_pool{dims}d"
    check_floating(input, where)
    out = _adaptive_sizes(where, dims, input, output_size)
    alone = input.array.ndim == dims + 1
    x = unsqueeze(input, 0) if alone else input
    index = wrap(places_of_largest(x.array, out))
    y = apply(AtPlaces(), x, index)
    if alone:
        y, index = squeeze(y, 0), squeeze(index, 0)
    return (y, index) if return_indices else y


def places_of_largest(x: Any, out: tuple[int, ...]) -> Any:
    """The place, in each flattened channel of x, of the largest element of each of the nearly equal parts."""
    xp = library(x)
    size = x.shape[2:]
    places = xp.arange(math.prod(size)).reshape(size)
    index = xp.zeros((*x.shape[:2], *out), "int64")
    for cell in itertools.product(*map(range, out)):
        part = tuple(slice(i * n // m, -(-(i + 1) * n // m)) for i, n, m in zip(cell, size, out, strict=True))
        values = x[(..., *part)]
        index[(..., *cell)] = places[part].reshape(-1)[channels_flat(values).argmax(-1)]
    return index


@in_float32
def max_unpool1d(
    input: Any, indices: Any, kernel_size: Dims, stride: Dims | None = None, padding: Dims = 0, output_size: Any = None
) -> Any:
    """Put the elements back where `max_pool1d` with return_indices=True found them, among zeros."""
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


@in_float32
def max_unpool2d(
    input: Any, indices: Any, kernel_size: Dims, stride: Dims | None = None, padding: Dims = 0, output_size: Any = None
) -> Any:
    """Put the elements back where `max_pool2d` with return_indices=True found them, among zeros.

    output_size: where it is not (size - 1) stride - 2 padding + kernel_size. RuntimeError for a place outside.
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


@in_float32
def max_unpool3d(
    input: Any, indices: Any, kernel_size: Dims, stride: Dims | None = None, padding: Dims = 0, output_size: Any = None
) -> Any:
    """Put the elements back where `max_pool3d` with return_indices=True found them, among zeros."""
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _max_unpool(
    dims: int, input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> Any:
    where = f"max_unpool{dims}d"
    kernel = sizes(kernel_size, dims, "kernel_size", where)
    stride = kernel if stride is None else sizes(stride, dims, "stride", where)
    padding = sizes(padding, dims, "padding", where)
    if input.array.shape != indices.array.shape:
        raise RuntimeError(
            f"{where}: expected shape of indices to be same as that of the input {list(input.array.shape)}, met "
            f"{list(indices.array.shape)}"
        )
    places = indices.array
    if places.dtype != "int64":
        raise RuntimeError(f"{where}: elements in indices should be type int64, met {places.dtype}")
    dims_of = zip(input.array.shape[-dims:], kernel, stride, padding, strict=True)
    size = tuple((n - 1) * s - 2 * p + k for n, k, s, p in dims_of)
    if output_size is not None:
        size = _near(where, size, stride, tuple(output_size))
    if places.size and not 0 <= int(places.min()) <= int(places.max()) < math.prod(size):
        raise RuntimeError(f"{where}: found an invalid max index {int(places.max())}: the output size is {size}")
    if input.array.ndim == dims + 1:
        return squeeze(apply(Unpool(size), unsqueeze(input, 0), unsqueeze(indices, 0)), 0)
    return apply(Unpool(size), input, indices)


def _near(where: str, usual: tuple[int, ...], stride: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The size wanted of an unpooled input; ValueError where its windows would not be those that were pooled."""
    dims = len(usual)
    if len(wanted) not in (dims, dims + 2):
        raise ValueError(f"{where}: output_size should have {dims} or {dims + 2} elements, met {wanted}")
    size = wanted[-dims:]
    for i, (n, middle, s) in enumerate(zip(size, usual, stride, strict=True)):
        if not middle - s < n < middle + s:
            raise ValueError(
                f"{where}: invalid output_size {wanted}: dim {i} must be between {middle - s} and {middle + s}"
            )
    return size
