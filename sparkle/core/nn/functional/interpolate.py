"""Images of other sizes: nearest, linear, cubic and area interpolation, an axis at a time."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy

from ...dtypes import FLOATS
from ...ops.nn.padding import TakeAlong
from ...ops.nn.resample import Resample
from ...tensor.base import apply, dtype_of
from ...tensor.functions.pointwise.unary import check_tensor, not_for
from .pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

DIMS = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}
SHARP = ("nearest", "nearest-exact", "area")


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Signals, images or volumes (n, c, ...) in another size, or scaled by scale_factor.

    mode: nearest (as old programs round), nearest-exact, area (means of parts), and linear (3-D input), bilinear and
    bicubic (4-D), trilinear (5-D). align_corners: do the corners' centres stay in place, rather than their edges?
    recompute_scale_factor: place the samples by the sizes and not by scale_factor. antialias: widen the filter of
    bilinear and bicubic where the image shrinks. ValueError for arguments that do not go together, NotImplementedError
    for a mode that is not for that many dims.

    >>> import sparkle
    >>> interpolate(sparkle.tensor([[[1.0, 3.0]]]), scale_factor=2, mode="linear")
    tensor([[[1.0000, 1.5000, 2.5000, 3.0000]]])
    """
    check_tensor(input, "interpolate")
    if mode in SHARP and align_corners is not None:
        raise ValueError(
            f"interpolate: align_corners can only be set with the modes linear | bilinear | bicubic | trilinear, not "
            f"{mode}"
        )
    if antialias and not (mode in ("bilinear", "bicubic") and input.array.ndim == 4):
        raise ValueError("interpolate: antialias is for the modes bilinear and bicubic, and 4-D input")
    out, scales = _wanted(input.array.shape[2:], size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("interpolate: recompute_scale_factor is not meaningful with an explicit size")
    if recompute_scale_factor:
        scales = (None,) * len(out)
    _check(input, mode, out)
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[len(out) - 1](input, out)
    if mode in SHARP:
        return _nearest(input, out, scales, 0.0 if mode == "nearest" else 0.5)
    return _weighted(input, out, scales, "cubic" if mode == "bicubic" else "linear", bool(align_corners), antialias)


def _wanted(shape: tuple[int, ...], size: Any, scale_factor: Any) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The sizes to come to, and the factors for which they were asked, or None."""
    dims = len(shape)
    if (size is None) == (scale_factor is None):
        raise ValueError(
            "interpolate: either size or scale_factor should be defined"
            if size is None
            else "interpolate: only one of size or scale_factor should be defined"
        )
    name, given = ("size", size) if scale_factor is None else ("scale_factor", scale_factor)
    entries = tuple(given) if isinstance(given, (list, tuple)) else (given,) * dims
    if len(entries) != dims:
        raise ValueError(f"interpolate: {name} {entries} has {len(entries)} entries for {dims} spatial dimensions")
    if scale_factor is not None:
        return tuple(math.floor(n * f) for n, f in zip(shape, entries, strict=True)), entries
    if not all(hasattr(n, "__index__") for n in entries):
        raise TypeError(f"interpolate: expected size to be one of int or a tuple of ints, met {size!r}")
    return tuple(int(n) for n in entries), (None,) * dims


def _check(input: Any, mode: str, out: tuple[int, ...]) -> None:
    shape = input.array.shape
    if (
        (mode not in SHARP and mode not in DIMS)
        or len(shape) not in (3, 4, 5)
        or DIMS.get(mode, len(shape)) != len(shape)
    ):
        raise NotImplementedError(
            "interpolate: modes are nearest | nearest-exact | area for 3-D, 4-D and 5-D input, linear for 3-D, "
            f"bilinear and bicubic for 4-D, trilinear for 5-D; met {mode!r} and {len(shape)}-D input"
        )
    if min(out) < 1 or 0 in shape[1:]:
        raise RuntimeError(
            f"interpolate: input and output sizes should be greater than 0, met {list(shape)} and {list(out)}"
        )
    kind = input.array.dtype
    if kind.kind not in FLOATS and (mode not in ("nearest", "nearest-exact") or kind != "uint8"):
        raise not_for(f"interpolate ({mode})", input)


def _nearest(input: Any, out: tuple[int, ...], scales: tuple[Any, ...], shift: float) -> Any:
    x = input
    for axis, (n, m, scale) in enumerate(zip(input.array.shape[2:], out, scales, strict=True), start=2):
        if n != m:
            # In float32, whose rounding decides which pixel is the nearest one.
            step = numpy.float32(_step(n, m, scale, False))
            at = numpy.floor((numpy.arange(m, dtype="float32") + numpy.float32(shift)) * step).astype("int64")
            x = apply(TakeAlong(numpy.minimum(at, n - 1).tolist(), axis), x)
    return input.clone() if x is input else x


def _step(n: int, m: int, scale: float | None, align_corners: bool) -> float:
    """How far apart in the input two neighbours of the output lie."""
    if align_corners:
        return (n - 1) / (m - 1) if m > 1 else 0.0
    return 1 / scale if scale is not None and scale > 0 else n / m


def _weighted(
    input: Any, out: tuple[int, ...], scales: tuple[Any, ...], curve: str, align_corners: bool, antialias: bool
) -> Any:
    dtype = dtype_of(input)
    half = dtype.is_half
    x = input.float() if half else input
    for axis, (n, m, scale) in enumerate(zip(input.array.shape[2:], out, scales, strict=True), start=2):
        step = x.array.dtype.type(_step(n, m, scale, align_corners))
        taps = _smooth_taps(n, m, step, curve) if antialias else _taps(n, m, step, curve, align_corners)
        x = apply(Resample(*taps, axis), x)
    return x.to(dtype) if half else x


def _taps(n: int, m: int, step: Any, curve: str, align_corners: bool) -> tuple[Any, Any]:
    """The positions that each output sample is made of, and their weights: (m, 2) or (m, 4) each."""
    dtype = type(step)
    i = numpy.arange(m, dtype=dtype)
    source = step * i if align_corners else step * (i + dtype(0.5)) - dtype(0.5)
    if curve == "linear":
        source = numpy.maximum(source, 0)
        low = numpy.minimum(source.astype("int64"), n - 1)
        t = numpy.clip(source - low, 0, 1).astype(dtype)
        return numpy.stack([low, numpy.minimum(low + 1, n - 1)], 1), numpy.stack([1 - t, t], 1)
    low = numpy.floor(source).astype("int64")
    t = numpy.clip(source - low, 0, 1).astype(dtype)
    positions = numpy.clip(low[:, None] + numpy.arange(-1, 3), 0, n - 1)
    return positions, numpy.stack([cubic(d, -0.75) for d in (t + 1, t, 1 - t, 2 - t)], 1)


def cubic(x: Any, a: float) -> Any:
    """Keys' (1981) piecewise cubic at distances x >= 0, with slope a at 1; arrays or tensors of distances below 2."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return near * (x <= 1) + far * ((x > 1) & (x < 2))


def _smooth_taps(n: int, m: int, step: Any, curve: str) -> tuple[Any, Any]:
    """As `_taps`, with the filter as wide as the samples are apart, and weights that add up to 1."""
    dtype, width = type(step), 1 if curve == "linear" else 2
    stretch = max(step, dtype(1))
    support = width * stretch
    centre = step * (numpy.arange(m, dtype=dtype) + dtype(0.5))
    first = numpy.maximum((centre - support + dtype(0.5)).astype("int64"), 0)
    last = numpy.minimum((centre + support + dtype(0.5)).astype("int64"), n)
    positions = first[:, None] + numpy.arange(int((last - first).max()))
    d = numpy.abs((positions - centre[:, None] + dtype(0.5)) / stretch).astype(dtype)
    weights = numpy.maximum(1 - d, 0) if curve == "linear" else cubic(d, -0.5)
    weights = weights * (positions < last[:, None])
    return numpy.minimum(positions, n - 1), (weights / weights.sum(1, keepdims=True)).astype(dtype)


def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """The older name of `interpolate`, deprecated as in torch."""
    warnings.warn("nn.functional.upsample is deprecated; use nn.functional.interpolate", UserWarning, stacklevel=2)
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` with mode nearest, deprecated as in torch."""
    warnings.warn(
        "nn.functional.upsample_nearest is deprecated; use nn.functional.interpolate", UserWarning, stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` with mode bilinear and align_corners, deprecated as in torch."""
    warnings.warn(
        "nn.functional.upsample_bilinear is deprecated; use nn.functional.interpolate", UserWarning, stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
