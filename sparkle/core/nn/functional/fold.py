"""Images taken apart into the columns of their windows, and put together again."""

from __future__ import annotations

import math
from typing import Any

from ...ops.nn.pool import Windows
from ...ops.nn.resample import Fold, Unfold
from ...tensor.base import apply
from ...tensor.functions.shaping.shape import squeeze, unsqueeze
from .arguments import check_floating, sizes

Dims = int | tuple[int, ...]


def unfold(input: Any, kernel_size: Dims, dilation: Dims = 1, padding: Dims = 0, stride: Dims = 1) -> Any:
    """The windows of images as columns: (n, c, h, w) to (n, c · kernel area, windows); n may be missing.

    RuntimeError where the sizes do not fit.

    >>> import sparkle
    >>> unfold(sparkle.ones(1, 3, 4, 5), (2, 3)).shape
    sparkle.Size([1, 18, 9])
    """
    check_floating(input, "unfold")
    windows = _windows("unfold", kernel_size, dilation, padding, stride)
    shape = input.array.shape
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(f"unfold: expected a 3D or 4D input with non-zero sizes, met {list(shape)}")
    if min(windows.out(shape[-2:])) < 1:
        raise RuntimeError(
            f"unfold: an image of {shape[-2:]} with padding {windows.padding} has no window of {windows.kernel} with "
            f"dilation {windows.dilation} and stride {windows.stride}"
        )
    if len(shape) == 3:
        return squeeze(apply(Unfold(windows), unsqueeze(input, 0)), 0)
    return apply(Unfold(windows), input)


def fold(
    input: Any, output_size: Dims, kernel_size: Dims, dilation: Dims = 1, padding: Dims = 0, stride: Dims = 1
) -> Any:
    """Columns of windows added up to images: (n, c · kernel area, windows) to (n, c, *output_size); n may be missing.

    RuntimeError where the sizes do not fit.

    >>> import sparkle
    >>> fold(sparkle.ones(1, 4, 4), 3, 2).tolist()
    [[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]]
    """
    check_floating(input, "fold")
    windows = _windows("fold", kernel_size, dilation, padding, stride)
    size = sizes(output_size, 2, "output_size", "fold")
    shape = input.array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:] or min(size) < 1:
        raise RuntimeError(
            f"fold: expected a 2D or 3D input and sizes greater than 0, met {list(shape)} and output_size {size}"
        )
    area, out = math.prod(windows.kernel), windows.out(size)
    if shape[-2] % area:
        raise RuntimeError(f"fold: input.size(-2) = {shape[-2]} must be divisible by the kernel's area {area}")
    if min(out) < 1 or shape[-1] != math.prod(out):
        raise RuntimeError(
            f"fold: images of {size} have {' x '.join(map(str, out))} windows, but input.size(-1) is {shape[-1]}"
        )
    if len(shape) == 2:
        return squeeze(apply(Fold(windows, size), unsqueeze(input, 0)), 0)
    return apply(Fold(windows, size), input)


def _windows(where: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Windows:
    kernel = sizes(kernel_size, 2, "kernel_size", where)
    dilation = sizes(dilation, 2, "dilation", where)
    padding = sizes(padding, 2, "padding", where)
    stride = sizes(stride, 2, "stride", where)
    for name, value, least in (
        ("kernel_size", kernel, 1),
        ("dilation", dilation, 1),
        ("padding", padding, 0),
        ("stride", stride, 1),
    ):
        if min(value) < least:
            raise RuntimeError(f"{where}: {name} must not be less than {least}, met {value}")
    return Windows(kernel, stride, padding, dilation)
