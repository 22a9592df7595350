"""Methods that fill a tensor with random numbers, in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from ... import backend, dtypes, random
from ...dtypes import FLOATS
from ...mode import mode
from ..base import TensorBase, dtype_of, wrap
from ..functions import sampling
from ..generator import stream_for
from ..write import check_writable, write

DOUBLE = numpy.dtype("float64")


class SamplingMethods:
    """Methods that fill a tensor with random numbers: each returns the tensor and takes `generator=`."""

    bernoulli = sampling.bernoulli
    multinomial = sampling.multinomial

    def uniform_(self, from_: float = 0.0, to: float = 1.0, *, generator: Any = None) -> Any:
        """Numbers spread evenly over [from, to); RuntimeError where from > to."""
        if not from_ <= to:
            raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={from_} > to={to}")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            values = sampling.scaled(stream.uniform(shape, kind), to - from_, from_)
            if (from_, to) == (0.0, 1.0):
                return values
            below = numpy.nextafter(kind.type(to), kind.type(from_))  # rounding may have led up to `to` itself
            return stream.xp.minimum(values, below, out=values)

        return _fill(self, draw, "uniform_", generator, _floating)

    def normal_(self, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Any:
        """Normal numbers; RuntimeError where std is negative."""
        if not std >= 0:
            raise RuntimeError(f"normal_ expects std >= 0.0, but found std {std}")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            return sampling.scaled(stream.normal(shape, kind), std, mean)

        return _fill(self, draw, "normal_", generator, _floating)

    def log_normal_(self, mean: float = 1.0, std: float = 2.0, *, generator: Any = None) -> Any:
        """exp of normal numbers with that mean and std; RuntimeError unless std > 0."""
        _check_positive(std, "log_normal_", "std")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            return stream.xp.exp(sampling.scaled(stream.normal(shape, DOUBLE), std, mean))

        return _fill(self, draw, "log_normal_", generator, _floating)

    def exponential_(self, lambd: float = 1.0, *, generator: Any = None) -> Any:
        """Numbers with density lambd * exp(-lambd * x); RuntimeError unless lambd > 0."""
        _check_positive(lambd, "exponential_", "lambda")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            return stream.exponential(shape, kind) / float(lambd)

        return _fill(self, draw, "exponential_", generator, _continuous)

    def cauchy_(self, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None) -> Any:
        """Numbers of a Cauchy distribution; RuntimeError unless sigma > 0."""
        _check_positive(sigma, "cauchy_", "sigma")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            return stream.xp.tan(math.pi * (stream.uniform(shape, DOUBLE) - 0.5)) * sigma + median

        return _fill(self, draw, "cauchy_", generator, _continuous)

    def geometric_(self, p: float, *, generator: Any = None) -> Any:
        """How many trials of probability p it takes to the first success: 1, 2, ...; RuntimeError unless 0 < p < 1."""
        if not 0 < p < 1:
            raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p}")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            waits = stream.exponential(shape, DOUBLE) / -math.log1p(-p)
            return stream.xp.maximum(stream.xp.ceil(waits), 1.0)

        return _fill(self, draw, "geometric_", generator)

    def bernoulli_(self, p: Any = 0.5, *, generator: Any = None) -> Any:
        """1 with probability p, a number or a tensor of this shape, else 0."""
        chance = p.array if isinstance(p, TensorBase) else p

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            return sampling.coin(stream, shape, chance, "bernoulli_")

        return _fill(self, draw, "bernoulli_", generator)

    def random_(self, *bounds: int, to: int | None = None, generator: Any = None) -> Any:
        """Integers: `random_(to)` in [0, to), `random_(from, to)` in [from, to), `random_()` all that the type holds.

        For floating point types the last means all from 0 to the largest below which every integer can be held.
        """
        d = dtype_of(self)  # type: ignore[arg-type]
        if len(bounds) + (to is not None) > 2:
            raise TypeError(f"random_(): wanted (to) or (from, to), met {bounds}")
        given = (*bounds, *(() if to is None else (to,)))
        low, high = given if len(given) == 2 else (0, given[0] if given else _most(d) + 1)
        sampling.check_range(low, high, d, "random_")

        def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
            return stream.integers(low, high, shape)

        return _fill(self, draw, "random_", generator)


def _fill(
    target: Any, draw: Callable[..., Any], name: str, generator: Any, check: Callable[[Any, str], None] | None = None
) -> Any:
    """Write draw(stream, shape, NumPy type) into the target."""
    check_writable(target, name)
    array = target.array
    if check is not None:
        check(array.dtype, name)
    stream = stream_for(generator, *backend.device_of(array), name)

    def values() -> Any:
        return stream.xp.asarray(draw(stream, array.shape, array.dtype)).astype(array.dtype, copy=False)

    return write(target, wrap(mode.quiet(values)), name)


def _floating(kind: Any, where: str) -> None:
    if kind.kind not in FLOATS:
        raise NotImplementedError(f"{where}: not implemented for {kind}; wanted a floating point type")


def _continuous(kind: Any, where: str) -> None:
    if kind.kind not in FLOATS:
        raise RuntimeError(f"{where}: a continuous distribution needs a floating point type, met {kind}")


def _check_positive(value: float, where: str, name: str) -> None:
    if not value > 0:
        raise RuntimeError(f"{where} expects {name} > 0.0, but found {name}={value}")


def _most(d: dtypes.dtype) -> int:
    """The largest integer up to which the type holds all of them."""
    return round(2 / dtypes.finfo(d).eps) if d.is_floating_point else sampling.limits(d)[1]
