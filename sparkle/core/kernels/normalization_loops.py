"""The loops that numba compiles for `normalization`.

Sums are of distances from a value of their own block, in the arrays' type over at most BLOCK or ROWS elements, and from
block to block in float64: one pass gives mean and variance, however far the values are from 0. Each call does a part of
the rows; which elements make a partial sum depends on shapes only, so results do not depend on the threads.
"""

from __future__ import annotations

import numpy

from .compiling import in_any_order
from .reduction_loops import inlined

BLOCK = 4096  # elements of a row
ROWS = 64  # rows of a column


@inlined
def moments(row):  # type: ignore[no-untyped-def]
    """The mean of a vector and its sum of squared distances from it, in float64."""
    count, mean, spread = 0, 0.0, 0.0
    for start in range(0, row.size, BLOCK):
        block = row[start : start + BLOCK]
        first, part = block[0], row.dtype.type(0)
        for i in range(block.size):
            part += block[i] - first
        level = part / block.size
        shift, squares = row.dtype.type(level), row.dtype.type(0)
        for i in range(block.size):
            d = (block[i] - first) - shift
            squares += d * d
        ahead = first + level - mean
        total = count + block.size
        mean += ahead * block.size / total
        spread += squares + ahead * ahead * count * block.size / total
        count = total
    return mean, spread


@in_any_order
def moments_of_rows(x, mean, spread, start, stop):  # type: ignore[no-untyped-def]
    for r in range(start, stop):
        mean[r], spread[r] = moments(x[r])


@in_any_order
def moments_of_columns(x, length, mean, spread, start, stop):  # type: ignore[no-untyped-def]
    """Of each column of x (samples, rows, n), by chunks of `length` rows: mean and spread are (samples, chunks, n)."""
    rows, n = x.shape[1:]
    part, squares = numpy.empty(n, x.dtype), numpy.empty(n, x.dtype)
    for item in range(start, stop):
        s, chunk = item // mean.shape[1], item % mean.shape[1]
        m, v = mean[s, chunk], spread[s, chunk]
        m[:] = 0
        v[:] = 0
        begin, end = chunk * length, min(chunk * length + length, rows)
        for block in range(begin, end, ROWS):
            count = min(ROWS, end - block)
            sums_of_block(x[s, block : block + count], part, squares)
            join(x[s, block], part, squares, count, block - begin, m, v)


@inlined
def sums_of_block(x, part, squares):  # type: ignore[no-untyped-def]
    """The sums of the distances from the first row, and of their squares."""
    first, second = x[0], x[min(1, len(x) - 1)]
    for i in range(part.size):
        d = second[i] - first[i]
        part[i] = d
        squares[i] = d * d
    for r in range(2, len(x) - 1, 2):
        a, b = x[r], x[r + 1]
        for i in range(part.size):
            c, d = a[i] - first[i], b[i] - first[i]
            part[i] += c + d
            squares[i] += c * c + d * d
    if len(x) % 2 and len(x) > 1:
        a = x[len(x) - 1]
        for i in range(part.size):
            d = a[i] - first[i]
            part[i] += d
            squares[i] += d * d


@inlined
def join(first, part, squares, count, before, mean, spread):  # type: ignore[no-untyped-def]
    """Add a block's sums to the moments of `before` rows [Chan, Golub and LeVeque 1983]."""
    total = before + count
    share, weight = 1.0 / count, count / total
    for i in range(mean.size):
        level = part[i] * share
        ahead = first[i] + level - mean[i]
        mean[i] += ahead * weight
        spread[i] += max(squares[i] - level * part[i], 0.0) + ahead * ahead * before * weight


@in_any_order
def join_moments(mean, spread, length, rows, groups, eps, w, shared, var, scale, middle, factor):  # type: ignore[no-untyped-def]
    """From the moments of parts, (samples, parts of `length` rows, folds of channels), those of groups of channels.

    groups: 0 to join all samples. shared, var and scale are (samples or 1, groups); middle and factor, the mean and
    the scale times w, are (samples or 1, folds of channels).
    """
    channels = w.size
    m, v, before = numpy.zeros(channels), numpy.zeros(channels), 0
    for s in range(len(mean)):
        if groups:
            m[:] = 0
            v[:] = 0
            before = 0
        for chunk in range(mean.shape[1]):
            count = min(length, rows - chunk * length)
            for start in range(0, mean.shape[2], channels):
                weight = count / (before + count)
                part, other = mean[s, chunk, start : start + channels], spread[s, chunk, start : start + channels]
                for i in range(channels):
                    ahead = part[i] - m[i]
                    m[i] += ahead * weight
                    v[i] += other[i] + ahead * ahead * before * weight
                before += count
        if groups or s == len(mean) - 1:
            to = s if groups else 0
            join_channels(m, v, before, eps, shared[to], var[to], scale[to])
            spread_out(shared[to], scale[to], w, middle[to], factor[to])


@inlined
def join_channels(m, v, count, eps, shared, var, scale):  # type: ignore[no-untyped-def]
    size = m.size // shared.size
    for g in range(shared.size):
        level, total = 0.0, 0.0
        for i in range(g * size, g * size + size):
            level += m[i]
        level /= size
        for i in range(g * size, g * size + size):
            total += v[i] + count * (m[i] - level) * (m[i] - level)
        total /= count * size
        shared[g], var[g], scale[g] = level, total, 1 / numpy.sqrt(total + eps)


@inlined
def spread_out(shared, scale, w, middle, factor):  # type: ignore[no-untyped-def]
    """What groups share, for each of their channels, for each fold."""
    size = w.size // shared.size
    for start in range(0, middle.size, w.size):
        for i in range(w.size):
            middle[start + i], factor[start + i] = shared[i // size], scale[i // size] * w[i]


@in_any_order
def join_sums(level, along, groups, count, w, scale, dw, db, a, b, c):  # type: ignore[no-untyped-def]
    """From sums of parts, as in `join_moments`, the gradients in w and b, and the numbers for `combine`.

    count: elements that share their moments. a, b and c: (samples or 1, folds of channels).
    """
    channels = w.size
    one, two = numpy.zeros(channels), numpy.zeros(channels)
    left, right = numpy.zeros(channels), numpy.zeros(channels)  # the gradients, in float64
    for s in range(len(level)):
        if groups:
            one[:] = 0
            two[:] = 0
        for part in range(level.shape[1]):
            for start in range(0, level.shape[2], channels):
                row, other = level[s, part, start : start + channels], along[s, part, start : start + channels]
                for i in range(channels):
                    one[i] += row[i]
                for i in range(channels):
                    two[i] += other[i]
        if groups or s == len(level) - 1:
            to = s if groups else 0
            size = channels // scale.shape[1]
            for i in range(channels):
                left[i] += two[i] * scale[to, i // size]
                right[i] += one[i]
            numbers_of_groups(one, two, w, scale[to], count, a[to], b[to], c[to])
    for i in range(channels):
        dw[i], db[i] = left[i], right[i]


@inlined
def numbers_of_groups(one, two, w, scale, count, a, b, c):  # type: ignore[no-untyped-def]
    size = w.size // scale.size
    for g in range(scale.size):
        level, along, factor = 0.0, 0.0, numpy.float64(scale[g])
        for i in range(g * size, g * size + size):
            level += one[i] * w[i]
            along += two[i] * w[i]
        for i in range(g * size, g * size + size):
            for to in range(i, a.size, w.size):
                a[to], b[to] = factor * w[i], -along / count * factor * factor * factor
                c[to] = -level / count * factor


@in_any_order
def scale_rows(x, mean, factor, shift, y, start, stop):  # type: ignore[no-untyped-def]
    """y = (x - mean) factor + shift, with a number of each for every row; they repeat."""
    for r in range(start, stop):
        m, f, b = mean[r % mean.size], factor[r % factor.size], shift[r % shift.size]
        row, to = x[r], y[r]
        for i in range(row.size):
            to[i] = (row[i] - m) * f + b


@in_any_order
def scale_columns(x, mean, factor, shift, y, start, stop):  # type: ignore[no-untyped-def]
    """The same for columns: x (samples, rows, n), mean and factor (samples, n), shift (n)."""
    for item in range(start, stop):
        s, r = item // x.shape[1], item % x.shape[1]
        row, m, f, to = x[s, r], mean[s], factor[s], y[s, r]
        for i in range(row.size):
            to[i] = (row[i] - m[i]) * f[i] + shift[i]


@in_any_order
def sums_of_rows(x, g, mean, level, along, start, stop):  # type: ignore[no-untyped-def]
    """The sums of g and of g (x - mean) of each row."""
    for r in range(start, stop):
        m, all_level, all_along = mean[r % mean.size], 0.0, 0.0
        for begin in range(0, x.shape[1], BLOCK):
            a, b = x[r, begin : begin + BLOCK], g[r, begin : begin + BLOCK]
            one, other = x.dtype.type(0), x.dtype.type(0)
            for i in range(a.size):
                one += b[i]
                other += b[i] * (a[i] - m)
            all_level += one
            all_along += other
        level[r], along[r] = all_level, all_along


@in_any_order
def sums_of_columns(x, g, mean, length, level, along, start, stop):  # type: ignore[no-untyped-def]
    """The same for columns, by chunks: level and along are (samples, chunks, n)."""
    rows, n = x.shape[1:]
    one, other = numpy.empty(n, x.dtype), numpy.empty(n, x.dtype)
    for item in range(start, stop):
        s, chunk = item // level.shape[1], item % level.shape[1]
        level[s, chunk] = 0
        along[s, chunk] = 0
        end = min(chunk * length + length, rows)
        for block in range(chunk * length, end, ROWS):
            one[:] = 0
            other[:] = 0
            count = min(ROWS, end - block)
            for r in range(block, block + count - 1, 2):
                add_two(g[s, r], g[s, r + 1], one)
                add_products(x[s, r], g[s, r], x[s, r + 1], g[s, r + 1], mean[s], other)
            if count % 2:
                row, given = x[s, block + count - 1], g[s, block + count - 1]
                for i in range(n):
                    one[i] += given[i]
                for i in range(n):
                    other[i] += given[i] * (row[i] - mean[s, i])
            for i in range(n):
                level[s, chunk, i] += one[i]
            for i in range(n):
                along[s, chunk, i] += other[i]


@inlined
def add_two(a, b, to):  # type: ignore[no-untyped-def]
    for i in range(to.size):
        to[i] += a[i] + b[i]


@inlined
def add_products(x, g, other_x, other_g, mean, to):  # type: ignore[no-untyped-def]
    for i in range(to.size):
        to[i] += g[i] * (x[i] - mean[i]) + other_g[i] * (other_x[i] - mean[i])


@in_any_order
def combine_rows(x, g, mean, a, b, c, dx, start, stop):  # type: ignore[no-untyped-def]
    """dx = a g + b (x - mean) + c, with a number of each for every row; they repeat."""
    for r in range(start, stop):
        m, p, q, t = mean[r % mean.size], a[r % a.size], b[r % b.size], c[r % c.size]
        one, other, to = x[r], g[r], dx[r]
        for i in range(one.size):
            to[i] = p * other[i] + q * (one[i] - m) + t


@in_any_order
def combine_columns(x, g, mean, a, b, c, dx, start, stop):  # type: ignore[no-untyped-def]
    """The same for columns: all but x, g and dx are (samples, n)."""
    for item in range(start, stop):
        s, r = item // x.shape[1], item % x.shape[1]
        one, other, to, m, p, q, t = x[s, r], g[s, r], dx[s, r], mean[s], a[s], b[s], c[s]
        for i in range(one.size):
            to[i] = p[i] * other[i] + q[i] * (one[i] - m[i]) + t[i]


@in_any_order
def normalize_rows(x, w, b, eps, centred, y, mean, scale, start, stop):  # type: ignore[no-untyped-def]
    """y = (x - mean) scale w + b for each row of x, w and b along it; the mean is 0 unless centred."""
    n = x.shape[1]
    for r in range(start, stop):
        row, to = x[r], y[r]
        if centred:
            middle, spread = moments(row)
        else:
            middle, spread = 0.0, squares_of(row)
        m, s = x.dtype.type(middle), x.dtype.type(1 / numpy.sqrt(spread / n + eps))
        for i in range(n):
            to[i] = (row[i] - m) * s * w[i] + b[i]
        mean[r], scale[r] = m, s


@inlined
def squares_of(row):  # type: ignore[no-untyped-def]
    result = 0.0
    for start in range(0, row.size, BLOCK):
        block, part = row[start : start + BLOCK], row.dtype.type(0)
        for i in range(block.size):
            part += block[i] * block[i]
        result += part
    return result


@in_any_order
def normalize_rows_backward(x, w, mean, scale, centred, g, dx, dw, db, length, start, stop):  # type: ignore[no-untyped-def]
    """The gradients of `normalize_rows`; those in w and b for chunks of `length` rows, (chunks, n).

    No dx is computed where it has no rows, no dw and db where they have no columns.
    """
    for chunk in range(start, stop):
        dw[chunk] = 0
        db[chunk] = 0
        for r in range(chunk * length, min(chunk * length + length, len(x))):
            if len(dx):
                gradient_of_row(x[r], w, mean[r], scale[r], centred, g[r], dx[r])
            if dw.size:
                add_weights_of_row(x[r], mean[r], scale[r], g[r], dw[chunk], db[chunk])


@inlined
def gradient_of_row(x, w, m, s, centred, g, dx):  # type: ignore[no-untyped-def]
    level, along = x.dtype.type(0), x.dtype.type(0)
    for i in range(x.size):
        level += g[i] * w[i]
        along += g[i] * w[i] * (x[i] - m)
    level = x.dtype.type(level / x.size) if centred else x.dtype.type(0)
    along = x.dtype.type(along * s * s / x.size)
    for i in range(x.size):
        dx[i] = (g[i] * w[i] - level - (x[i] - m) * along) * s


@inlined
def add_weights_of_row(x, m, s, g, dw, db):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        dw[i] += g[i] * ((x[i] - m) * s)
        db[i] += g[i]
