"""Arrays as the compiled loops of convolutions want them: channels last, aligned, kernels as rows of channels."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy

from . import crew

PRODUCTS = 20  # products of a matrix multiplication that take as long as one element of a pointwise loop
LANES = 16
BAND = 256  # rows that are summed one after the other


@functools.cache
def loops() -> Any:
    """The compiled loops: `convolution`, `winograd`; None without numba."""
    try:
        return SimpleNamespace(
            convolution=importlib.import_module(".convolution_loops", __package__),
            winograd=importlib.import_module(".winograd_loops", __package__),
        )
    except ImportError:
        return None


def divided(work: Callable[[int, int], Any], total: int, products: int) -> None:
    """work(start, stop) for shares of 0..total, each unit of which takes so many products."""
    crew.divided(work, total, products // PRODUCTS, 1)


def aligned(size: int) -> Any:
    """A vector of float32, not filled, that begins where a line of the cache does."""
    raw = numpy.empty(size + LANES, numpy.float32)
    skip = -raw.ctypes.data % 64 // 4
    return raw[skip : skip + size]


def padded(channels: int) -> int:
    """The next multiple of LANES."""
    return -(-channels // LANES) * LANES


@functools.lru_cache(maxsize=64)
def multiples(count: int, step: int) -> Any:
    """0, step, 2 step, ..."""
    return numpy.arange(count, dtype=numpy.int64) * step


def transposed(of: Any, to: Any, rows: int, columns: int, of_row: int, to_row: int) -> None:
    """to[n, j, i] = of[n, i, j] for arrays (n, size) whose rows lie so far apart."""
    compiled = loops().convolution

    def work(begin: int, end: int) -> None:
        compiled.transpose(of, to, of_row, to_row, rows, columns, aligned(LANES * LANES), begin, end)

    divided(work, len(of) * -(-rows // LANES), LANES * columns * PRODUCTS)


def channels_last(x: Any) -> Any:
    """(n, c, *size) as (n, *size, c) without gaps."""
    last = x.transpose(0, *range(2, x.ndim), 1)
    if last.flags.c_contiguous:
        return last
    if not x.flags.c_contiguous or x.dtype != numpy.float32:
        return numpy.ascontiguousarray(last)
    n, c = x.shape[:2]
    to = numpy.empty(last.shape, x.dtype)
    size = x.size // (n * c)
    transposed(x.reshape(n, -1), to.reshape(n, -1), c, size, size, c)
    return to


def kernels_by_output(w: Any) -> Any:
    """w (o, c, *kernel) as rows (c, *kernel) of o, filled with 0 up to a multiple of LANES."""
    o, size = w.shape[0], w[0].size
    to = _rows(size, o)
    transposed(numpy.ascontiguousarray(w).reshape(1, -1), to.reshape(1, -1), o, size, size, padded(o))
    return to


def kernels_by_input(w: Any) -> Any:
    """w (o, c, *kernel) as rows (o, *kernel) of c, filled with 0 up to a multiple of LANES."""
    o, c = w.shape[:2]
    points = w[0, 0].size
    to = _rows(o * points, c)
    transposed(numpy.ascontiguousarray(w).reshape(o, -1), to.reshape(o, -1), c, points, points, padded(c))
    return to


def _rows(count: int, channels: int) -> Any:
    to = aligned(count * padded(channels))
    if channels % LANES:
        to[:] = 0
    return to


def kernels_from_rows(rows: Any, o: int, c: int, kernel: tuple[int, ...]) -> Any:
    """The reverse of `kernels_by_output`."""
    w = numpy.empty((o, c, *kernel), numpy.float32)
    size = w.size // o
    transposed(rows.reshape(1, -1), w.reshape(1, -1), size, o, padded(o), size)
    return w


def column_sums(x: Any) -> Any:
    """The sums of the columns of x (rows, n): of BAND rows at a time, and then of these sums."""
    compiled = loops().convolution
    while len(x) > 1:
        sums = numpy.empty((-(-len(x) // BAND), x.shape[1]), numpy.float32)
        divided(functools.partial(compiled.column_sums, x, sums, BAND), len(sums), BAND * x.shape[1] * PRODUCTS)
        x = sums
    return x[0]
