"""Convolutions as sums of products without patches: rows of the product lie where the image has them.

Sizes, kernels and strides are brought to three dims. Results are channels last, as the images given.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy

from .convolution_arrays import (
    LANES,
    aligned,
    divided,
    kernels_by_input,
    kernels_by_output,
    kernels_from_rows,
    loops,
    multiples,
    padded,
)

ROOM = 112  # positions to work on at a time: a multiple of a block's rows
PART = 1 << 17  # elements of images and gradients that make a part of the weights' gradient: what the cache holds


class Geometry:
    """A window in three dims: the missing ones are of size 1."""

    def __init__(self, window: Any, size: Any, out: Any) -> None:
        more = 3 - window.dims
        self.kernel = (1,) * more + tuple(window.kernel)
        self.stride = (1,) * more + tuple(window.stride)
        self.dilation = (1,) * more + tuple(window.dilation)
        self.padding = ((0, 0),) * more + tuple(window.padding)
        self.size, self.out = (1,) * more + tuple(size), (1,) * more + tuple(out)
        self.groups, self.points = window.groups, window.points

    def taps(self) -> Any:
        """The places of the kernel, in order."""
        return itertools.product(*map(range, self.kernel))


def in_three(x: Any) -> Any:
    """(n, *size, c) as (n, depth, height, width, c)."""
    return x.reshape(x.shape[0], *(1,) * (5 - x.ndim), *x.shape[1:])


def with_padding(x: Any, before: Any, size: Any) -> Any:
    """x (n, depth, height, width, c) as images of that size, so much of which lies before x (below 0: is left out)."""
    if tuple(x.shape[1:4]) == tuple(size) and not any(before):
        return x
    y = aligned(x.shape[0] * math.prod(size) * x.shape[4]).reshape(x.shape[0], *size, x.shape[4])
    compiled, places = loops().convolution, numpy.array(before)
    rows = y.shape[0] * y.shape[1] * y.shape[2]
    divided(lambda begin, end: compiled.pad(x, y, places, begin, end), rows, 20 * y.shape[3] * y.shape[4])
    return y


def strides(x: Any) -> list[int]:
    """How many elements apart images, planes, rows and columns lie."""
    return [s // x.itemsize for s in x.strides[:4]]


def reordered(panels: Any, outer: int, inner: int, chosen: Any) -> Any:
    """Panels of rows (inner, outer) as panels of rows (chosen of the outer, inner)."""
    if outer == 1 and len(chosen) == 1:
        return panels
    compiled, table = loops().convolution, numpy.array(chosen)
    to = aligned(panels.size // outer * len(chosen))

    def work(begin: int, end: int) -> None:
        compiled.reorder(panels, to, table, outer, inner, begin, end)

    divided(work, to.size // compiled.PANEL, 20 * compiled.PANEL)
    return to


def grouped(w: Any, groups: int, by_input: bool, taps: Any) -> Any:
    """The kernels of each group in panels of rows (taps, channels), and how many columns are not filled up."""
    o, c = w.shape[0] // groups, w.shape[1]
    n = w[0, 0].size
    parts = []
    for part in w.reshape(groups, o, c, n):
        panels = kernels_by_input(part) if by_input else kernels_by_output(part)
        parts.append(reordered(panels, n, o if by_input else c, taps))
    return parts[0] if groups == 1 else numpy.concatenate(parts), padded(c if by_input else o)


def products(
    x: Any, b: Any, y: Any, bias: Any, wide: int, offsets: Any, stride: Any, back: Any, out: Any, groups: int
) -> None:
    """Write to y the products of the panels b with x at the offsets from each of the positions."""
    apart = strides(x)
    depth, outputs = x.shape[4] // groups, y.shape[4] // groups
    steps = numpy.array([apart[0], *(s * n for s, n in zip(apart[1:], stride, strict=True)), depth])
    places = numpy.array([*back, outputs])
    start = aligned(groups * wide).reshape(groups, wide)
    start[:] = 0
    if bias is not None:
        start[:, :outputs] = bias.reshape(groups, outputs)
    total = x.shape[0] * math.prod(out)
    room = min(ROOM, max(14, -(-total // 56) * 14))
    points, sizes = numpy.array(offsets), numpy.array(out)
    dense, flat = multiples(room, wide), y.reshape(-1)
    compiled = loops().convolution

    def work(begin: int, end: int) -> None:
        block = aligned(room * wide)
        table, place = numpy.empty(room, numpy.int64), numpy.empty(room, numpy.int64)
        compiled.correlate(
            *(x, b, flat, start.reshape(-1), points, steps, places, sizes, groups),
            *(block, table, place, dense, total, begin, end),
        )

    divided(work, -(-total // room), room * len(offsets) * depth * wide * groups)


def correlate(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """y (n, *out, o) of x (n, *size, c) and w (o, c / groups, *kernel)."""
    shape = Geometry(window, x.shape[1:-1], out)
    size = [m + low + high for m, (low, high) in zip(shape.size, shape.padding, strict=True)]
    image = with_padding(in_three(x), [low for low, _ in shape.padding], size)
    y = numpy.empty((x.shape[0], *out, w.shape[0]), numpy.float32)
    steps = [s * d for s, d in zip(strides(image)[1:], shape.dilation, strict=True)]
    offsets = [sum(k * s for k, s in zip(tap, steps, strict=True)) for tap in shape.taps()]
    panels, wide = grouped(w, shape.groups, False, list(range(shape.points)))
    whole = in_three(y)
    products(image, panels, whole, b, wide, offsets, shape.stride, [*strides(whole), 0], shape.out, shape.groups)
    return y


def phases(shape: Geometry) -> Any:
    """For each place modulo the stride, in each dim: the first place, how many there are, and its taps.

    A tap is (k, the element of g that it meets at the first place).
    """
    every = []
    for k, s, d, (low, _), m in zip(shape.kernel, shape.stride, shape.dilation, shape.padding, shape.size, strict=True):
        taps = [[(i, (r + low - i * d) // s) for i in range(k) if (r + low - i * d) % s == 0] for r in range(s)]
        every.append([(r, -(-(m - r) // s), taps[r]) for r in range(min(s, m))])
    return list(itertools.product(*every))


def reach(parts: Any, out: Any) -> tuple[list[int], list[int]]:
    """How much padding g needs before and in all, so that no tap leaves it."""
    before, size = [], []
    for dim in range(3):
        firsts = [(at, at + count - 1) for part in parts for _, count, taps in [part[dim]] for _, at in taps]
        low = max([0, *(-a for a, _ in firsts)])
        high = max([out[dim] - 1, *(z for _, z in firsts)])
        before.append(low)
        size.append(low + high + 1)
    return before, size


def spread(g: Any, w: Any, b: Any, size: Any, window: Any) -> Any:
    """dx (n, *size, c) of g (n, *out, o) and w (o, c / groups, *kernel): for each phase of the stride its own taps."""
    shape = Geometry(window, size, g.shape[1:-1])
    parts = phases(shape)
    before, room = reach(parts, shape.out)
    image = with_padding(in_three(g), before, room)
    y = numpy.empty((g.shape[0], *size, w.shape[1] * shape.groups), numpy.float32)
    whole = in_three(y)
    apart, back = strides(image)[1:], strides(whole)
    for part in parts:
        taps = list(itertools.product(*(taps for _, _, taps in part)))
        first = [r for r, _, _ in part]
        if not taps:
            chosen = tuple(slice(r, None, s) for r, s in zip(first, shape.stride, strict=True))
            whole[(slice(None), *chosen)] = 0 if b is None else b
            continue
        numbers = [int(numpy.ravel_multi_index([k for k, _ in tap], shape.kernel)) for tap in taps]
        offsets = [sum((at + low) * s for (_, at), low, s in zip(tap, before, apart, strict=True)) for tap in taps]
        panels, wide = grouped(w, shape.groups, True, numbers)
        to = [back[0], *(s * n for s, n in zip(back[1:], shape.stride, strict=True))]
        begin = sum(r * s for r, s in zip(first, back[1:], strict=True))
        counts = [count for _, count, _ in part]
        products(image, panels, whole, b, wide, offsets, (1, 1, 1), [*to, begin], counts, shape.groups)
    return y


def weight_gradient(x: Any, g: Any, window: Any) -> Any:
    """dw (o, c / groups, *kernel) of x (n, *size, c) and g (n, *out, o)."""
    shape = Geometry(window, x.shape[1:-1], g.shape[1:-1])
    # Rows of the image that no output sees need not be there.
    size = [
        max((n - 1) * s + (k - 1) * d + 1, 1)
        for n, s, k, d in zip(shape.out, shape.stride, shape.kernel, shape.dilation, strict=True)
    ]
    whole = [m + low + high for m, (low, high) in zip(shape.size, shape.padding, strict=True)]
    size = [max(a, b) for a, b in zip(size, whole, strict=True)]
    image = with_padding(in_three(x), [low for low, _ in shape.padding], size)
    o, c = g.shape[-1] // shape.groups, x.shape[-1] // shape.groups
    parts = []
    for group in range(shape.groups):
        part = g if shape.groups == 1 else numpy.ascontiguousarray(g[..., group * o : (group + 1) * o])
        parts.append(_group_gradient(image.reshape(-1)[group * c :], strides(image), part, shape, c))
    return (
        parts[0].reshape(o, c, *window.kernel)
        if shape.groups == 1
        else numpy.concatenate([part.reshape(o, c, *window.kernel) for part in parts])
    )


def _group_gradient(x: Any, apart: list[int], g: Any, shape: Geometry, c: int) -> Any:
    """`weight_gradient` for the c channels of a group that x begins with."""
    o, n = g.shape[-1], g.shape[0]
    wide = padded(o)
    results = _widened(g.reshape(-1, o), wide)
    steps = [s * d for s, d in zip(apart[1:], shape.dilation, strict=True)]
    offsets = numpy.array([sum(k * s for k, s in zip(tap, steps, strict=True)) for tap in shape.taps()])
    rows = (offsets + numpy.arange(c)[:, None]).reshape(-1)
    lines = numpy.indices((n, *shape.out[:2])).reshape(3, -1)
    along = [apart[0], apart[1] * shape.stride[0], apart[2] * shape.stride[1]]
    points = numpy.array(along) @ lines
    depth, step = shape.out[2], apart[3] * shape.stride[2]
    few = max(1, PART // (depth * (wide + abs(step))))
    dw, zeros = aligned(rows.size * wide), aligned(wide)
    zeros[:] = 0
    compiled, to = loops().convolution, multiples(rows.size, wide)

    def work(begin: int, end: int) -> None:
        compiled.weight_gradient(x, results, dw, zeros, rows, to, points, step, depth, wide, wide, few, begin, end)

    divided(work, -(-rows.size // compiled.MOST_ROWS), compiled.MOST_ROWS * points.size * depth * wide)
    return kernels_from_rows(dw, o, c, shape.kernel)


def _widened(g: Any, wide: int) -> Any:
    """The rows of g (rows, n), filled with 0."""
    if g.shape[1] == wide:
        return g
    to = aligned(len(g) * wide).reshape(len(g), wide)
    compiled = loops().convolution
    divided(lambda begin, end: compiled.widen(g, to, begin, end), len(g), 20 * wide)
    return to


__all__ = ["LANES", "correlate", "spread", "weight_gradient"]
