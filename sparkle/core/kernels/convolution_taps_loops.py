"""The loops that numba compiles for `convolution_taps`, all on float32 arrays without gaps."""

from __future__ import annotations

from .compiling import machine_code
from .convolution_loops import PANEL, multiply, transpose
from .convolution_vectors import LANES, PARTED, part
from .vector_math import copy_row


@machine_code
def outputs_to_panel(w, panel, square, steps, column, n, channel, count, taps):  # type: ignore[no-untyped-def]
    """panel (channels, taps, PANEL): of the kernels w (o, c, taps) those from `count` inputs to n outputs."""
    size = w.shape[1] * taps
    of = w.reshape(w.size)[column * size + channel * taps :]
    steps[0, 1], steps[1, 1], steps[1, 2] = size, PANEL, PANEL
    transpose(of, panel, steps[0], steps[1], n, count * taps, square, 0, n // LANES)


@machine_code
def inputs_to_panel(w, panel, square, steps, column, n, channel, count, taps):  # type: ignore[no-untyped-def]
    """panel (outputs, taps, PANEL): of the kernels w (o, c, taps) those to `count` outputs from n inputs."""
    size = w.shape[1] * taps
    of = w.reshape(w.size)[channel * size + column * taps :]
    if taps in PARTED:
        for i in range(0, n, LANES):
            part(taps, panel.ctypes.data + 4 * i, PANEL, taps * PANEL, of.ctypes.data + 4 * i * taps, size, count)
        return
    steps[0, 0], steps[0, 1] = size, taps
    steps[1, 0], steps[1, 1], steps[1, 2] = taps * PANEL, PANEL, PANEL
    transpose(of, panel, steps[0], steps[1], n, taps, square, 0, count * (n // LANES))


@machine_code
def multiply_taps(x, w, y, bias, panel, square, steps, of, to, firsts, zeros, sizes, begin, end):  # type: ignore[no-untyped-def]
    """Shares `begin` to `end` of y: for each tap the rows of x that it reaches times its kernels, added where they go.

    of, to: where rows of x and y lie, those of a tap from firsts[0, tap] on, firsts[1, tap] for each image. sizes: how
    many taps; whether w is (columns of x, of y, taps); columns of x to take at a time; images, how many of them the
    tables are for, and into how many parts they go; rows of x and of y for an image.
    """
    taps, backward, chunk, images, few, parts, _, _ = sizes
    wide_x, wide_y = x.shape[1], y.shape[1]
    for share in range(begin, end):
        column, part = share // parts * PANEL, share % parts
        n = min(PANEL, wide_y - column)
        low, high = part * images // parts, (part + 1) * images // parts
        fill(y, bias, low * sizes[7], high * sizes[7], column, n)
        for channel in range(0, wide_x, chunk):
            count = min(chunk, wide_x - channel)
            if backward:
                inputs_to_panel(w, panel, square, steps, column, n, channel, count, taps)
            else:
                outputs_to_panel(w, panel, square, steps, column, n, channel, count, taps)
            for image in range(low, high, few):
                some = min(few, high - image)
                a = x.ctypes.data + 4 * (image * sizes[6] * wide_x + channel)
                c = y.ctypes.data + 4 * (image * sizes[7] * wide_y + column)
                for tap in range(taps):
                    rows, first = firsts[1, tap] * some, firsts[0, tap]
                    b = panel.ctypes.data + 4 * tap * PANEL
                    multiply(c, to[first:], c, 1, a, of[first:], zeros, 1, b, zeros, taps * PANEL, count, 0, rows, n)


@machine_code
def fill(y, bias, begin, end, column, n):  # type: ignore[no-untyped-def]
    """n columns of some rows of y with 0 or the bias."""
    for row in range(begin, end):
        part = y[row, column : column + n]
        if bias.size:
            copy_row(bias[column : column + n], part)
        else:
            part[:] = 0


@machine_code
def weights_of_taps(x, g, dw, du, zeros, square, steps, rows, to, of, results, firsts, sizes, begin, end):  # type: ignore[no-untyped-def]
    """Shares `begin` to `end` of dw (o, c, taps): the products of x's rows and g's that each tap brings together.

    of, results: where runs of rows begin in x and g; those of a tap from firsts[0, tap] on, firsts[1, tap] for each
    image, of firsts[2, tap] rows each. sizes: taps, channels to take at a time, images, how many of them at a time, how
    far apart in x the rows of a run lie. du (channels, taps, PANEL) is scratch.
    """
    taps, chunk, images, few, step = sizes
    wide_x, wide_g = x.shape[1], g.shape[1]
    chunks = (wide_x + chunk - 1) // chunk
    flat = dw.reshape(dw.size)
    for share in range(begin, end):
        column, channel = share // chunks * PANEL, share % chunks * chunk
        n, count = min(PANEL, wide_g - column), min(chunk, wide_x - channel)
        a, b = x.ctypes.data + 4 * channel, g.ctypes.data + 4 * column
        for image in range(0, images, few):
            some = min(few, images - image)
            for tap in range(taps):
                first, last = firsts[0, tap] + image * firsts[1, tap], firsts[0, tap] + (image + some) * firsts[1, tap]
                c = du.ctypes.data + 4 * tap * PANEL
                start, keep = (c, 1) if image else (zeros.ctypes.data, 0)
                if first < last:
                    multiply(
                        *(c, to, start, keep, a, rows, of[first:last], step, b, results[first:last], wide_g),
                        *(firsts[2, tap], 0, count, n),
                    )
                elif not image:
                    du.reshape(du.size // PANEL, PANEL)[tap : count * taps : taps] = 0
        size = wide_x * taps
        steps[0, 1], steps[1, 1], steps[1, 2] = PANEL, size, PANEL
        target = flat[column * size + channel * taps :]
        transpose(du, target, steps[0], steps[1], count * taps, n, square, 0, (count * taps + LANES - 1) // LANES)
