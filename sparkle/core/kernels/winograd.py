"""Winograd's convolutions: fewer products than plain sums of them, for kernels of 3 by 3 and 4 by 4 (stride 2).

A result of 4 by 4 takes 36 products for each pair of channels in place of 144, or of 256 in place of 4 times 25: a
kernel of 4 with stride 2 is four of 2 with stride 1, each on every other row and column of the image (its phases).
"""

from __future__ import annotations

from typing import Any

import numpy

from .convolution_arrays import (
    aligned,
    divided,
    kernels_by_input,
    kernels_by_output,
    kernels_from_rows,
    loops,
    multiples,
    padded,
)
from .winograd_matrices import BY_TAPS

CHUNK = 1 << 19  # bytes of tiles that a thread works on at a time: what its second cache holds
MANY = 1 << 23  # bytes of tiles from which a part of the weights' gradient is made


def suits(window: Any, images: Any, results: Any) -> bool:
    """Is this the faster way for images of that shape and results of that shape?"""
    if window.dims != 2 or window.groups != 1 or set(window.dilation) != {1}:
        return False
    if (set(window.kernel), set(window.stride)) not in (({3}, {1}), ({4}, {2})):
        return False
    tiles = images[0] * -(-results[2] // 4) * -(-results[3] // 4)
    return min(images[1], results[1]) >= 16 and tiles > 64


class Plan:
    """What the three directions share: the kernel's taps and phases, and how results are cut into tiles."""

    def __init__(self, window: Any, room: int) -> None:
        self.step = window.stride[0]
        self.taps = window.kernel[0] // self.step
        kind = BY_TAPS[self.taps]
        self.size, self.tile = kind.size, kind.tile
        self.room = room
        self.shape = numpy.array([self.taps, self.size, self.tile, room])
        self.phases = [(i, j) for i in range(self.step) for j in range(self.step)]
        self.padding = window.padding[0][0], window.padding[1][0]

    @property
    def points(self) -> int:
        """How many products there are for a tile."""
        return self.tile * self.tile

    def grid(self, height: int, width: int) -> Any:
        """How many tiles cover results of that size."""
        return numpy.array([-(-height // self.size), -(-width // self.size)])

    def places(self) -> Any:
        """The step of the image's phases, and where each begins."""
        top, left = self.padding
        return numpy.array([self.step, *(n for i, j in self.phases for n in (i - top, j - left))])


def room_for(points: int, elements: int, limit: int, tiles: int) -> int:
    """How many tiles to work on at a time, each of which takes that many elements at a point."""
    few = limit // (4 * points * elements)
    return int(max(1, min(max(14, few // 14 * 14), tiles)))


def planned(window: Any, elements: int, limit: int, n: int, size: Any) -> tuple[Plan, Any, int]:
    """The plan, the grid and the number of tiles for n results of that size."""
    plan = Plan(window, 0)
    grid = plan.grid(*size)
    tiles = n * int(grid[0] * grid[1])
    return Plan(window, room_for(plan.points, elements, limit, tiles)), grid, tiles


def run(plan: Plan, x: Any, u: Any, y: Any, bias: Any, grid: Any, tiles: int, of: Any, back: Any, wide: int) -> None:
    """Write a convolution of x (n, height, width, channels), at the points u, to y."""
    outputs = u.size // (plan.points * wide)
    zeros = aligned(outputs)
    zeros[:] = 0
    rows, to, point = multiples(plan.room, wide), multiples(plan.room, outputs), multiples(1, 1)
    compiled = loops().winograd

    def work(begin: int, end: int) -> None:
        v, m = aligned(plan.points * plan.room * wide), aligned(plan.points * plan.room * outputs)
        edge = aligned(plan.points * max(x.shape[3], outputs))
        compiled.convolve(
            x, u, y, bias, zeros, v, m, edge, to, rows, point, plan.shape, grid, tiles, of, back, begin, end
        )

    divided(work, -(-tiles // plan.room), plan.points * plan.room * wide * outputs)


NOTHING = numpy.zeros(0, numpy.float32)


def correlate(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """y of x (n, height, width, c) and w (o, c, *kernel), channels last."""
    n, c, o = x.shape[0], x.shape[3], w.shape[0]
    columns = padded(o)
    phases = window.stride[0] ** 2
    plan, grid, tiles = planned(window, c * phases + columns, CHUNK, n, out)
    wide, side = c * phases, window.kernel[0]
    by_output = kernels_by_output(w)
    starts = numpy.array([(i * side + j) * columns for i, j in plan.phases])
    strides = numpy.array([side * side * columns, plan.step * side * columns, plan.step * columns])
    u = at_points(plan, by_output, strides, starts, wide, columns)
    y = numpy.empty((n, *out, o), numpy.float32)
    run(plan, x, u, y, NOTHING if b is None else b, grid, tiles, plan.places(), numpy.array([1, 0, 0]), wide)
    return y


def at_points(plan: Plan, kernels: Any, strides: Any, starts: Any, wide: int, columns: int) -> Any:
    """The kernels at the points, in panels."""
    u = aligned(plan.points * wide * columns)
    compiled = loops().winograd

    def work(begin: int, end: int) -> None:
        compiled.kernel_to_points(kernels, u, plan.shape, strides, starts, wide, columns, begin, end)

    divided(work, wide, plan.points * columns * 8)
    return u


def spread(g: Any, w: Any, b: Any, size: Any, window: Any) -> Any:
    """dx of g (n, height, width, o) and w (o, c, *kernel), channels last: for each phase a convolution of its own."""
    n, o, c = g.shape[0], g.shape[3], w.shape[1]
    columns = padded(c)
    side, step = window.kernel[0], window.stride[0]
    y = numpy.empty((n, *size, c), numpy.float32)
    by_input = kernels_by_input(w)
    for i, j in Plan(window, 0).phases:
        tops = [
            -(-(low - k) // step) for (low, _), k in zip(window.padding, (i, j), strict=True)
        ]  # the first of this phase inside the image
        begins = [t * step + k - low for t, k, (low, _) in zip(tops, (i, j), window.padding, strict=True)]
        high = [-(-(m - first) // step) for m, first in zip(size, begins, strict=True)]
        if min(high) < 1:
            continue
        plan, grid, tiles = planned(window, o + columns, CHUNK, n, high)
        last = step * (plan.taps - 1)
        starts = numpy.array([((last + i) * side + last + j) * columns])
        strides = numpy.array([side * side * columns, -step * side * columns, -step * columns])
        u = at_points(plan, by_input, strides, starts, o, columns)
        of = numpy.array([1, tops[0] - plan.taps + 1, tops[1] - plan.taps + 1])
        run(plan, g, u, y, NOTHING if b is None else b, grid, tiles, of, numpy.array([step, *begins]), o)
    return y


def weight_gradient(x: Any, g: Any, window: Any) -> Any:
    """dw (o, c, *kernel) of x (n, height, width, c) and g (n, height, width, o)."""
    n, c, o = x.shape[0], x.shape[3], g.shape[3]
    columns, side = padded(o), window.kernel[0]
    wide = c * window.stride[0] ** 2
    plan, grid, tiles = planned(window, wide + columns, MANY, n, g.shape[1:3])
    compiled = loops().winograd
    v, h = aligned(plan.points * plan.room * wide), aligned(plan.points * plan.room * columns)
    du, zeros = aligned(plan.points * wide * columns), aligned(columns)
    zeros[:] = 0
    of, rows, to, point = plan.places(), multiples(wide, 1), multiples(wide, columns), multiples(1, 1)
    for first in range(0, tiles, plan.room):
        count = min(plan.room, tiles - first)

        def tile(begin: int, end: int, first: int = first) -> None:
            edge = aligned(plan.points * max(c, columns))
            compiled.all_to_points(x, g, v, h, edge, plan.shape, grid, of, columns, first, first + begin, first + end)

        def product(begin: int, end: int, first: int = first, count: int = count) -> None:
            compiled.weights_at_points(
                v, h, du, zeros, rows, to, point, plan.shape, wide, count, int(first > 0), begin, end
            )

        divided(tile, count, plan.points * (wide + o) * 8)
        divided(product, plan.points, count * wide * columns)
    dw = aligned(c * side * side * columns)
    starts = numpy.array([(i * side + j) * columns for i, j in plan.phases])
    strides = numpy.array([side * side * columns, plan.step * side * columns, plan.step * columns])

    def kernels(begin: int, end: int) -> None:
        compiled.kernel_from_points(du, dw, plan.shape, strides, starts, wide, columns, begin, end)

    divided(kernels, wide, plan.points * columns * 8)
    return kernels_from_rows(dw, o, c, window.kernel)
