"""Batches of images as one picture, and pictures as files."""

from __future__ import annotations

import math
import os
from typing import IO, Any

import numpy

from ..core.backend import library, to_numpy
from ..core.tensor.base import TensorBase, wrap
from ..core.tensor.making.creation import as_tensor


def make_grid(
    tensor: Any,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Any:
    """Images side by side in one: (B, C, H, W), or a list of (C, H, W), to (3, height, width), as in torchvision.

    nrow: images in a row. normalize: shift and scale to 0..1, from value_range or from the smallest and largest value,
    of all images or (scale_each) of each. One channel becomes three equal ones. Images of (H, W) and (B, H, W) are not
    distinguished: three dims are one image (C, H, W). Raises TypeError for what is no tensor.

    >>> import sparkle
    >>> make_grid(sparkle.zeros(4, 3, 8, 8), nrow=2).shape
    sparkle.Size([3, 22, 22])
    """
    array = _images(tensor)
    xp = library(array)
    if normalize:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError("make_grid: value_range has to be a tuple (min, max), met " + type(value_range).__name__)
        array = array.astype(xp.float32)
        array = xp.stack([_scaled(a, value_range) for a in array]) if scale_each else _scaled(array, value_range)
    if array.shape[0] == 1:
        return wrap(array[0])
    count, channels, height, width = array.shape
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    height, width = height + padding, width + padding
    grid = xp.full((channels, height * rows + padding, width * columns + padding), pad_value, dtype=array.dtype)
    for i, image in enumerate(array):
        y, x = i // columns * height + padding, i % columns * width + padding
        grid[:, y : y + height - padding, x : x + width - padding] = image
    return wrap(grid)


def save_image(tensor: Any, fp: str | os.PathLike[str] | IO[bytes], format: str | None = None, **grid: Any) -> None:
    """Write a tensor of images with values 0..1 as a picture file; several images as a grid (options of `make_grid`).

    The format follows from the file's name unless given. Needs Pillow.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise RuntimeError("save_image needs Pillow: pip install 'sparkle-engine[plot]'") from error
    array = to_numpy(make_grid(tensor, **grid).array)
    pixels = numpy.clip(array.astype(numpy.float64) * 255 + 0.5, 0, 255).astype(numpy.uint8).transpose(1, 2, 0)
    Image.fromarray(pixels).save(fp, format=format)


def _images(tensor: Any) -> Any:
    """The array of images, (B, 3 or C, H, W)."""
    if isinstance(tensor, (list, tuple)) and tensor and all(isinstance(x, TensorBase) for x in tensor):
        array = library(tensor[0].array).stack([x.array for x in tensor])
    elif isinstance(tensor, TensorBase):
        array = tensor.array
    else:
        raise TypeError(f"make_grid: tensor or list of tensors expected, got {type(tensor).__name__}")
    array = as_tensor(array).array
    if array.ndim == 2:
        array = array[None]
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4:
        raise ValueError(f"make_grid: wanted images of shape (B, C, H, W), met {tuple(array.shape)}")
    return library(array).concatenate([array] * 3, axis=1) if array.shape[1] == 1 else array


def _scaled(array: Any, value_range: tuple[float, float] | None) -> Any:
    low, high = value_range or (float(array.min()), float(array.max()))
    return (array.clip(low, high) - low) / max(high - low, 1e-5)
