"""The loops that numba compiles for `winograd`: tiles to the points, products at each point, and back."""

from __future__ import annotations

from .convolution_loops import PANEL, compiled, multiply
from .convolution_vectors import LANES, tile_transform
from .winograd_matrices import BY_TAPS, transposed

_three, _two = BY_TAPS[3], BY_TAPS[2]
data_three, data_two = tile_transform("data_three", _three.data), tile_transform("data_two", _two.data)
out_three, out_two = tile_transform("out_three", _three.out), tile_transform("out_two", _two.out)
kernel_three, kernel_two = tile_transform("kernel_three", _three.kernel), tile_transform("kernel_two", _two.kernel)
spread_three = tile_transform("spread_three", transposed(_three.out))
spread_two = tile_transform("spread_two", transposed(_two.out))
gather_three = tile_transform("gather_three", transposed(_three.kernel))
gather_two = tile_transform("gather_two", transposed(_two.kernel))


@compiled
def image_rows(x, y, high, step, edge, left, wide):  # type: ignore[no-untyped-def]
    """Copy a tile of x (height, width, channels), zero outside the image, to edge (high, wide, channels)."""
    height, width, channels = x.shape
    for i in range(high):
        for j in range(wide):
            row, column = y + i * step, left + j * step
            inside = 0 <= row < height and 0 <= column < width
            place = (i * wide + j) * channels
            for c in range(channels):
                edge[place + c] = x[row, column, c] if inside else 0


@compiled
def to_points(x, v, edge, spread, shape, grid, step, top, left, wide, offset, first, begin, end):  # type: ignore[no-untyped-def]
    """The tiles `begin` to `end` of the images x (n, height, width, channels) at the points: v (points, room, wide).

    shape: taps, size, tile, room. A tile begins at (top, left) + step size (its place in the grid), and its numbers are
    `step` apart; tile t goes to the place t - first of v, from channel `offset` on. spread: x is gradients of results.
    """
    taps, size, tile, room = shape
    _, height, width, channels = x.shape
    count = size if spread else tile
    per_image = grid[0] * grid[1]
    plane = room * wide
    row, reach = width * channels, (count - 1) * step
    for t in range(begin, end):
        n, place = t // per_image, t % per_image
        y, z = place // grid[1] * size * step + top, place % grid[1] * size * step + left
        if y >= 0 and z >= 0 and y + reach < height and z + reach < width:
            of, of_row, of_column = (
                x.ctypes.data + 4 * ((n * height + y) * row + z * channels),
                row * step,
                channels * step,
            )
        else:
            image_rows(x[n], y, count, step, edge, z, count)
            of, of_row, of_column = edge.ctypes.data, count * channels, channels
        to = v.ctypes.data + 4 * ((t - first) * wide + offset)
        # Where the channels do not fill the vectors, the last vector overlaps the one before.
        for c, vectors in ((0, channels // LANES), (channels - LANES, 1 if channels % LANES else 0)):
            if vectors and spread and taps == 3:
                spread_three(to + 4 * c, tile * plane, plane, of + 4 * c, of_row, of_column, vectors)
            elif vectors and spread:
                spread_two(to + 4 * c, tile * plane, plane, of + 4 * c, of_row, of_column, vectors)
            elif vectors and taps == 3:
                data_three(to + 4 * c, tile * plane, plane, of + 4 * c, of_row, of_column, vectors)
            elif vectors:
                data_two(to + 4 * c, tile * plane, plane, of + 4 * c, of_row, of_column, vectors)


@compiled
def from_points(m, y, edge, bias, shape, grid, step, top, left, wide, first, begin, end):  # type: ignore[no-untyped-def]
    """The results y (n, height, width, channels) of tiles from their values m (points, room, wide) at the points."""
    taps, size, tile, room = shape
    _, height, width, channels = y.shape
    per_image = grid[0] * grid[1]
    plane = room * wide
    row, reach = width * channels, (size - 1) * step
    for t in range(begin, end):
        n, place = t // per_image, t % per_image
        u, z = place // grid[1] * size * step + top, place % grid[1] * size * step + left
        whole = u >= 0 and z >= 0 and u + reach < height and z + reach < width
        if whole:
            to, to_row, to_column = (
                y.ctypes.data + 4 * ((n * height + u) * row + z * channels),
                row * step,
                channels * step,
            )
        else:
            to, to_row, to_column = edge.ctypes.data, size * channels, channels
        of = m.ctypes.data + 4 * (t - first) * wide
        for c, vectors in ((0, channels // LANES), (channels - LANES, 1 if channels % LANES else 0)):
            if vectors and taps == 3:
                out_three(to + 4 * c, to_row, to_column, of + 4 * c, tile * plane, plane, vectors)
            elif vectors:
                out_two(to + 4 * c, to_row, to_column, of + 4 * c, tile * plane, plane, vectors)
        if whole and not len(bias):
            continue
        for i in range(size):
            for j in range(size):
                p, q = u + i * step, z + j * step
                if not (0 <= p < height and 0 <= q < width):
                    continue
                pixel = y[n, p, q]
                if not whole:
                    for c in range(channels):
                        pixel[c] = edge[(i * size + j) * channels + c]
                for c in range(len(bias)):
                    pixel[c] += bias[c]


@compiled
def convolve(x, u, y, bias, zeros, v, m, edge, to, rows, point, shape, grid, tiles, of, back, begin, end):  # type: ignore[no-untyped-def]
    """Chunks `begin` to `end` of a convolution: `room` tiles at a time to the points, multiplied with u, and back.

    of: step and, for each phase of x, top and left; back: step, top and left of y. u lies in panels.
    """
    _, _, tile, room = shape
    channels, outputs = x.shape[3], zeros.size
    wide = channels * (len(of) // 2)
    for chunk in range(begin, end):
        first = chunk * room
        last = min(first + room, tiles)
        for phase in range(len(of) // 2):
            top, left = of[1 + 2 * phase], of[2 + 2 * phase]
            to_points(x, v, edge, False, shape, grid, of[0], top, left, wide, phase * channels, first, first, last)
        for f in range(tile * tile):
            a, b = v.ctypes.data + 4 * f * room * wide, u.ctypes.data + 4 * f * wide * outputs
            c = m.ctypes.data + 4 * f * room * outputs
            multiply(c, to, zeros.ctypes.data, 0, a, rows, point, 1, b, 0, wide, 0, last - first, outputs)
        from_points(m, y, edge, bias, shape, grid, back[0], back[1], back[2], outputs, first, first, last)


@compiled
def kernel_to_points(w, u, shape, strides, starts, wide, outputs, begin, end):  # type: ignore[no-untyped-def]
    """Rows `begin` to `end` of u (points, wide, outputs), in panels, from the kernels w: rows of `outputs` elements.

    strides: how far apart in w rows of a phase, a kernel's rows and its columns lie; starts: where a phase begins.
    """
    taps, _, tile, _ = shape
    depth = wide // len(starts)
    plane = wide * outputs
    for k in range(begin, end):
        phase, row = k // depth, k % depth
        of = w.ctypes.data + 4 * (starts[phase] + row * strides[0])
        for column in range(0, outputs, PANEL):
            panel = min(outputs - column, PANEL)
            to = u.ctypes.data + 4 * (column * wide + k * panel)
            if taps == 3:
                kernel_three(to, tile * plane, plane, of + 4 * column, strides[1], strides[2], panel // LANES)
            else:
                kernel_two(to, tile * plane, plane, of + 4 * column, strides[1], strides[2], panel // LANES)


@compiled
def kernel_from_points(du, dw, shape, strides, starts, wide, outputs, begin, end):  # type: ignore[no-untyped-def]
    """The reverse for gradients: rows of dw from du (points, wide, outputs), which is not in panels."""
    taps, _, tile, _ = shape
    depth = wide // len(starts)
    plane = wide * outputs
    for k in range(begin, end):
        phase, row = k // depth, k % depth
        to, of = dw.ctypes.data + 4 * (starts[phase] + row * strides[0]), du.ctypes.data + 4 * k * outputs
        if taps == 3:
            gather_three(to, strides[1], strides[2], of, tile * plane, plane, outputs // LANES)
        else:
            gather_two(to, strides[1], strides[2], of, tile * plane, plane, outputs // LANES)


@compiled
def all_to_points(x, g, v, h, edge, shape, grid, of, outputs, first, begin, end):  # type: ignore[no-untyped-def]
    """Tiles of images (phases of theirs) and of the results' gradients, for `weights_at_points`."""
    channels = x.shape[3]
    wide = channels * (len(of) // 2)
    for phase in range(len(of) // 2):
        top, left = of[1 + 2 * phase], of[2 + 2 * phase]
        to_points(x, v, edge, False, shape, grid, of[0], top, left, wide, phase * channels, first, begin, end)
    to_points(g, h, edge, True, shape, grid, 1, 0, 0, outputs, 0, first, begin, end)


@compiled
def weights_at_points(v, h, du, zeros, rows, to, point, shape, wide, tiles, add, begin, end):  # type: ignore[no-untyped-def]
    """du[f] = v[f].T @ h[f] for points f from begin to end; added for add = 1."""
    room, outputs = shape[3], zeros.size
    for f in range(begin, end):
        c = du.ctypes.data + 4 * f * wide * outputs
        a, b = v.ctypes.data + 4 * f * room * wide, h.ctypes.data + 4 * f * room * outputs
        start = c if add else zeros.ctypes.data
        multiply(c, to, start, add, a, rows, point, wide, b, outputs, tiles, 0, wide, outputs)
