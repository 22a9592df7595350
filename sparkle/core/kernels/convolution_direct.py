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
    Job,
    aligned,
    divided,
    kernels_by_input,
    kernels_by_output,
    kernels_from_rows,
    loops,
    multiples,
    padded,
    scratch,
    together,
    zeros,
)

ROOM = 112  # positions to work on at a time: a multiple of a block's rows
PART = 1 << 17  # elements of images and gradients that make a part of the weights' gradient: what the cache holds


class Geometry:
    """A window in three dims: the missing ones are of size 1."""

    def __init__(self, window: Any, size: Any, out: Any) -> None:
        more = 3 - window.dims
        self.given, self.kernel = tuple(window.kernel), (1,) * more + tuple(window.kernel)
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
    """x (n, depth, height, width, c) as images of that size, so much of which lies before x (below 0: is left out).

    x may have any strides, the result has no gaps.
    """
    if tuple(x.shape[1:4]) == tuple(size) and not any(before) and x.flags.c_contiguous:
        return x
    y = scratch("image", x.shape[0] * math.prod(size) * x.shape[4]).reshape(x.shape[0], *size, x.shape[4])
    compiled, places = loops().convolution, numpy.array(before)
    rows = y.shape[0] * y.shape[1] * y.shape[2]
    divided(lambda begin, end: compiled.pad(x, y, places, begin, end), rows, 20 * y.shape[3] * y.shape[4])
    return y


def strides(x: Any) -> list[int]:
    """How many elements apart images, planes, rows and columns lie."""
    return [s // x.itemsize for s in x.strides[:4]]


def reordered(name: str, panels: Any, outer: int, inner: int, chosen: Any) -> Any:
    """Panels of rows (inner, outer) as panels of rows (chosen of the outer, inner)."""
    if outer == 1 and len(chosen) == 1:
        return panels
    compiled, table = loops().convolution, numpy.array(chosen)
    to = scratch(name, panels.size // outer * len(chosen))

    def work(begin: int, end: int) -> None:
        compiled.reorder(panels, to, table, outer, inner, begin, end)

    divided(work, to.size // compiled.PANEL, 20 * compiled.PANEL)
    return to


def grouped(w: Any, groups: int, by_input: bool, sets: list[Any]) -> tuple[list[Any], int]:
    """For sets of taps the kernels in panels of rows (taps, channels) for each group; how many columns are in use."""
    o, c = w.shape[0] // groups, w.shape[1]
    n, inner = w[0, 0].size, o if by_input else c
    every: list[list[Any]] = [[] for _ in sets]
    for part in w.reshape(groups, o, c, n):
        panels = kernels_by_input(part) if by_input else kernels_by_output(part)
        for i, taps in enumerate(sets):
            made = reordered(f"panels{i}", panels, n, inner, taps)
            every[i].append(made if groups == 1 else made.copy())
    return [parts[0] if groups == 1 else numpy.concatenate(parts) for parts in every], padded(c if by_input else o)


def products(x: Any, b: Any, y: Any, bias: Any, wide: int, at: Any, depth: int, stride: Any, groups: int) -> Job:
    """The work of writing to y the products of the panels b with `depth` elements of x from each of some offsets.

    at: these offsets; how far apart images, planes, rows and columns lie in y, and where it begins; and how many
    planes, rows and columns there are.
    """
    offsets, back, out = at
    apart = strides(x)
    outputs = y.shape[4] // groups
    steps = numpy.array([apart[0], *(s * n for s, n in zip(apart[1:], stride, strict=True)), depth])
    places = numpy.array([*back, outputs])
    start = aligned(groups * wide).reshape(groups, wide)
    start[:] = 0
    if bias is not None:
        start[:, :outputs] = bias.reshape(groups, outputs)
    total = x.shape[0] * math.prod(out)
    room = min(ROOM, max(14, -(-total // 56) * 14))
    points, sizes = numpy.array(offsets), numpy.array(out)
    compiled = loops().convolution
    dense, flat, columns = multiples(room, wide), y.reshape(-1), multiples(len(offsets), depth * compiled.PANEL)

    def work(begin: int, end: int) -> None:
        block = scratch("block", room * wide)
        table, place = numpy.empty(room, numpy.int64), numpy.empty(room, numpy.int64)
        compiled.correlate(
            *(x, b, flat, start.reshape(-1), points, columns, steps, places, sizes, groups),
            *(block, table, place, dense, total, begin, end),
        )

    return work, -(-total // room), room * len(offsets) * depth * wide * groups


def correlate(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """y (n, *out, o) of x (n, *size, c) and w (o, c / groups, *kernel)."""
    shape = Geometry(window, x.shape[1:-1], out)
    size = [m + low + high for m, (low, high) in zip(shape.size, shape.padding, strict=True)]
    image = with_padding(in_three(x), [low for low, _ in shape.padding], size)
    y = numpy.empty((x.shape[0], *out, w.shape[0]), numpy.float32)
    steps = [s * d for s, d in zip(strides(image)[1:], shape.dilation, strict=True)]
    offsets = [sum(k * s for k, s in zip(tap, steps, strict=True)) for tap in shape.taps()]
    (panels,), wide = grouped(w, shape.groups, False, [list(range(shape.points))])
    whole, depth = in_three(y), w.shape[1]
    if shape.groups == 1 and shape.dilation[2] == 1:  # a row of the kernel lies together in the image
        offsets, depth = offsets[:: shape.kernel[2]], depth * shape.kernel[2]
    at = offsets, [*strides(whole), 0], shape.out
    together([products(image, panels, whole, b, wide, at, depth, shape.stride, shape.groups)])
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
    if shape.groups == 1 and w.shape[1] < LANES and shape.dilation[2] == 1:
        return _spread_few(g, w, b, shape).reshape(g.shape[0], *size, w.shape[1])
    parts = phases(shape)
    before, room = reach(parts, shape.out)
    image = with_padding(in_three(g), before, room)
    y = numpy.empty((g.shape[0], *size, w.shape[1] * shape.groups), numpy.float32)
    whole = in_three(y)
    apart, back = strides(image)[1:], strides(whole)
    used, jobs = [], []
    for part in parts:
        taps = list(itertools.product(*(taps for _, _, taps in part)))
        if taps:
            used.append((part, taps))
        else:
            chosen = tuple(slice(r, None, s) for (r, _, _), s in zip(part, shape.stride, strict=True))
            whole[(slice(None), *chosen)] = 0 if b is None else b
    sets = [[int(numpy.ravel_multi_index([k for k, _ in tap], shape.kernel)) for tap in taps] for _, taps in used]
    every, wide = grouped(w, shape.groups, True, sets)
    to = [back[0], *(s * n for s, n in zip(back[1:], shape.stride, strict=True))]
    for (part, taps), panels in zip(used, every, strict=True):
        offsets = [sum((at + low) * s for (_, at), low, s in zip(tap, before, apart, strict=True)) for tap in taps]
        begin = sum(r * s for (r, _, _), s in zip(part, back[1:], strict=True))
        at = offsets, [*to, begin], [count for _, count, _ in part]
        jobs.append(products(image, panels, whole, b, wide, at, g.shape[-1] // shape.groups, (1, 1, 1), shape.groups))
    together(jobs)
    return y


def _spread_few(g: Any, w: Any, b: Any, shape: Geometry) -> Any:
    """`spread` to few channels: all that a position of g adds is computed at once, and then added."""
    n, o, c = g.shape[0], w.shape[0], w.shape[1]
    compiled = loops().convolution
    count, run = shape.points * c, shape.kernel[2] * c
    wide = padded(count)
    panels = numpy.zeros((o, -(-wide // compiled.PANEL) * compiled.PANEL), numpy.float32)
    panels[:, :count] = w.reshape(o, c, -1).transpose(0, 2, 1).reshape(o, count)
    panels = numpy.ascontiguousarray(panels.reshape(o, -1, compiled.PANEL).transpose(1, 0, 2))
    reaches = zip(shape.out, shape.stride, shape.kernel, shape.dilation, strict=True)
    whole = [(m - 1) * s + (k - 1) * d + 1 for m, s, k, d in reaches]
    lines = itertools.product(*(range(0, k * d, d) for k, d in zip(shape.kernel[:2], shape.dilation, strict=False)))
    points = numpy.array([(i * whole[1] + j) * whole[2] * c for i, j in lines])
    y = numpy.empty((n, *shape.size, c), numpy.float32)
    bias = zeros(c) if b is None else numpy.ascontiguousarray(b)
    stride, out, before = (numpy.array(v) for v in (shape.stride, shape.out, [low for low, _ in shape.padding]))
    rows, dense, point, nothing = multiples(ROOM, o), multiples(ROOM, wide), multiples(1, 1), zeros(wide)
    results = g.reshape(n, -1, o)

    def work(begin: int, end: int) -> None:
        buffer, block = numpy.empty((*whole, c), numpy.float32), scratch("block", ROOM * wide)
        compiled.spread(
            *(results, panels, y, bias, buffer, block, nothing, rows, dense, point, points, run),
            *(stride, out, before, begin, end),
        )

    divided(work, n, results.shape[1] * o * wide)
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
    return parts[0] if shape.groups == 1 else numpy.concatenate(parts)


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
    dw = scratch("kernels", rows.size * wide)
    compiled, to, places = loops().convolution, multiples(rows.size, wide), multiples(few, depth * wide)

    def work(begin: int, end: int) -> None:
        compiled.weight_gradient(
            x, results, dw, zeros(wide), rows, to, points, places, step, depth, wide, wide, few, begin, end
        )

    divided(work, -(-rows.size // compiled.MOST_ROWS), compiled.MOST_ROWS * points.size * depth * wide)
    return kernels_from_rows(dw, o, c, shape.given)


def _widened(g: Any, wide: int) -> Any:
    """The rows of g (rows, n), filled with 0."""
    if g.shape[1] == wide:
        return g
    to = scratch("wide", len(g) * wide).reshape(len(g), wide)
    compiled = loops().convolution
    divided(lambda begin, end: compiled.widen(g, to, begin, end), len(g), 20 * wide)
    return to
