"""The loops that numba compiles for `winograd`: tiles to the points, products at each point, and back."""

from __future__ import annotations

from .compiling import machine_code
from .convolution_loops import PANEL, multiply
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


@machine_code
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


@machine_code
def to_points(x, v, edge, spread, shape, grid, step, top, left, lay, part, first, begin, end):  # type: ignore[no-untyped-def]
    """The tiles `begin` to `end` of the images x (n, height, width, channels) at the points: v.

    shape: taps, size, tile, room. A tile begins at (top, left) + step size (its place in the grid), and its numbers are
    `step` apart. lay: how far apart in v tiles lie, from `first` on; how many channels lie together; how far apart such
    slices lie, of which those of earlier parts come first. spread: x is gradients of results.
    """
    taps, size, tile, _ = shape
    across, few, block = lay
    _, height, width, channels = x.shape
    count = size if spread else tile
    per_image = grid[0] * grid[1]
    to, plane = v.ctypes.data, v.shape[1]
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
        for slice in range(channels // few):
            base = to + 4 * ((t - first) * across + (part * (channels // few) + slice) * block)
            start = of + 4 * slice * few
            # Where the channels do not fill the vectors, the last vector overlaps the one before.
            for c, vectors in ((0, few // LANES), (few - LANES, 1 if few % LANES else 0)):
                if vectors and spread and taps == 3:
                    spread_three(base + 4 * c, tile * plane, plane, start + 4 * c, of_row, of_column, vectors)
                elif vectors and spread:
                    spread_two(base + 4 * c, tile * plane, plane, start + 4 * c, of_row, of_column, vectors)
                elif vectors and taps == 3:
                    data_three(base + 4 * c, tile * plane, plane, start + 4 * c, of_row, of_column, vectors)
                elif vectors:
                    data_two(base + 4 * c, tile * plane, plane, start + 4 * c, of_row, of_column, vectors)


@machine_code
def from_points(m, y, edge, bias, shape, grid, step, top, left, wide, offset, channels, first, begin, end):  # type: ignore[no-untyped-def]
    """The results y (n, height, width, all channels) of tiles from their values m (points, room, wide) at the points.

    So many channels of y are written, those from `offset` on.
    """
    taps, size, tile, _ = shape
    _, height, width, whole_channels = y.shape
    per_image = grid[0] * grid[1]
    plane = m.shape[1]
    row, reach = width * whole_channels, (size - 1) * step
    for t in range(begin, end):
        n, place = t // per_image, t % per_image
        u, z = place // grid[1] * size * step + top, place % grid[1] * size * step + left
        whole = u >= 0 and z >= 0 and u + reach < height and z + reach < width
        if whole:
            to, to_row, to_column = (
                y.ctypes.data + 4 * ((n * height + u) * row + z * whole_channels + offset),
                row * step,
                whole_channels * step,
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
                pixel = y[n, p, q, offset : offset + channels]
                if not whole:
                    for c in range(channels):
                        pixel[c] = edge[(i * size + j) * channels + c]
                if len(bias):
                    for c in range(channels):
                        pixel[c] += bias[offset + c]


@machine_code
def phases_to_points(x, v, edge, shape, grid, of, lay, first, begin, end):  # type: ignore[no-untyped-def]
    """Tiles of the images' phases at the points. of: the step and, for each phase, where it begins."""
    for phase in range(len(of) // 2):
        top, left = of[1 + 2 * phase], of[2 + 2 * phase]
        to_points(x, v, edge, False, shape, grid, of[0], top, left, lay, phase, first, begin, end)


@machine_code
def convolve(x, u, y, bias, zeros, v, m, edge, to, rows, point, shape, grid, tiles, of, lay, back, begin, end):  # type: ignore[no-untyped-def]
    """Chunks `begin` to `end` of a convolution: `room` tiles at a time to the points, multiplied with u, and back.

    of, lay: as in `to_points`; back: step, top and left of y. u lies in panels.
    """
    _, _, tile, room = shape
    outputs, wide = zeros.size, x.shape[3] * (len(of) // 2)
    for chunk in range(begin, end):
        first = chunk * room
        last = min(first + room, tiles)
        phases_to_points(x, v, edge, shape, grid, of, lay, first, first, last)
        for f in range(tile * tile):
            a, b = v.ctypes.data + 4 * f * v.shape[1], u.ctypes.data + 4 * f * u.shape[1]
            c = m.ctypes.data + 4 * f * m.shape[1]
            multiply(c, to, zeros.ctypes.data, 0, a, rows, point, 1, b, point, 0, wide, 0, last - first, outputs)
        from_points(
            m, y, edge, bias, shape, grid, back[0], back[1], back[2], outputs, 0, y.shape[3], first, first, last
        )


@machine_code
def kernel_at(w, strides, starts, depth, k, column):  # type: ignore[no-untyped-def]
    """The address in w of the kernels from input k, which counts phases and channels up, to the outputs of a panel.

    strides: how far apart in w rows of a phase, a kernel's rows and its columns lie, and panels; starts: where a phase
    begins.
    """
    return w.ctypes.data + 4 * (starts[k // depth] + k % depth * strides[0] + column // PANEL * strides[3])


@machine_code
def one_to_points(of, u, taps, tile, strides, plane, vectors):  # type: ignore[no-untyped-def]
    """Kernels at the address `of` at the points: at the address u and from there a plane apart."""
    if taps == 3:
        kernel_three(u, tile * plane, plane, of, strides[1], strides[2], vectors)
    else:
        kernel_two(u, tile * plane, plane, of, strides[1], strides[2], vectors)


@machine_code
def one_from_points(du, to, taps, tile, strides, plane, vectors):  # type: ignore[no-untyped-def]
    """The reverse for gradients."""
    if taps == 3:
        gather_three(to, strides[1], strides[2], du, tile * plane, plane, vectors)
    else:
        gather_two(to, strides[1], strides[2], du, tile * plane, plane, vectors)


@machine_code
def kernel_to_points(w, u, shape, strides, starts, wide, outputs, begin, end):  # type: ignore[no-untyped-def]
    """Rows `begin` to `end` of u (points, wide, outputs), in panels, from the kernels w."""
    taps, _, tile, _ = shape
    for k in range(begin, end):
        for column in range(0, outputs, PANEL):
            of = kernel_at(w, strides, starts, wide // len(starts), k, column)
            to = u.ctypes.data + 4 * (column * wide + k * PANEL)
            one_to_points(of, to, taps, tile, strides, u.shape[1], min(outputs - column, PANEL) // LANES)


@machine_code
def kernel_from_points(du, dw, shape, strides, starts, wide, outputs, begin, end):  # type: ignore[no-untyped-def]
    """The reverse for gradients: rows of dw from du (points, wide, outputs), which is not in panels."""
    taps, _, tile, _ = shape
    for k in range(begin, end):
        to, of = kernel_at(dw, strides, starts, wide // len(starts), k, 0), du.ctypes.data + 4 * k * outputs
        one_from_points(of, to, taps, tile, strides, du.shape[1], outputs // LANES)


@machine_code
def all_to_points(x, g, v, h, edge, shape, grid, of, lay, lay_h, first, begin, end):  # type: ignore[no-untyped-def]
    """Tiles of images (phases of theirs) and of the results' gradients at the points."""
    phases_to_points(x, v, edge, shape, grid, of, lay, first, begin, end)
    to_points(g, h, edge, True, shape, grid, 1, 0, 0, lay_h, 0, first, begin, end)


@machine_code
def weights_at_points(v, h, du, zeros, rows, to, point, shape, across, across_h, tiles, add, begin, end):  # type: ignore[no-untyped-def]
    """du[f] = v[f].T @ h[f] for points f from begin to end; added for add = 1."""
    for f in range(begin, end):
        c = du.ctypes.data + 4 * f * du.shape[1]
        a, b = v.ctypes.data + 4 * f * v.shape[1], h.ctypes.data + 4 * f * h.shape[1]
        start = c if add else zeros.ctypes.data
        multiply(c, to, start, add, a, rows, point, across, b, point, across_h, tiles, 0, len(rows), zeros.size)


@machine_code
def convolve_panels(
    v,
    w,
    y,
    bias,
    zeros,
    u,
    m,
    edge,
    to,
    rows,
    point,
    shape,
    strides,
    starts,
    grid,
    lay,
    wide,
    first,
    last,
    back,
    begin,
    end,
):  # type: ignore[no-untyped-def]
    """Panels `begin` to `end` of the results of tiles at the points, v: kernels go to the points as needed.

    u (points, channels of a slice, PANEL) and m (points, room, PANEL) are scratch.
    """
    taps, _, tile, _ = shape
    _, few, block = lay
    outputs, points = zeros.size, tile * tile
    for panel in range(begin, end):
        column = panel * PANEL
        n = min(PANEL, outputs - column)
        for slice in range(wide // few):
            for k in range(few):
                of = kernel_at(w, strides, starts, wide // len(starts), slice * few + k, column)
                one_to_points(of, u.ctypes.data + 4 * k * PANEL, taps, tile, strides, u.shape[1], n // LANES)
            for f in range(points):
                c, a = m.ctypes.data + 4 * f * m.shape[1], v.ctypes.data + 4 * (f * v.shape[1] + slice * block)
                b, keep = u.ctypes.data + 4 * f * u.shape[1], 1 if slice else 0
                before = c if keep else zeros.ctypes.data
                multiply(c, to, before, keep, a, rows, point, 1, b, point, 0, few, 0, last - first, n)
        from_points(m, y, edge, bias, shape, grid, back[0], back[1], back[2], PANEL, column, n, first, first, last)


@machine_code
def weight_panels(v, h, dw, zeros, du, rows, to, point, shape, strides, starts, lay, lay_h, wide, tiles, begin, end):  # type: ignore[no-untyped-def]
    """Parts `begin` to `end` of dw from tiles of images, v, and of gradients, h, at the points.

    A part has a slice of the inputs and a panel of outputs; du (points, channels of a slice, PANEL) is scratch.
    """
    taps, _, tile, _ = shape
    across, few, block = lay
    across_h, few_h, block_h = lay_h
    outputs, points = zeros.size, tile * tile
    panels = (outputs + PANEL - 1) // PANEL
    for part in range(begin, end):
        slice, column = part // panels, part % panels * PANEL
        n, place = min(PANEL, outputs - column), column // few_h * block_h + column % few_h
        for f in range(points):
            a, b = v.ctypes.data + 4 * (f * v.shape[1] + slice * block), h.ctypes.data + 4 * (f * h.shape[1] + place)
            c = du.ctypes.data + 4 * f * du.shape[1]
            multiply(c, to, zeros.ctypes.data, 0, a, rows, point, across, b, point, across_h, tiles, 0, few, n)
        for k in range(few):
            target = kernel_at(dw, strides, starts, wide // len(starts), slice * few + k, column)
            one_from_points(du.ctypes.data + 4 * k * PANEL, target, taps, tile, strides, du.shape[1], n // LANES)
