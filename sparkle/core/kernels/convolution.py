"""Faster bodies of convolutions in float32 on the CPU, compiled by numba where it is installed."""

from __future__ import annotations

import functools
from typing import Any

import numpy

from ..ops.nn.conv import Convolution, ConvolutionWeight, TransposedConvolution, first
from . import convolution_direct, convolution_patches, convolution_taps, winograd
from .convolution_arrays import LANES, channels_last, column_sums, loops
from .registry import register

# Fewer products than this are not worth loading numba for. Size alone decides, not what the process did before: the
# sums are taken in another order, and a run that is resumed must take the same way as one that was never stopped.
LARGE = 1 << 17
SINGLE = numpy.dtype("float32")


def serves(window: Any, images: Any, results: Any, *arrays: Any) -> bool:
    """Are there compiled loops for a convolution of images of that shape to results of that shape?"""
    if any(a is not None and a.dtype != SINGLE for a in arrays) or window.dims > 3:
        return False
    positions = images[0] * int(numpy.prod(results[2:]))
    work = positions * window.points * results[1] * (images[1] // window.groups)
    return work >= max(LARGE, 1) and loops() is not None


@functools.lru_cache(maxsize=256)
def way(window: Any, images: Any, results: Any) -> Any:
    """The module whose loops are the faster ones."""
    shapes = window, images, results
    if winograd.suits(*shapes):
        fewer = convolution_taps.suits(*shapes) and convolution_taps.products(*shapes) <= winograd.products(*shapes)
        return convolution_taps if fewer else winograd
    return next((by for by in (convolution_taps, convolution_patches) if by.suits(*shapes)), convolution_direct)


def arranged(by: Any, x: Any) -> Any:
    """Images x (n, c, *size) with the channels last: few of them are brought together where padding is put around."""
    few = by is convolution_direct and x.shape[1] < LANES
    return x.transpose(0, *range(2, x.ndim), 1) if few else channels_last(x)


def correlated(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """What the op of the same name gives."""
    by = way(window, x.shape, (x.shape[0], w.shape[0], *out))
    return first(by.correlate(arranged(by, x), w, b, window, out))


def spread(g: Any, w: Any, b: Any, size: Any, window: Any) -> Any:
    """What the op's function of that name gives, and b added."""
    by = way(window, (g.shape[0], w.shape[1] * window.groups, *size), g.shape)
    return first(by.spread(channels_last(g), w, b, size, window))


def weight_gradient(x: Any, g: Any, window: Any) -> Any:
    """What the op's function of that name gives."""
    by = way(window, x.shape, g.shape)
    return by.weight_gradient(arranged(by, x), channels_last(g), window)


def bias_gradient(g: Any) -> Any:
    """The sum over all but the channels."""
    return column_sums(channels_last(g).reshape(-1, g.shape[1]))


@register(Convolution)
class ConvolutionKernel:
    """Winograd's way for kernels of 3 and of 4 with stride 2; sums of products without patches for all others."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any) -> Any:
        if not serves(op.window, x.shape, (x.shape[0], w.shape[0], *op.out), x, w, b):
            return NotImplemented
        op.x, op.w = x if op.needs[1] else None, w if op.needs[0] else None
        op.size = x.shape[2:]
        return correlated(x, w, b, op.window, op.out)

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        if g.dtype != SINGLE:
            return op.backward(xp, g)
        dx = spread(g, op.w, None, op.size, op.window) if op.needs[0] else None
        dw = weight_gradient(op.x, g, op.window) if op.needs[1] else None
        return dx, dw, bias_gradient(g) if op.needs[2] else None


@register(TransposedConvolution)
class TransposedConvolutionKernel:
    """The same the other way round."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, w: Any, b: Any) -> Any:
        if not serves(op.window, (x.shape[0], w.shape[1] * op.window.groups, *op.size), x.shape, x, w, b):
            return NotImplemented
        op.x, op.w = x if op.needs[1] else None, w if op.needs[0] else None
        op.out = x.shape[2:]
        return spread(x, w, b, op.size, op.window)

    @staticmethod
    def backward(op: Any, xp: Any, g: Any) -> tuple[Any, ...]:
        if g.dtype != SINGLE:
            return op.backward(xp, g)
        dx = correlated(g, op.w, None, op.window, op.out) if op.needs[0] else None
        dw = weight_gradient(g, op.x, op.window) if op.needs[1] else None
        return dx, dw, bias_gradient(g) if op.needs[2] else None


@register(ConvolutionWeight)
class ConvolutionWeightKernel:
    """The weights' gradient, where it is differentiated itself."""

    @staticmethod
    def forward(op: Any, xp: Any, x: Any, g: Any) -> Any:
        if not serves(op.window, x.shape, g.shape, x, g):
            return NotImplemented
        op.x, op.g = x if op.needs[1] else None, g if op.needs[0] else None
        op.size, op.out = x.shape[2:], g.shape[2:]
        return weight_gradient(x, g, op.window)

    @staticmethod
    def backward(op: Any, xp: Any, h: Any) -> tuple[Any, ...]:
        if h.dtype != SINGLE:
            return op.backward(xp, h)
        dx = spread(op.g, h, None, op.size, op.window) if op.needs[0] else None
        dg = correlated(op.x, h, None, op.window, op.out) if op.needs[1] else None
        return dx, dg
