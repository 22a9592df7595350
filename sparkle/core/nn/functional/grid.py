"""Sampling images at the points of a grid, and grids of affine maps."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy

from ...backend import library
from ...dtypes import FLOATS
from ...ops.nn.pool import AtPlaces
from ...tensor.autocast import in_float32, lowered
from ...tensor.base import apply, dtype_of, wrap
from ...tensor.functions.linear.linalg import matmul
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.shaping.shape import reshape, unsqueeze
from ...tensor.functions.shaping.shape import transpose as transposed
from .arguments import check_floating
from .interpolate import cubic

MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


@lowered
def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    """The points, for `grid_sample`, where affine maps take each pixel of images of that size (Jaderberg et al., 2015).

    theta: (n, 2, 3) with size (n, c, h, w), or (n, 3, 4) with (n, c, d, h, w). Returns (n, h, w, 2) or (n, d, h, w, 3).
    ValueError or NotImplementedError where these do not fit.

    >>> import sparkle
    >>> affine_grid(sparkle.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 3), align_corners=True)[0, 0, :, 0]
    tensor([-1.,  0.,  1.])
    """
    if align_corners is None:
        warnings.warn(
            "affine_grid: the default of align_corners is False; say align_corners=True for that of old", stacklevel=3
        )
    if getattr(getattr(theta, "array", None), "dtype", None) is None or theta.array.dtype.kind not in FLOATS:
        raise ValueError(f"affine_grid: expected theta to have floating point type, but got {theta!r}")
    size = tuple(size)
    dims = len(size) - 2
    if dims not in (2, 3):
        raise NotImplementedError(f"affine_grid: size {size} must have 4 entries for images, or 5 for volumes")
    if theta.array.ndim != 3 or theta.array.shape[-2:] != (dims, dims + 1):
        raise ValueError(
            f"affine_grid: expected a batch of {dims} x {dims + 1} matrices for size {size}, but got "
            f"{tuple(theta.array.shape)}"
        )
    if min(size) <= 0:
        raise ValueError(f"affine_grid: expected non-zero, positive output size, got {size}")
    if size[0] != theta.array.shape[0]:
        raise RuntimeError(f"affine_grid: size {size} is of {size[0]} images, theta of {theta.array.shape[0]}")
    points = wrap(_base(theta.array, size[2:], bool(align_corners)))
    return reshape(matmul(points, transposed(theta, 1, 2)), (size[0], *size[2:], dims))


def _base(like: Any, size: tuple[int, ...], align_corners: bool) -> Any:
    """The centres of the pixels as rows (x, y, ..., 1), from -1 to 1."""
    lines = []
    for n in size:
        line = numpy.linspace(-1, 1, n) if n > 1 else numpy.zeros(1)
        lines.append(line if align_corners else line * ((n - 1) / n))
    mesh = numpy.meshgrid(*lines, indexing="ij")
    rows = numpy.stack([*reversed(mesh), numpy.ones(size)], -1).reshape(-1, len(size) + 1)
    return library(like).asarray(rows.astype(like.dtype))


@in_float32
def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """Images at the points of a grid: (n, c, h, w) and (n, p, q, 2) to (n, c, p, q); volumes have one dim more.

    grid: x, y (and z) from -1, the left or top, to 1, the right or bottom: centres of the border's pixels with
    align_corners, else their edges. mode: bilinear (trilinear for volumes), nearest, bicubic (images only).
    padding_mode: what is outside: zeros, border (the nearest pixel of it), reflection. ValueError or RuntimeError for
    others and for shapes that do not fit.

    >>> import sparkle
    >>> x = sparkle.arange(4.0).reshape(1, 1, 2, 2)
    >>> grid_sample(x, sparkle.zeros(1, 1, 1, 2), align_corners=False).item()
    1.5
    """
    if mode not in MODES:
        raise ValueError(f"grid_sample: expected mode to be one of {', '.join(MODES)}, but got {mode!r}")
    if padding_mode not in PADDINGS:
        raise ValueError(
            f"grid_sample: expected padding_mode to be one of {', '.join(PADDINGS)}, but got {padding_mode!r}"
        )
    if align_corners is None:
        warnings.warn(
            "grid_sample: the default of align_corners is False; say align_corners=True for that of old", stacklevel=3
        )
    _check(input, grid, mode)
    size = input.array.shape[2:]
    points = [
        _pixels(grid[..., len(size) - 1 - i], n, bool(align_corners))  # x, the last dim, comes first
        for i, n in enumerate(size)
    ]
    if mode != "bicubic":
        points = [_inside(p, n, padding_mode, bool(align_corners)) for p, n in zip(points, size, strict=True)]
    taps = [_taps(p, mode) for p in points]
    if mode == "bicubic":
        taps = [
            [(_inside(at, n, padding_mode, bool(align_corners)), weight) for at, weight in line]
            for line, n in zip(taps, size, strict=True)
        ]
    return _sum(input, taps, tuple(grid.array.shape[1:-1]))


def _check(input: Any, grid: Any, mode: str) -> None:
    check_floating(input, "grid_sample")
    check_floating(grid, "grid_sample")
    a, b = input.array.shape, grid.array.shape
    if input.array.dtype != grid.array.dtype:
        raise RuntimeError(
            f"grid_sample: input and grid must have the same dtype, but are {dtype_of(input)} and {dtype_of(grid)}"
        )
    if len(a) not in (4, 5) or len(b) != len(a) or a[0] != b[0] or b[-1] != len(a) - 2 or 0 in a[1:]:
        raise RuntimeError(
            f"grid_sample: expected input (n, c, h, w) and grid (n, p, q, 2), or (n, c, d, h, w) and (n, p, q, r, 3), "
            f"met {list(a)} and {list(b)}"
        )
    if mode == "bicubic" and len(a) != 4:
        raise RuntimeError("grid_sample: mode bicubic only takes 4-D input")


def _pixels(x: Any, n: int, align_corners: bool) -> Any:
    """From -1..1 to places of pixels."""
    return (x + 1) * ((n - 1) / 2) if align_corners else ((x + 1) * n - 1) / 2


def _inside(x: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """Places brought inside the image, with gradient 0 where they were held at the border; zeros: as they are."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        x = _reflected(x, *((0, n - 1) if align_corners else (-0.5, n - 0.5)))
    xp = library(x.array)
    free = (x.array > 0) & (x.array < n - 1)
    held = xp.where(x.array >= n - 1, n - 1, 0).astype(x.array.dtype)
    return where(wrap(free), x, wrap(held))


def _reflected(x: Any, low: float, high: float) -> Any:
    """Places reflected at low and high until they lie between."""
    span = high - low
    if span == 0:
        return x * 0
    xp = library(x.array)
    sign = xp.where(x.array < low, -1, 1).astype(x.array.dtype)
    away = (x - low) * wrap(sign)
    turns = xp.floor(away.array / span)
    turns = xp.where(xp.isfinite(turns), turns, 0)
    odd = turns % 2
    rest = away - wrap((turns * span).astype(x.array.dtype))
    return wrap((low + odd * span).astype(x.array.dtype)) + rest * wrap((1 - 2 * odd).astype(x.array.dtype))


def _taps(x: Any, mode: str) -> list[tuple[Any, Any]]:
    """Pixels of one dim around each place, as floats, and their weights."""
    xp = library(x.array)
    if mode == "nearest":
        return [(wrap(xp.rint(x.array)), x * 0 + 1)]  # the gradient of the places is 0, not missing
    low = wrap(xp.floor(x.array))
    t = x - low
    if mode == "bilinear":
        return [(low, 1 - t), (low + 1, t)]
    return [(low + k, cubic(d, -0.75)) for k, d in ((-1, t + 1), (0, t), (1, 1 - t), (2, 2 - t))]


def _sum(input: Any, taps: list[list[tuple[Any, Any]]], out: tuple[int, ...]) -> Any:
    """The weighted sum over all combinations of the dims' pixels; those outside count nothing."""
    n, c, *size = input.array.shape
    xp = library(input.array)
    total: Any = 0
    for combination in itertools.product(*taps):
        place, there, weight = xp.zeros((n, *out), "int64"), xp.ones((n, *out), bool), 1.0
        for (at, part), length in zip(combination, size, strict=True):
            ok = (at.array >= 0) & (at.array <= length - 1)
            place = place * length + xp.where(ok, at.array, 0).astype("int64")
            there &= ok
            weight = part * weight
        index = xp.broadcast_to(place[:, None], (n, c, *out))
        picked = apply(AtPlaces(), input, wrap(index))
        total = picked * unsqueeze(where(wrap(there), weight, 0.0), 1) + total
    return total
