"""Power-average pooling, and largest elements of windows that begin at random places."""

from __future__ import annotations

import math
from typing import Any

from ...ops.nn.fractional_pool import FractionalPlaces
from ...ops.nn.pool import AtPlaces
from ...tensor.autocast import in_float32
from ...tensor.base import apply, wrap
from ...tensor.functions.pointwise import elementwise as pointwise
from ...tensor.functions.pointwise.selection import clamp_min
from ...tensor.functions.sampling import rand
from ...tensor.functions.shaping.shape import squeeze, unsqueeze
from .arguments import check_floating, check_same_dtype, sizes
from .pool import avg_pool1d, avg_pool2d, avg_pool3d

Dims = int | tuple[int, ...]


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Dims, stride: Dims | None = None, ceil_mode: bool = False
) -> Any:
    """The norm_type-norm of each window along the last dim. See `lp_pool2d`."""
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Dims, stride: Dims | None = None, ceil_mode: bool = False
) -> Any:
    """(sum x^p)^(1/p) of each window of the last two dims, p the norm_type: (n, c, h, w) or (c, h, w).

    stride: kernel_size if left out. The absolute value is not taken, and sums below 0 count as their size.

    >>> import sparkle
    >>> lp_pool2d(sparkle.tensor([[[3.0, 0.0], [0.0, 4.0]]]), 2, 2)
    tensor([[[5.]]])
    """
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


@in_float32
def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Dims, stride: Dims | None = None, ceil_mode: bool = False
) -> Any:
    """The norm_type-norm of each window of the last three dims. See `lp_pool2d`."""
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(dims: int, input: Any, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Any:
    where = f"lp_pool{dims}d"
    check_floating(input, where)
    kernel = sizes(kernel_size, dims, "kernel_size", where)
    pool = (avg_pool1d, avg_pool2d, avg_pool3d)[dims - 1]
    means = pool(input**norm_type, kernel, stride, 0, ceil_mode)
    return (pointwise.sign(means) * clamp_min(pointwise.abs(means), 0.0) * math.prod(kernel)) ** (1 / norm_type)


@in_float32
def fractional_max_pool2d(
    input: Any,
    kernel_size: Dims,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest elements of windows that begin at random places (Graham, 2015): (n, c, h, w) or (c, h, w).

    output_size, or output_ratio of the input's: how many windows. return_indices: also give the places of these
    elements in the flattened input of their channel. _random_samples: (n, c, 2) numbers from 0 to 1 that choose where
    the windows begin. ValueError with neither size nor ratio, RuntimeError where the sizes do not fit.

    >>> import sparkle
    >>> fractional_max_pool2d(sparkle.ones(1, 2, 9, 9), 2, output_ratio=(0.5, 0.6)).shape
    sparkle.Size([1, 2, 4, 5])
    """
    return _fractional(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


@in_float32
def fractional_max_pool3d(
    input: Any,
    kernel_size: Dims,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest elements of windows that begin at random places of volumes. See `fractional_max_pool2d`."""
    return _fractional(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def _fractional(
    dims: int, input: Any, kernel_size: Any, output_size: Any, output_ratio: Any, return_indices: bool, samples: Any
) -> Any:
    where = f"fractional_max_pool{dims}d"
    check_floating(input, where)
    if output_size is None and output_ratio is None:
        raise ValueError(f"{where} requires specifying either an output_size or an output_ratio")
    shape = input.array.shape
    if len(shape) not in (dims + 1, dims + 2) or 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"{where}: expected {dims + 1}D or {dims + 2}D tensor with non-zero sizes, but got {list(shape)}"
        )
    kernel = sizes(kernel_size, dims, "kernel_size", where)
    if output_size is None:
        ratios = tuple(output_ratio) if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * dims
        output_size = tuple(int(n * r) for n, r in zip(shape[-dims:], ratios, strict=True))
    out = sizes(output_size, dims, "output_size", where)
    for n, k, m in zip(shape[-dims:], kernel, out, strict=True):
        if m < 1 or k < 1 or m + k - 1 > n - (dims == 3):  # of volumes torch wants one more
            raise RuntimeError(f"{where}: kernel_size {kernel} and output_size {out} do not fit into {shape[-dims:]}")
    x = input if len(shape) == dims + 2 else unsqueeze(input, 0)
    n, c = x.array.shape[:2]
    samples = rand(n, c, dims, dtype=input.dtype, device=input.device) if samples is None else samples
    met = tuple(samples.array.shape)
    if len(met) != 3 or met[0] < n or met[1:] != (c, dims):
        raise RuntimeError(f"{where}: _random_samples must be {(n, c, dims)}, met {met}")
    check_same_dtype(where, input=input, _random_samples=samples)
    samples = samples[:n]
    index = apply(FractionalPlaces(kernel, out), wrap(x.array), samples)
    y = apply(AtPlaces(), x, index)
    if len(shape) == dims + 1:
        y, index = squeeze(y, 0), squeeze(index, 0)
    return (y, index) if return_indices else y
