"""Winograd's convolutions: fewer products than plain sums of them, for kernels of 3 by 3 and 4 by 4 (stride 2).

A result of 4 by 4 takes 36 products for each pair of channels in place of 144, or of 256 in place of 4 times 25: a
kernel of 4 with stride 2 is four of 2 with stride 1, each on every other row and column of the image (its phases).
An infinity or a nan in an image reaches all results of its tiles, where a plain sum keeps it to its neighbours.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy

from .convolution_arrays import (
    LANES,
    Job,
    apart,
    divided,
    kernels_by_input,
    kernels_by_output,
    kernels_from_rows,
    loops,
    multiples,
    padded,
    planes,
    scratch,
    together,
    zeros,
)
from .winograd_matrices import BY_TAPS

CHUNK = 1 << 19  # bytes of tiles that a thread works on at a time: what its second cache holds
HEAVY = 3 << 20  # bytes of kernels at the points from which on they are made as needed, a panel at a time
SLICE = 128  # inputs of a panel to make at a time
ROOM = 128  # tiles to work on at a time with such kernels
MANY = 1 << 22  # bytes of tiles from which a part of the weights' gradient is made
MOST = 3 << 22  # bytes of tiles up to which the whole of it is made at once, a panel at a time
BROUGHT = 16  # tiles whose products take as long as bringing the weights to the points
MOVED = 25  # products that take as long as bringing one element to a point


def suits(window: Any, images: Any, results: Any) -> bool:
    """Is this the faster way for images of that shape and results of that shape?"""
    if window.dims != 2 or window.groups != 1 or set(window.dilation) != {1}:
        return False
    if (set(window.kernel), set(window.stride)) not in (({3}, {1}), ({4}, {2})):
        return False
    return min(images[1], results[1]) >= LANES and min(results[2:]) >= 2


def products(window: Any, images: Any, results: Any) -> int:
    """How many there are for a pair of channels, the work of bringing the weights to the points counted as such."""
    tiles = Tiles(window, images[0], results[2:])
    return (tiles.count + BROUGHT) * tiles.points * len(tiles.phases)


class Tiles:
    """How results of a size are cut into tiles, and images into the tiles that these are made from."""

    def __init__(self, window: Any, n: int, size: Any) -> None:
        self.step, self.side = window.stride[0], window.kernel[0]
        self.taps = self.side // self.step
        kind = BY_TAPS[self.taps]
        self.size, self.points, self.tile = kind.size, kind.tile**2, kind.tile
        self.grid = numpy.array([-(-m // self.size) for m in size])
        self.count = n * int(self.grid[0] * self.grid[1])
        self.phases = [(i, j) for i in range(self.step) for j in range(self.step)]
        self.low = [low for low, _ in window.padding]

    def shape(self, room: int) -> Any:
        """The numbers that every loop needs."""
        return numpy.array([self.taps, self.size, self.tile, room])

    def room(self, elements: int, limit: int) -> int:
        """How many tiles to work on at a time, each of which takes that many elements at a point."""
        few = limit // (4 * self.points * elements) // 14 * 14
        return int(max(1, min(max(14, few), self.count)))

    def places(self) -> Any:
        """The step of the images' phases, and where each begins."""
        top, left = self.low
        return numpy.array([self.step, *(n for i, j in self.phases for n in (i - top, j - left))])

    def together(self, channels: int) -> Any:
        """How tiles lie with all channels of all phases side by side: `lay` of `to_points`."""
        return numpy.array([apart(channels * len(self.phases)), channels, channels])

    def kernels(self, panel: int, columns: int) -> tuple[Any, Any]:
        """For kernels in panels of rows (c, *kernel), so far apart: strides and starts of `kernel_at`."""
        across = self.side * panel
        starts = numpy.array([(i * self.side + j) * panel for i, j in self.phases])
        return numpy.array([self.side * across, self.step * across, self.step * panel, columns]), starts

    def mirrored(self, panel: int, columns: int, i: int, j: int) -> tuple[Any, Any]:
        """The same for one phase, from the last to the first of its taps."""
        across, last = self.side * panel, self.step * (self.taps - 1)
        starts = numpy.array([((last + i) * self.side + last + j) * panel])
        return numpy.array([self.side * across, -self.step * across, -self.step * panel, columns]), starts


def sliced(channels: int, few: int, room: int) -> Any:
    """How tiles lie in slices of so many channels, where these are a multiple of that; `lay` of `to_points`."""
    if channels % few:
        return numpy.array([apart(channels), channels, room * apart(channels)])
    return numpy.array([few, few, room * few])


def correlate(x: Any, w: Any, b: Any, window: Any, out: Any) -> Any:
    """y of x (n, height, width, c) and w (o, c, *kernel), channels last."""
    tiles, panel = Tiles(window, x.shape[0], out), loops().winograd.PANEL
    y = numpy.empty((x.shape[0], *out, w.shape[0]), numpy.float32)
    kernels = kernels_by_output(w), *tiles.kernels(panel, w[0].size * panel)
    in_step([convolve(tiles, x, kernels, y, b, tiles.places(), numpy.array([1, 0, 0]))])
    return y


def spread(g: Any, w: Any, b: Any, size: Any, window: Any) -> Any:
    """dx of g (n, height, width, o) and w (o, c, *kernel), channels last: for each phase a convolution of its own."""
    step, c, panel = window.stride[0], w.shape[1], loops().winograd.PANEL
    y = numpy.empty((g.shape[0], *size, c), numpy.float32)
    rows, every = kernels_by_input(w), []
    for i in range(step):
        for j in range(step):
            # The first place of the phase inside the image, in steps and in elements, and how many there are.
            firsts = [-((k - low) // step) for (low, _), k in zip(window.padding, (i, j), strict=True)]
            begins = [f * step + k - low for f, k, (low, _) in zip(firsts, (i, j), window.padding, strict=True)]
            tiles = Tiles(window, g.shape[0], [-(-(m - begin) // step) for m, begin in zip(size, begins, strict=True)])
            if tiles.count > 0:
                of = numpy.array([1, *(first - tiles.taps + 1 for first in firsts)])
                tiles.phases = [(i, j)]
                kernels = rows, *tiles.mirrored(panel, w[:, 0].size * panel, i, j)
                every.append(convolve(tiles, g, kernels, y, b, of, numpy.array([step, *begins])))
    in_step(every)
    return y


def in_step(every: list[Iterator[Job]]) -> None:
    """Do the first works of all, then the second ones, and so on."""
    for jobs in itertools.zip_longest(*every):
        together([job for job in jobs if job])


def convolve(tiles: Tiles, x: Any, kernels: Any, y: Any, b: Any, of: Any, back: Any) -> Iterator[Job]:
    """The works, one after the other, that write the convolution of x with kernels (rows, strides, starts) to y.

    of: the step and the places of x that tiles begin at; back: those of y.
    """
    wide, columns = x.shape[3] * len(tiles.phases), padded(y.shape[3])
    bias = zeros(0) if b is None else numpy.ascontiguousarray(b)
    heavy = 4 * tiles.points * wide * columns > HEAVY and columns == y.shape[3]
    return (_by_panels if heavy else _by_chunks)(tiles, x, kernels, y, bias, of, back, wide, columns)


def _by_chunks(
    tiles: Tiles, x: Any, kernels: Any, y: Any, bias: Any, of: Any, back: Any, wide: int, columns: int
) -> Iterator[Job]:
    """A few tiles at a time, from images to results."""
    points, compiled = tiles.points, loops().winograd
    room = tiles.room(wide + columns, CHUNK)
    shape, lay = tiles.shape(room), tiles.together(x.shape[3])
    u = planes(f"u{tiles.phases[0]}", points, wide, -(-columns // compiled.PANEL) * compiled.PANEL)
    rows, to, point, nothing = multiples(room, apart(wide)), multiples(room, columns), multiples(1, 1), zeros(columns)

    def prepare(begin: int, end: int) -> None:
        compiled.kernel_to_points(kernels[0], u, shape, kernels[1], kernels[2], wide, columns, begin, end)

    def work(begin: int, end: int) -> None:
        v, m = planes("v", points, room, apart(wide)), planes("m", points, room, columns)
        edge = scratch("edge", points * max(x.shape[3], columns))
        compiled.convolve(
            *(x, u, y, bias, nothing, v, m, edge, to, rows, point, shape, tiles.grid, tiles.count, of, lay),
            *(back, begin, end),
        )

    yield prepare, wide, points * columns * MOVED
    yield work, -(-tiles.count // room), points * room * wide * columns


def _by_panels(
    tiles: Tiles, x: Any, kernels: Any, y: Any, bias: Any, of: Any, back: Any, wide: int, columns: int
) -> Iterator[Job]:
    """Many tiles at a time, for a panel of results and a slice of inputs after the other."""
    points, compiled = tiles.points, loops().winograd
    room = min(tiles.count, ROOM)
    shape, panel = tiles.shape(room), compiled.PANEL
    lay = sliced(x.shape[3], SLICE, room)
    across, few, block = (int(n) for n in lay)
    v = planes(f"v{tiles.phases[0]}", points, block, wide // few)
    rows, to, point, nothing = multiples(room, across), multiples(room, panel), multiples(1, 1), zeros(columns)

    for first in range(0, tiles.count, room):
        last = min(first + room, tiles.count)

        def prepare(begin: int, end: int, first: int = first) -> None:
            edge = scratch("edge", points * x.shape[3])
            compiled.phases_to_points(x, v, edge, shape, tiles.grid, of, lay, first, first + begin, first + end)

        def work(begin: int, end: int, first: int = first, last: int = last) -> None:
            u, m = planes("u", points, few, panel), planes("m", points, room, panel)
            edge = scratch("edge", points * panel)
            compiled.convolve_panels(
                *(v, kernels[0], y, bias, nothing, u, m, edge, to, rows, point, shape, kernels[1], kernels[2]),
                *(tiles.grid, lay, wide, first, last, back, begin, end),
            )

        yield prepare, last - first, points * wide * MOVED
        yield work, -(-columns // panel), points * room * wide * panel


def weight_gradient(x: Any, g: Any, window: Any) -> Any:
    """dw (o, c, *kernel) of x (n, height, width, c) and g (n, height, width, o)."""
    tiles = Tiles(window, x.shape[0], g.shape[1:3])
    c, o = x.shape[3], g.shape[3]
    wide, columns = c * tiles.step**2, padded(o)
    dw = scratch("kernels", c * tiles.side**2 * columns)
    heavy = 4 * tiles.points * wide * columns > HEAVY and 4 * tiles.points * tiles.count * (wide + columns) <= MOST
    (_weight_by_panels if heavy else _weight_by_parts)(tiles, x, g, dw, wide, columns)
    return kernels_from_rows(dw, o, c, window.kernel)


def _at_points(tiles: Tiles, x: Any, g: Any, v: Any, h: Any, room: int, lays: Any, first: int) -> int:
    """Bring up to `room` tiles from the first on to the points; how many these are."""
    count, shape, of = min(room, tiles.count - first), tiles.shape(room), tiles.places()
    compiled = loops().winograd

    def work(begin: int, end: int) -> None:
        edge = scratch("edge", tiles.points * max(x.shape[3], g.shape[3]))
        compiled.all_to_points(x, g, v, h, edge, shape, tiles.grid, of, *lays, first, first + begin, first + end)

    divided(work, count, tiles.points * (x.shape[3] * len(tiles.phases) + g.shape[3]) * MOVED)
    return count


def _weight_by_parts(tiles: Tiles, x: Any, g: Any, dw: Any, wide: int, columns: int) -> None:
    """Some tiles at a time, whose products are added up at the points."""
    points, compiled = tiles.points, loops().winograd
    room = tiles.room(wide + columns, MANY)
    across, across_h = apart(wide), apart(columns)
    lays = tiles.together(x.shape[3]), numpy.array([across_h, g.shape[3], 0])
    v, h = planes("all_v", points, room, across), planes("all_h", points, room, across_h)
    du = planes("all_u", points, wide, columns)
    shape, (strides, starts) = tiles.shape(room), tiles.kernels(columns, 0)
    rows, to, point, nothing = multiples(wide, 1), multiples(wide, columns), multiples(1, 1), zeros(columns)

    for first in range(0, tiles.count, room):
        count = _at_points(tiles, x, g, v, h, room, lays, first)

        def work(begin: int, end: int, count: int = count, add: int = int(first > 0)) -> None:
            compiled.weights_at_points(
                v, h, du, nothing, rows, to, point, shape, across, across_h, count, add, begin, end
            )

        divided(work, points, count * wide * columns)

    def finish(begin: int, end: int) -> None:
        compiled.kernel_from_points(du, dw, shape, strides, starts, wide, columns, begin, end)

    divided(finish, wide, points * columns * MOVED)


def _weight_by_panels(tiles: Tiles, x: Any, g: Any, dw: Any, wide: int, columns: int) -> None:
    """All tiles at once, and of the weights a panel of outputs and a slice of inputs after the other."""
    points, room, compiled = tiles.points, tiles.count, loops().winograd
    panel = compiled.PANEL
    lays = sliced(x.shape[3], SLICE, room), sliced(g.shape[3], panel, room)
    few, block = int(lays[0][1]), int(lays[0][2])
    v = planes("all_v", points, block, wide // few)
    h = planes("all_h", points, int(lays[1][2]), g.shape[3] // int(lays[1][1]))
    shape, (strides, starts) = tiles.shape(room), tiles.kernels(columns, panel)
    rows, to, point, nothing = multiples(few, 1), multiples(few, panel), multiples(1, 1), zeros(columns)
    _at_points(tiles, x, g, v, h, room, lays, 0)

    def work(begin: int, end: int) -> None:
        du = planes("u", points, few, panel)
        compiled.weight_panels(
            *(v, h, dw, nothing, du, rows, to, point, shape, strides, starts, *lays, wide, room, begin, end)
        )

    divided(work, wide // few * -(-columns // panel), points * room * few * panel)
