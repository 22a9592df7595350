"""Convolutions a tap of the kernel at a time: what it meets of an image, times its weights, added where that belongs.

No patches and no padding, nor products with it, which would be more than half of all on images of 2 by 2. The weights
are read once, as they are: a thread brings those of a panel of results into the order of its block of sums. So this is
the faster way with strides, and where there are many weights. Images and results are channels last.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy

from .compiling import loops
from .convolution_arrays import LANES, divided, multiples, scratch, zeros
from .convolution_direct import Geometry

KERNELS = 1 << 16  # elements of kernels that a thread works with at a time: a part of its second cache
AT_ONCE = 512  # results to work on at a time, where an image has not more
ENTRIES = 1 << 14  # of a table for one image, at most
SHARES = 8  # at least, where there are so many images
SLICE = 32  # inputs of the weights' gradient to make at a time
ADDED = 1 << 11  # results whose products are added up at a time


def suits(window: Any, images: Any, results: Any) -> bool:
    """Is there this way from images of that shape to results of that shape?"""
    if window.groups > 1 or images[1] % LANES or results[1] % LANES:
        return False
    return 0 < math.prod(results[2:]) * window.points <= ENTRIES and images[0] > 0


def products(window: Any, images: Any, results: Any) -> int:
    """How many there are for a pair of channels."""
    return images[0] * sum(len(of) * run for of, _, run in meetings(window, images[2:], results[2:]))


@functools.lru_cache(maxsize=128)
def meetings(window: Any, size: Any, out: Any) -> list[tuple[Any, Any, int]]:
    """For each tap the runs of results that it meets the image for.

    Where these begin in an image and in its results, and how long they are; next to each other lie the results.
    """
    shape, found = Geometry(window, size, out), []
    for tap in shape.taps():
        places: list[tuple[Any, Any]] = []
        dims = zip(tap, shape.stride, shape.dilation, shape.padding, shape.size, shape.out, strict=True)
        for k, s, d, (low, _), m, n in dims:
            shift = k * d - low
            p = numpy.arange(max(0, -(shift // s)), min(n, (m - 1 - shift) // s + 1))
            places.append((p * s + shift, p))
        images, results = zip(*places, strict=True)
        found.append((_starts(images, shape.size), _starts(results, shape.out), len(results[2])))
    return found


def _starts(places: Any, size: Any) -> Any:
    """Where the rows begin that have these places in each dim."""
    z, y, x = places
    return (((z[:, None] * size[1] + y) * size[2])[..., None] + x[:1]).reshape(-1)


def table(places: Any, images: int, positions: int, channels: int) -> Any:
    """Where the places of each tap lie in so many images, of so many positions each."""
    first = numpy.arange(images)[:, None] * positions
    return numpy.concatenate([(first + of).reshape(-1) for of in places]) * channels


def bounds(places: Any, images: int) -> Any:
    """Where each tap's part of such a table begins, and how many places it has in an image."""
    counts = numpy.array([len(of) for of in places])
    return numpy.array([numpy.cumsum(counts * images) - counts * images, counts])


def panels(columns: int) -> int:
    """How many a thread's block of sums makes of them."""
    return -(-columns // loops("convolution_loops").PANEL)  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=128)
def plan(window: Any, n: int, size: Any, out: Any, c: int, o: int, backward: bool) -> tuple[Any, ...]:
    """The tables and numbers of `multiply_taps`, and how many shares there are."""
    met, step = meetings(window, size, out), Geometry(window, size, out).stride[2]
    images = [(of[:, None] + numpy.arange(run) * step).reshape(-1) for of, _, run in met]
    results = [(to[:, None] + numpy.arange(run)).reshape(-1) for _, to, run in met]
    few = max(1, min(n, AT_ONCE // math.prod(out)))
    sides = [(images, math.prod(size), c), (results, math.prod(out), o)]
    sides = sides[::-1] if backward else sides
    (of, _, depth), (_, _, columns) = sides
    parts = max(1, min(n, SHARES // panels(columns), n * math.prod(out) // 128))
    width = loops("convolution_loops").PANEL * len(met)
    chunk = -(-depth // -(-depth * width // KERNELS))
    numbers = numpy.array([len(met), backward, chunk, n, few, parts, *(positions for _, positions, _ in sides)])
    return *(table(at, few, *rest) for at, *rest in sides), bounds(of, few), numbers, panels(columns) * parts


def multiplied(x: Any, w: Any, b: Any, y: Any, planned: Any) -> Any:
    """y, by the plan."""
    of, to, firsts, numbers, shares = planned
    compiled = loops("convolution_taps_loops")
    room = int(numbers[0] * numbers[2]) * compiled.PANEL
    rows, results, kernels = (m.reshape(-1, m.shape[-1]) for m in (x, y, numpy.ascontiguousarray(w)))
    kernels = kernels.reshape(*w.shape[:2], -1)
    bias, point = zeros(0) if b is None else numpy.ascontiguousarray(b), multiples(1, 1)

    def work(begin: int, end: int) -> None:
        panel, square, steps = scratch("panel", room), scratch("square", LANES**2), numpy.zeros((2, 3), numpy.int64)
        compiled.multiply_taps(
            rows, kernels, results, bias, panel, square, steps, of, to, firsts, point, numbers, begin, end
        )

    divided(work, shares, int(firsts[1].sum()) * len(x) * w[:, :, 0].size // shares)
    return y


def correlate(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """y (n, *out, o) of x (n, *size, c) and w (o, c, *kernel)."""
    planned = plan(window, len(x), x.shape[1:-1], tuple(out), x.shape[-1], len(w), False)
    return multiplied(x, w, b, numpy.empty((len(x), *out, len(w)), numpy.float32), planned)


def spread(g: Any, w: Any, b: Any, size: Any, window: Any) -> Any:
    """dx (n, *size, c) of g (n, *out, o) and w (o, c, *kernel)."""
    planned = plan(window, len(g), tuple(size), g.shape[1:-1], w.shape[1], len(w), True)
    return multiplied(g, w, b, numpy.empty((len(g), *size, w.shape[1]), numpy.float32), planned)


@functools.lru_cache(maxsize=128)
def gradient_plan(window: Any, n: int, size: Any, out: Any, c: int, o: int) -> tuple[Any, ...]:
    """The tables and numbers of `weights_of_taps`, and how many shares there are."""
    images, results, runs = zip(*meetings(window, size, out), strict=True)
    of, to = table(images, n, math.prod(size), c), table(results, n, math.prod(out), o)
    firsts = numpy.array([*bounds(images, n), runs])
    slice = SLICE if panels(o) * (c // SLICE) >= SHARES // 2 else LANES
    few = max(1, ADDED // math.prod(out))
    numbers = numpy.array([len(runs), slice, n, few, Geometry(window, size, out).stride[2] * c])
    return of, to, firsts, numbers, panels(o) * -(-c // slice)


def weight_gradient(x: Any, g: Any, window: Any) -> Any:
    """dw (o, c, *kernel) of x (n, *size, c) and g (n, *out, o)."""
    c, o, taps = x.shape[-1], g.shape[-1], window.points
    of, to, firsts, numbers, shares = gradient_plan(window, len(x), x.shape[1:-1], g.shape[1:-1], c, o)
    compiled, slice = loops("convolution_taps_loops"), int(numbers[1])
    dw = numpy.empty((o, c, *window.kernel), numpy.float32)
    flat, images, results = dw.reshape(o, c, taps), x.reshape(-1, c), g.reshape(-1, o)
    nothing, rows, targets = zeros(compiled.PANEL), multiples(slice, 1), multiples(slice, taps * compiled.PANEL)

    def work(begin: int, end: int) -> None:
        sums, square = scratch("panel", slice * taps * compiled.PANEL), scratch("square", LANES**2)
        steps = numpy.zeros((2, 3), numpy.int64)
        compiled.weights_of_taps(
            images, results, flat, sums, nothing, square, steps, rows, targets, of, to, firsts, numbers, begin, end
        )

    divided(work, shares, len(images) * c * o * taps // shares)
    return dw
