"""Padding of the last dims."""

from __future__ import annotations

import operator
from typing import Any

import numpy

from ...mode import mode as thread
from ...ops.nn.padding import Pad, TakeAlong
from ...tensor.base import apply
from ...tensor.functions.pointwise.unary import check_tensor


def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """Elements added around the last dims: pad = (left, right, top, bottom, front, back, ...), last dim first.

    mode: "constant" (value, 0 if left out; negative widths cut off), "reflect" (mirrored at the edge, which is not
    repeated), "replicate" (the edge repeated) or "circular". The last three take one to three dims of (n, c, ...) or
    (c, ...). RuntimeError or ValueError where widths do not fit.

    >>> import sparkle
    >>> pad(sparkle.tensor([1.0, 2.0]), (1, 2))
    tensor([0., 1., 2., 0., 0.])
    """
    check_tensor(input, "pad")
    try:
        widths = [operator.index(w) for w in pad]
    except TypeError:
        raise TypeError(f"pad: pad must be a tuple of ints, met {pad!r}") from None
    shape = tuple(input.array.shape)
    if len(widths) % 2:
        raise RuntimeError(f"pad: padding length must be divisible by 2, met {widths}")
    if len(widths) > 2 * len(shape):
        raise RuntimeError(f"pad: padding {widths} is for {len(widths) // 2} dims, more than the input's {len(shape)}")
    pairs = [(widths[i], widths[i + 1]) for i in range(0, len(widths), 2)][::-1]
    full = [(0, 0)] * (len(shape) - len(pairs)) + pairs
    grown = [n + low + high for n, (low, high) in zip(shape, full, strict=True)]
    if any(n < 0 for n in grown):
        raise RuntimeError(f"pad: the padding {widths} leaves a negative size {grown} of input {list(shape)}")
    if mode == "constant":
        return apply(Pad(full, 0 if value is None else value), input)
    if mode not in POSITIONS:
        raise NotImplementedError(
            f"pad: unrecognised padding mode {mode!r}: wanted constant, reflect, replicate or circular"
        )
    if value is not None and value != 0:
        raise ValueError(f'pad: padding mode "{mode}" doesn\'t take in value argument, met {value}')
    if not 1 <= len(pairs) <= 3 or len(shape) not in (len(pairs) + 1, len(pairs) + 2):
        raise NotImplementedError(
            f"pad: mode {mode!r} pads the last 1 to 3 dims of (n, c, ...) or (c, ...), met {len(pairs)} of {len(shape)}"
        )
    if thread.autocast is not None and (mode == "replicate" or (mode == "reflect" and len(pairs) < 3)):
        input = thread.autocast.wide(input)
    for axis, (low, high) in enumerate(full):
        if low or high:
            input = apply(TakeAlong(POSITIONS[mode](shape[axis], low, high).tolist(), axis), input)
    return input


def _span(n: int, low: int, high: int) -> numpy.ndarray:
    return numpy.arange(-low, n + high)


def _reflected(n: int, low: int, high: int) -> numpy.ndarray:
    if max(low, high) >= n:
        raise RuntimeError(f"pad: reflect padding ({low}, {high}) should be less than the input's size {n}")
    span = numpy.abs(_span(n, low, high))
    return numpy.where(span >= n, 2 * (n - 1) - span, span)


def _replicated(n: int, low: int, high: int) -> numpy.ndarray:
    if n == 0:
        raise RuntimeError("pad: replicate padding needs a non-empty dim")
    return numpy.clip(_span(n, low, high), 0, n - 1)


def _circular(n: int, low: int, high: int) -> numpy.ndarray:
    if max(low, high) > n:
        raise RuntimeError(f"pad: circular padding ({low}, {high}) would wrap around more than once: the size is {n}")
    return _span(n, low, high) % n


POSITIONS = {"reflect": _reflected, "replicate": _replicated, "circular": _circular}
