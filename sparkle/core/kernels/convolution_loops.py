"""The loops that numba compiles for `convolution` and `winograd`, all on float32 arrays without gaps.

Arrays that a loop works on are handed to it, never made in it: the blocks of instructions see addresses only, for which
numba would not keep an array alive.
"""

from __future__ import annotations

from .compiling import machine_code
from .convolution_vectors import LANES, MOST_ROWS, MOST_VECTORS, multiply_block, transpose_square

PANEL = LANES * MOST_VECTORS  # columns of a matrix that lie together for a block


@machine_code
def multiply(c, to, start, keep, a, rows, points, step, b, places, across, depth, begin, end, n):  # type: ignore[no-untyped-def]
    """Rows `begin` to `end` of a matrix product whose n columns are a multiple of LANES.

    c, start, a and b are addresses; `to`, `rows`, `points` and `places` tables: to, from, points_at and columns_at of
    `write_block`. b holds panels, one behind the other, for across = 0; rows of `across` elements otherwise.
    """
    blocks = (end - begin + MOST_ROWS - 1) // MOST_ROWS
    for column in range(0, n, PANEL):
        vectors = min(n - column, PANEL) // LANES
        wide = across if across else PANEL
        panel = b + 4 * (column if across else column * len(points) * depth)
        for i in range(blocks):
            first = begin + i * (end - begin) // blocks
            count = begin + (i + 1) * (end - begin) // blocks - first
            to_first, from_first = to.ctypes.data + 8 * first, rows.ctypes.data + 8 * first
            multiply_block(
                count, vectors, c + 4 * column, to_first, start + 4 * column, keep,
                a, from_first, points.ctypes.data, step, panel, places.ctypes.data, wide, len(points), depth,
            )  # fmt: skip


@machine_code
def transpose(of, to, of_steps, to_steps, rows, columns, square, begin, end):  # type: ignore[no-untyped-def]
    """to[n, j, i] = of[n, i, j] for i < rows and j < columns, in bands of LANES rows, of which there are several for n.

    of_steps: how far apart matrices and rows lie; to_steps: matrices, rows, and panels of PANEL columns. square is
    scratch for LANES^2 elements.
    """
    bands = (rows + LANES - 1) // LANES
    for band in range(begin, end):
        n, top = band // bands, band % bands * LANES
        high = min(LANES, rows - top)
        a, b = n * of_steps[0] + top * of_steps[1], n * to_steps[0] + top // PANEL * to_steps[2] + top % PANEL
        for left in range(0, columns, LANES):
            wide = min(LANES, columns - left)
            if high == LANES and a + left + (LANES - 1) * of_steps[1] + LANES <= of.size:
                whole = wide == LANES
                target = to.ctypes.data + 4 * (b + left * to_steps[1]) if whole else square.ctypes.data
                step = to_steps[1] if whole else LANES
                transpose_square(target, step, of.ctypes.data + 4 * (a + left), of_steps[1])
                if not whole:
                    for j in range(wide):
                        for i in range(LANES):
                            to[b + (left + j) * to_steps[1] + i] = square[j * LANES + i]
            else:
                for i in range(high):
                    for j in range(left, left + wide):
                        to[b + j * to_steps[1] + i] = of[a + i * of_steps[1] + j]


@machine_code
def reorder(of, to, chosen, outer, inner, begin, end):  # type: ignore[no-untyped-def]
    """Panels of rows (inner, outer) as panels of rows (chosen of the outer, inner), these rows from `begin` on."""
    count = len(chosen)
    for row in range(begin, end):
        panel, rest = row // (count * inner), row % (count * inner)
        j, k = rest // inner, rest % inner
        source = ((panel * inner + k) * outer + chosen[j]) * PANEL
        for i in range(PANEL):
            to[row * PANEL + i] = of[source + i]


@machine_code
def pad(x, y, before, begin, end):  # type: ignore[no-untyped-def]
    """Images x (n, depth, height, width, channels) in y with 0 around, `before` elements in each dim before them.

    x may have any strides. Below 0, so many elements are left out. Rows `begin` to `end` of (n, depth, height) of y.
    """
    _, depth, height, width, channels = x.shape
    for row in range(begin, end):
        n, rest = row // (y.shape[1] * y.shape[2]), row % (y.shape[1] * y.shape[2])
        z, t = rest // y.shape[2] - before[0], rest % y.shape[2] - before[1]
        to = y[n, rest // y.shape[2], rest % y.shape[2]].reshape(y.shape[3] * channels)
        if not (0 <= z < depth and 0 <= t < height):
            to[:] = 0
            continue
        skip, start = max(0, -before[2]), max(0, before[2])
        stop = min(start + width - skip, y.shape[3])
        to[: start * channels] = 0
        to[stop * channels :] = 0
        if channels < LANES:
            for c in range(channels):
                every, of = to[start * channels + c :: channels], x[n, z, t, skip:, c]
                for i in range(stop - start):
                    every[i] = of[i]
        else:
            for i in range(start, stop):
                place, of = to[i * channels : (i + 1) * channels], x[n, z, t, i - start + skip]
                for c in range(channels):
                    place[c] = of[c]


@machine_code
def correlate(x, b, y, start, points, places, steps, back, out, groups, block, table, place, dense, total, begin, end):  # type: ignore[no-untyped-def]
    """Shares of a correlation: y[p] = start + sum over points j, channels k of x[p + points[j] + k] b[j, k], as rows.

    Position p of n images counts (n, *out) up; steps and back: how far apart in x and y images, planes, rows and
    columns lie, and where y begins. b holds panels for each group, with the rows of point j from places[j] on.
    block, table, place: scratch; dense: 0, n, 2 n, ...
    """
    depth = steps[4]
    room, wide = len(table), start.size // groups
    outputs = back[5]
    for share in range(begin, end):
        first = share * room
        count = min(room, total - first)
        line, column = first // out[2], first % out[2]
        i = 0
        while i < count:
            row, plane, n = line % out[1], line // out[1] % out[0], line // (out[1] * out[0])
            of = n * steps[0] + plane * steps[1] + row * steps[2] - i * steps[3]
            to = n * back[0] + plane * back[1] + row * back[2] - i * back[3] + back[4]
            last = min(count, i + out[2] - column)
            for j in range(i, last):
                table[j] = of + (column + j) * steps[3]
                place[j] = to + (column + j) * back[3]
            i, line, column = last, line + 1, 0
        for group in range(groups):
            a = x.ctypes.data + 4 * group * depth
            columns = b.ctypes.data + 4 * group * (b.size // groups)
            c = start.ctypes.data + 4 * group * wide
            if wide == outputs:
                target = y.ctypes.data + 4 * group * wide
                multiply(target, place, c, 0, a, table, points, 1, columns, places, 0, depth, 0, count, wide)
            else:
                multiply(block.ctypes.data, dense, c, 0, a, table, points, 1, columns, places, 0, depth, 0, count, wide)
                for i in range(count):
                    for k in range(outputs):
                        y[place[i] + group * outputs + k] = block[i * wide + k]


@machine_code
def weight_gradient(x, g, dw, zeros, rows, to, points, places, step, depth, outputs, wide, few, begin, end):  # type: ignore[no-untyped-def]
    """Rows of dw: the sum over points j, steps k of x[rows + points[j] + k step] g[j depth + k], `few` points at once.

    g has `outputs` columns, of which the first `wide` are taken; shares `begin` to `end` are MOST_ROWS rows each.
    """
    low, high = begin * MOST_ROWS, min(end * MOST_ROWS, len(rows))
    for first in range(0, len(points), few):
        part = points[first : first + few]
        start = dw.ctypes.data if first else zeros.ctypes.data
        b = g.ctypes.data + 4 * first * depth * outputs
        keep = 1 if first else 0
        multiply(
            dw.ctypes.data, to, start, keep, x.ctypes.data, rows, part, step, b, places, outputs, depth, low, high, wide
        )  # fmt: skip


@machine_code
def widen(x, y, begin, end):  # type: ignore[no-untyped-def]
    """Rows of x (rows, n) at the beginning of rows of y, the rest of which is 0."""
    n = x.shape[1]
    for row in range(begin, end):
        for i in range(n):
            y[row, i] = x[row, i]
        for i in range(n, y.shape[1]):
            y[row, i] = 0


@machine_code
def column_sums(x, sums, size, begin, end):  # type: ignore[no-untyped-def]
    """sums[i] = the sum of the i-th `size` rows of x."""
    for part in range(begin, end):
        total = sums[part]
        total[:] = 0
        for row in range(part * size, min((part + 1) * size, len(x))):
            for i in range(len(total)):
                total[i] += x[row, i]


@machine_code
def add(x, y):  # type: ignore[no-untyped-def]
    """x += y"""
    for i in range(len(x)):
        x[i] += y[i]


@machine_code
def spread(g, b, y, bias, buffer, block, zeros, rows, dense, point, points, run, stride, out, before, begin, end):  # type: ignore[no-untyped-def]
    """Images `begin` to `end` of y, where each position of g (n, positions, channels) adds to what it was made from.

    The panels b give all that a position adds, in runs that lie at `points` from its place in the buffer, which is an
    image (depth, height, width, channels) with padding, so much of which lies before y.
    """
    _, positions, depth = g.shape
    _, height, width, channels = buffer.shape
    flat, room, wide = buffer.reshape(buffer.size), len(rows), zeros.size
    for n in range(begin, end):
        flat[:] = 0
        for first in range(0, positions, room):
            count = min(room, positions - first)
            a = g.ctypes.data + 4 * (n * positions + first) * depth
            multiply(
                block.ctypes.data, dense, zeros.ctypes.data, 0,
                a, rows, point, 1, b.ctypes.data, point, 0, depth, 0, count, wide,
            )  # fmt: skip
            line, column = first // out[2], first % out[2]
            for i in range(count):
                if column == out[2]:
                    line, column = line + 1, 0
                if i == 0 or column == 0:
                    begins = (line // out[1] * stride[0] * height + line % out[1] * stride[1]) * width
                place = (begins + column * stride[2]) * channels
                column += 1
                for j in range(len(points)):
                    target, of = place + points[j], i * wide + j * run
                    add(flat[target : target + run], block[of : of + run])
        crop(buffer, y[n], bias, before)


@machine_code
def crop(buffer, y, bias, before):  # type: ignore[no-untyped-def]
    """The part of the buffer that is y, which may reach beyond it, and the bias."""
    depth, height, width, channels = buffer.shape
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            p, q = i + before[0], j + before[1]
            for k in range(y.shape[2]):
                r = k + before[2]
                inside = p < depth and q < height and r < width
                for c in range(channels):
                    y[i, j, k, c] = bias[c] + (buffer[p, q, r, c] if inside else 0)
