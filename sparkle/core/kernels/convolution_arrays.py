"""Arrays as the compiled loops of convolutions want them: channels last, aligned, kernels as rows of channels."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy

from . import compiling, crew

PRODUCTS = 20  # products of a matrix multiplication that take as long as one element of a pointwise loop
LANES = 16
KEPT = 1 << 18  # elements of scratch up to which it is kept
BAND = 256  # rows that are summed one after the other


@functools.cache
def loops() -> Any:
    """The compiled loops: `convolution`, `winograd`; None without numba."""
    found = compiling.loops("convolution_loops")
    return found and SimpleNamespace(convolution=found, winograd=compiling.loops("winograd_loops"))


def divided(work: Callable[[int, int], Any], total: int, products: int) -> None:
    """work(start, stop) for shares of 0..total, each unit of which takes so many products."""
    crew.divided(work, total, products // PRODUCTS, 1)


Job = tuple[Callable[[int, int], Any], int, int]  # the arguments of `divided`


def together(jobs: list[Job]) -> None:
    """Do several works as one, so that threads meet once."""
    ends = list(itertools.accumulate(total for _, total, _ in jobs))

    def work(begin: int, end: int) -> None:
        for (job, total, _), stop in zip(jobs, ends, strict=True):
            low, high = max(begin - stop + total, 0), min(end - stop + total, total)
            if low < high:
                job(low, high)

    if jobs:
        divided(work, ends[-1], max(products for _, _, products in jobs))


def aligned(size: int) -> Any:
    """A vector of float32, not filled, that begins where a line of the cache does."""
    raw = numpy.empty(size + LANES, numpy.float32)
    skip = -raw.ctypes.data % 64 // 4
    return raw[skip : skip + size]


class _Scratch(threading.local):
    """What a thread keeps from one convolution to the next."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}


_scratch = _Scratch()


def scratch(name: str, size: int) -> Any:
    """`aligned` memory that this thread uses again under that name: what it used last is still in the cache."""
    if size > KEPT:
        return aligned(size)
    kept = _scratch.kept
    if name not in kept or kept[name].size < size:
        kept[name] = aligned(size)
    return kept[name][:size]


def planes(name: str, count: int, rows: int, columns: int) -> Any:
    """(count, rows * columns and some more) floats of scratch.

    With the gap between them the elements at one place of all planes do not meet in the same few lines of the cache,
    as they do at distances that are powers of 2.
    """
    size = padded(rows * columns + 1)
    return scratch(name, count * size).reshape(count, size)


def apart(n: int) -> int:
    """How far apart to lay rows of n elements: at multiples of a KB they would meet in the same lines of the cache."""
    return padded(n) + (LANES if n % 256 == 0 else 0)


def padded(channels: int) -> int:
    """The next multiple of LANES."""
    return -(-channels // LANES) * LANES


@functools.lru_cache(maxsize=64)
def multiples(count: int, step: int) -> Any:
    """0, step, 2 step, ..."""
    return numpy.arange(count, dtype=numpy.int64) * step  # not to be written to


def transposed(of: Any, to: Any, of_steps: Any, to_steps: Any, count: int, rows: int, columns: int) -> None:
    """to[n, j, i] = of[n, i, j]; the steps are those of `transpose` in `convolution_loops`."""
    compiled = loops().convolution
    of_steps, to_steps, of, to = numpy.array(of_steps), numpy.array(to_steps), of.reshape(-1), to.reshape(-1)

    def work(begin: int, end: int) -> None:
        compiled.transpose(of, to, of_steps, to_steps, rows, columns, scratch("square", LANES**2), begin, end)

    divided(work, count * -(-rows // LANES), LANES * columns * PRODUCTS)


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
    transposed(x, to, [c * size, size], [c * size, c, loops().convolution.PANEL], n, c, size)
    return to


def kernels_by_output(w: Any) -> Any:
    """w (o, c, *kernel) in panels of outputs (panels, c, *kernel, PANEL), filled with 0."""
    o, size = w.shape[0], w[0].size
    to, panel = _panels(size, o)
    transposed(numpy.ascontiguousarray(w), to, [0, size], [0, panel, panel * size], 1, o, size)
    return to


def kernels_by_input(w: Any) -> Any:
    """w (o, c, *kernel) in panels of inputs (panels, o, *kernel, PANEL), filled with 0."""
    o, c = w.shape[:2]
    size = w[0, 0].size
    to, panel = _panels(o * size, c)
    steps = [size * panel, panel, panel * size * o]
    transposed(numpy.ascontiguousarray(w), to, [c * size, size], steps, o, c, size)
    return to


def _panels(rows: int, columns: int) -> tuple[Any, int]:
    """Room for panels of so many rows."""
    panel = loops().convolution.PANEL
    to = scratch("kernels", -(-columns // panel) * rows * panel)
    if columns % panel:
        to[-rows * panel :] = 0
    return to, panel


def kernels_from_rows(rows: Any, o: int, c: int, kernel: tuple[int, ...]) -> Any:
    """w (o, c, *kernel) from rows (c, *kernel) of outputs, as many as the next multiple of LANES."""
    w = numpy.empty((o, c, *kernel), numpy.float32)
    size = w.size // o
    transposed(rows, w, [0, padded(o)], [0, size, loops().convolution.PANEL], 1, size, o)
    return w


def column_sums(x: Any) -> Any:
    """The sums of the columns of x (rows, n): of BAND rows at a time, and then of these sums."""
    compiled = loops().convolution
    while len(x) > 1:
        sums = numpy.empty((-(-len(x) // BAND), x.shape[1]), numpy.float32)
        divided(functools.partial(compiled.column_sums, x, sums, BAND), len(sums), BAND * x.shape[1] * PRODUCTS)
        x = sums
    return x[0]


@functools.lru_cache(maxsize=64)
def zeros(size: int) -> Any:
    """So many zeros, not to be written to."""
    return numpy.zeros(size, numpy.float32)
