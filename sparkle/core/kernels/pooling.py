"""Pooling of images on the CPU as compiled loops in threads, whether channels come first or last in memory."""

from __future__ import annotations

from typing import Any

import numpy

from ..ops.nn.pool import AveragePool, MaxPool, empty_like_layout
from .compiling import loops
from .crew import divided
from .registry import register

TYPES = (numpy.dtype("float32"), numpy.dtype("float64"))
LARGE = 1 << 14  # elements of the input
POINTS = 255  # fewer points of the kernel, so that their numbers and "none" fit in a byte


def pooled(x: Any) -> Any:
    """The compiled loops where x is an image, or a line, that they take; else None."""
    usual = 3 <= x.ndim <= 4 and x.size >= LARGE and x.dtype in TYPES
    return loops("pooling_loops") if usual and by_place(x) else None


def by_place(x: Any) -> str:
    """Whether the memory is that of "planes" (n, c, h, w) or of "images" (n, h, w, c); "" for neither."""
    if x.flags.c_contiguous:
        return "planes"
    return "images" if x.transpose(0, *range(2, x.ndim), 1).flags.c_contiguous else ""


def arranged(x: Any, place: str) -> Any:
    """x as planes (n c, h, w) or as images (n, h, w, c); a line has height 1."""
    n, c, *size = x.shape
    h, w = size if len(size) == 2 else (1, *size)
    return x.reshape(n * c, h, w) if place == "planes" else x.transpose(0, *range(2, x.ndim), 1).reshape(n, h, w, c)


def form_of(windows: Any) -> tuple[int, ...]:
    """Kernel, stride, padding and dilation, two numbers each."""
    dilation = windows.dilation
    if isinstance(dilation, int):
        dilation = (dilation,) * len(windows.kernel)
    parts = (windows.kernel, 1), (windows.stride, 1), (windows.padding, 0), (dilation, 1)
    return tuple(int(n) for given, usual in parts for n in (given if len(given) == 2 else (usual, *given)))


def over_windows(compiled: Any, name: str, x: Any, y: Any, other: Any, op: Any, place: str) -> None:
    """The loop of that name over the rows of the output of images, or over planes."""
    loop, form = getattr(compiled, f"{name}_of_{place}"), form_of(op.windows)
    count = y.shape[0] * (y.shape[1] if place == "images" else 1)
    divided(lambda start, stop: loop(x, y, other, form, start, stop), count, x.size // max(count, 1), 1)


def over_images(loop: Any, g: Any, other: Any, dx: Any, form: tuple[int, ...]) -> None:
    """loop(g, other, dx, form, start, stop) over images or planes, in which windows may overlap."""
    divided(lambda start, stop: loop(g, other, dx, form, start, stop), len(dx), dx[0].size, 1)


def laid_out(g: Any, place: str) -> Any:
    """g, copied if need be, as planes or images."""
    if by_place(g) != place:
        like = numpy.empty(g.shape if place == "planes" else (len(g), *g.shape[2:], g.shape[1]), g.dtype)
        like = like if place == "planes" else numpy.moveaxis(like, -1, 1)
        like[...] = g
        g = like
    return arranged(g, place)


@register(MaxPool)
class MaxPoolKernel:
    """Which point of each window was the largest is kept in a byte."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """The largest elements; NotImplemented for small inputs, other types, dims and memory orders."""
        compiled = pooled(x) if numpy.prod(op.windows.kernel) < POINTS else None
        if compiled is None:
            return NotImplemented
        y = empty_like_layout(xp, x, op.windows.out(x.shape[2:]))
        place = by_place(x)
        out = arranged(y, place)
        at = numpy.empty(out.shape, numpy.uint8)
        over_windows(compiled, "max", arranged(x, place), out, at, op, place)
        if op.needs[0]:
            op.x, op.y, op.at = x, y, at
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """From the kept points."""
        place, dx = by_place(op.x), numpy.empty_like(op.x, dtype=g.dtype)
        loop = getattr(loops("pooling_loops"), f"max_of_{place}_backward")
        over_images(loop, laid_out(g, place), op.at, arranged(dx, place), form_of(op.windows))
        return (dx,)


@register(AveragePool)
class AveragePoolKernel:
    """Sums of windows"""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any) -> Any:
        """The means; NotImplemented as for the largest."""
        compiled = pooled(x)
        if compiled is None:
            return NotImplemented
        op.size, out = x.shape[2:], op.windows.out(x.shape[2:])
        y = empty_like_layout(xp, x, out)
        op.place = place = by_place(x)
        over_windows(compiled, "sums", arranged(x, place), arranged(y, place), divisors(op, out, x.dtype), op, place)
        return y

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        """Equal shares."""
        n, c, *out = g.shape
        dx = numpy.empty((n, c, *op.size) if op.place == "planes" else (n, *op.size, c), g.dtype)
        dx = dx if op.place == "planes" else numpy.moveaxis(dx, -1, 1)
        loop = getattr(loops("pooling_loops"), f"sums_of_{op.place}_backward")
        over = divisors(op, tuple(out), g.dtype)
        over_images(loop, laid_out(g, op.place), over, arranged(dx, op.place), form_of(op.windows))
        return (dx,)


def divisors(op: Any, out: tuple[int, ...], dtype: Any) -> Any:
    """What the sum of each window is divided by, (h, w)."""
    given = op.over(numpy, op.size, out, dtype)
    shape = out if len(out) == 2 else (1, *out)
    return numpy.ascontiguousarray(numpy.broadcast_to(numpy.asarray(given, dtype), out)).reshape(shape)
