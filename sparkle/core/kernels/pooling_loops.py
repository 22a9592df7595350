"""The loops that numba compiles for `pooling`: windows over images (n, h, w, c), and over planes (m, h, w).

`form` is the windows' kernel, stride, padding and dilation, two numbers each. Each call does some of the rows of the
output, or some of the images.
"""

from __future__ import annotations

import math

import numpy

from .compiling import in_any_order
from .reduction_loops import inlined
from .vector_math import copy_row

INFINITY = math.inf


@inlined
def within(shift, step, size, count):  # type: ignore[no-untyped-def]
    """From which window to before which the element at window x step + shift lies inside."""
    first = 0 if shift >= 0 else (-shift + step - 1) // step
    last = (size - 1 - shift) // step + 1 if size > shift else 0
    return first, min(count, last)


@inlined
def take_larger(row, best):  # type: ignore[no-untyped-def]
    """nan counts as larger than anything."""
    for k in range(best.size):
        best[k] = best[k] if (row[k] <= best[k]) | (best[k] != best[k]) else row[k]


@inlined
def note_equal(row, best, number, place):  # type: ignore[no-untyped-def]
    for k in range(best.size):
        place[k] = number if (row[k] == best[k]) | (best[k] != best[k]) else place[k]


@inlined
def larger(a, b):  # type: ignore[no-untyped-def]
    return a if (b <= a) | (a != a) else b


@inlined
def largest_of_four(a, b, c, d, best, place):  # type: ignore[no-untyped-def]
    """The windows of two by two points at once: the rest takes three times as long."""
    for k in range(best.size):
        best[k] = larger(larger(a[k], b[k]), larger(c[k], d[k]))
    for k in range(best.size):
        y = best[k]
        place[k] = 0 if (a[k] == y) | (y != y) else 1 if b[k] == y else 2 if c[k] == y else 3


@in_any_order
def max_of_images(x, y, at, form, start, stop):  # type: ignore[no-untyped-def]
    """The largest element of each window, and the number of its point of the kernel; rows start..stop of (n, out)."""
    h, w = x.shape[1:3]
    kh, kw, sh, sw, ph, pw, dh, dw = form
    four = kh == 2 and kw == 2
    for item in range(start, stop):
        image, i = item // y.shape[1], item % y.shape[1]
        top = i * sh - ph
        for j in range(y.shape[2]):
            best, place, left = y[image, i, j], at[image, i, j], j * sw - pw
            if four and top >= 0 and left >= 0 and top + dh < h and left + dw < w:
                up, down = x[image, top], x[image, top + dh]
                largest_of_four(up[left], up[left + dw], down[left], down[left + dw], best, place)
                continue
            best[:] = -INFINITY
            place[:] = kh * kw
            for a in range(kh):
                for b in range(kw):
                    r, q = top + a * dh, left + b * dw
                    if 0 <= r < h and 0 <= q < w:
                        take_larger(x[image, r, q], best)
            for a in range(kh - 1, -1, -1):  # the first of equal ones is noted last
                for b in range(kw - 1, -1, -1):
                    r, q = top + a * dh, left + b * dw
                    if 0 <= r < h and 0 <= q < w:
                        note_equal(x[image, r, q], best, at.dtype.type(a * kw + b), place)


@in_any_order
def max_of_images_backward(g, at, dx, form, start, stop):  # type: ignore[no-untyped-def]
    """g where the largest element was; images start..stop."""
    h, w, c = dx.shape[1:]
    kh, kw, sh, sw, ph, pw, dh, dw = form
    for image in range(start, stop):
        dx[image] = 0
        for i in range(g.shape[1]):
            for j in range(g.shape[2]):
                given, place = g[image, i, j], at[image, i, j]
                for a in range(kh):
                    r = i * sh - ph + a * dh
                    if r < 0 or r >= h:
                        continue
                    for b in range(kw):
                        q = j * sw - pw + b * dw
                        if q < 0 or q >= w:
                            continue
                        to, number = dx[image, r, q], at.dtype.type(a * kw + b)
                        for k in range(c):
                            to[k] += given[k] if place[k] == number else dx.dtype.type(0)


@in_any_order
def sums_of_images(x, y, over, form, start, stop):  # type: ignore[no-untyped-def]
    """The sum of each window over its element of `over`; rows start..stop of (n, out)."""
    h, w, c = x.shape[1:]
    kh, kw, sh, sw, ph, pw, dh, dw = form
    for item in range(start, stop):
        image, i = item // y.shape[1], item % y.shape[1]
        for j in range(y.shape[2]):
            total, factor = y[image, i, j], x.dtype.type(1) / over[i, j]
            total[:] = 0
            for a in range(kh):
                r = i * sh - ph + a * dh
                if r < 0 or r >= h:
                    continue
                for b in range(kw):
                    q = j * sw - pw + b * dw
                    if q < 0 or q >= w:
                        continue
                    row = x[image, r, q]
                    for k in range(c):
                        total[k] += row[k]
            for k in range(c):
                total[k] *= factor


@in_any_order
def sums_of_images_backward(g, over, dx, form, start, stop):  # type: ignore[no-untyped-def]
    """Its share of g to each element of a window; images start..stop."""
    h, w, c = dx.shape[1:]
    kh, kw, sh, sw, ph, pw, dh, dw = form
    for image in range(start, stop):
        dx[image] = 0
        for i in range(g.shape[1]):
            for j in range(g.shape[2]):
                given, factor = g[image, i, j], g.dtype.type(1) / over[i, j]
                for a in range(kh):
                    r = i * sh - ph + a * dh
                    if r < 0 or r >= h:
                        continue
                    for b in range(kw):
                        q = j * sw - pw + b * dw
                        if q < 0 or q >= w:
                            continue
                        to = dx[image, r, q]
                        for k in range(c):
                            to[k] += given[k] * factor


@inlined
def points_of(plane, out, a, b, form, points):  # type: ignore[no-untyped-def]
    """One point of the kernel in all windows of a plane, side by side: -infinity where it lies outside."""
    h, w = plane.shape
    sh, sw, ph, pw, dh, dw = form[2:]
    first, last = within(b * dw - pw, sw, w, out[1])
    for i in range(out[0]):
        to, r = points[i * out[1] : (i + 1) * out[1]], i * sh - ph + a * dh
        if r < 0 or r >= h or first >= last:
            to[:] = -INFINITY
            continue
        to[:first] = -INFINITY
        to[last:] = -INFINITY
        row, to = plane[r, first * sw + b * dw - pw :], to[first:last]
        if sw == 1:
            for j in range(to.size):
                to[j] = row[j]
        else:
            for j in range(to.size):
                to[j] = row[j * sw]


@in_any_order
def max_of_planes(x, y, at, form, start, stop):  # type: ignore[no-untyped-def]
    """As `max_of_images`; planes start..stop. Rows are too short for vector instructions, so planes are laid flat."""
    kh, kw = form[:2]
    out = y.shape[1:]
    points = numpy.empty((kh * kw, out[0] * out[1]), x.dtype)
    for item in range(start, stop):
        best, place = y[item].reshape(-1), at[item].reshape(-1)
        for a in range(kh):
            for b in range(kw):
                points_of(x[item], out, a, b, form, points[a * kw + b])
        if kh == 2 and kw == 2:
            largest_of_four(points[0], points[1], points[2], points[3], best, place)
        else:
            copy_row(points[0], best)
            for number in range(1, kh * kw):
                take_larger(points[number], best)
            for number in range(kh * kw - 1, -1, -1):
                note_equal(points[number], best, at.dtype.type(number), place)
        note_inside(best, place, x.shape[1:], out, form)


@inlined
def note_inside(best, place, size, out, form):  # type: ignore[no-untyped-def]
    """Of windows of -infinity, which may be what lies outside, and of nan, the first point inside is the one."""
    strange = 0
    for k in range(best.size):
        strange += not best[k] > -INFINITY
    if strange == 0:
        return
    kh, kw, sh, sw, ph, pw, dh, dw = form
    for k in range(best.size):
        if not best[k] > -INFINITY:
            top, left = k // out[1] * sh - ph, k % out[1] * sw - pw
            place[k] = kh * kw
            for number in range(kh * kw - 1, -1, -1):
                r, q = top + number // kw * dh, left + number % kw * dw
                if 0 <= r < size[0] and 0 <= q < size[1]:
                    place[k] = number


@inlined
def add_where(to, step, given, place, number):  # type: ignore[no-untyped-def]
    """Add to every step-th element what is given for this point of the kernel."""
    if step == 1:
        for j in range(given.size):
            to[j] += given[j] if place[j] == number else to.dtype.type(0)
    else:
        for j in range(given.size):
            to[j * step] += given[j] if place[j] == number else to.dtype.type(0)


@in_any_order
def max_of_planes_backward(g, at, dx, form, start, stop):  # type: ignore[no-untyped-def]
    """As `max_of_images_backward`; planes start..stop."""
    h, w = dx.shape[1:]
    kh, kw, sh, sw, ph, pw, dh, dw = form
    zero = dx.dtype.type(0)
    pairs = kw == 2 and sw == 2 and pw == 0 and dw == 1 and sh >= kh and dh == 1
    for plane in range(start, stop):
        dx[plane] = 0
        for i in range(g.shape[1]):
            given, place = g[plane, i], at[plane, i]
            for a in range(kh):
                r = i * sh - ph + a * dh
                if r < 0 or r >= h:
                    continue
                if pairs:
                    left, to = at.dtype.type(a * 2), dx[plane, r]
                    whole = min(given.size, w // 2)
                    for j in range(whole):
                        to[2 * j] = given[j] if place[j] == left else zero
                        to[2 * j + 1] = given[j] if place[j] == left + 1 else zero
                    if whole < given.size:
                        to[2 * whole] = given[whole] if place[whole] == left else zero
                    continue
                for b in range(kw):
                    first, last = within(b * dw - pw, sw, w, given.size)
                    to, number = dx[plane, r, max(first * sw + b * dw - pw, 0) :], at.dtype.type(a * kw + b)
                    add_where(to, sw, given[first:last], place[first:last], number)


@in_any_order
def sums_of_planes(x, y, over, form, start, stop):  # type: ignore[no-untyped-def]
    """As `sums_of_images`; planes start..stop. Each window is added up downwards first."""
    h, w = x.shape[1:]
    kh, kw, sh, sw, ph, pw = form[:6]
    down = numpy.empty(w, x.dtype)
    for plane in range(start, stop):
        for i in range(y.shape[1]):
            down[:] = 0
            for r in range(max(i * sh - ph, 0), min(i * sh - ph + kh, h)):
                row = x[plane, r]
                for k in range(w):
                    down[k] += row[k]
            total = y[plane, i]
            if kw > 3:
                for j in range(total.size):
                    part, window = x.dtype.type(0), down[max(j * sw - pw, 0) : min(j * sw - pw + kw, w)]
                    for k in range(window.size):
                        part += window[k]
                    total[j] = part / over[i, j]
                continue
            total[:] = 0
            for b in range(kw):
                first, last = within(b - pw, sw, w, total.size)
                if first < last:
                    row, to = down[first * sw + b - pw :], total[first:last]
                    for j in range(to.size):
                        to[j] += row[sw * j]
            for j in range(total.size):
                total[j] /= over[i, j]


@in_any_order
def sums_of_planes_backward(g, over, dx, form, start, stop):  # type: ignore[no-untyped-def]
    """As `sums_of_images_backward`; planes start..stop."""
    h, w = dx.shape[1:]
    kh, kw, sh, sw, ph, pw, dh = form[:7]
    for plane in range(start, stop):
        dx[plane] = 0
        for i in range(g.shape[1]):
            for a in range(kh):
                r = i * sh - ph + a * dh
                if r < 0 or r >= h:
                    continue
                for j in range(g.shape[2]):
                    low, high = max(j * sw - pw, 0), min(j * sw - pw + kw, w)
                    share, to = g[plane, i, j] / over[i, j], dx[plane, r, low:high]
                    for k in range(to.size):
                        to[k] += share
