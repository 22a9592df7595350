"""Random numbers: one stream for each device, and their seeds.

On the CPU the numbers come from NumPy's PCG64, which is defined bit by bit, and from NumPy's samplers on top of it: the
same seed gives the same numbers on every machine (where a sample passes through exp, log or tan, up to the rounding of
the last place). NumPy reserves the right to change a sampler in a new version; none has changed from 2.0 to 2.4, and
golden numbers in the tests would notice. Own samplers over raw bits were several times slower.

A CUDA device has a stream of its own (cuRAND's Philox through CuPy); it gives other numbers.
"""

from __future__ import annotations

import math
import secrets
from typing import Any

import numpy

from . import backend

DEFAULT_SEED = 67280421310721
_LOW = (1 << 64) - 1


def checked_seed(seed: Any) -> int:
    """The seed as a number in 0..2**64-1; negative ones count from the end. ValueError for larger ones."""
    value = int(seed)
    if not -(1 << 63) <= value <= _LOW:
        raise ValueError(f"manual_seed: the seed must fit in 64 bits, met {value}")
    return value & _LOW


def fresh_seed() -> int:
    """A seed that nobody can foresee."""
    return secrets.randbits(64)


class Stream:
    """A stream of random numbers on one device: arrays of a shape and a NumPy type, each draw continuing the last."""

    def __init__(self, kind: str = "cpu", index: int | None = None, seed: int = DEFAULT_SEED) -> None:
        self.xp = backend.library_for(kind, index)
        self.kind, self.index = kind, index
        self.reseed(seed)

    def reseed(self, seed: int) -> None:
        """Start anew from a seed."""
        self.seed = seed
        with backend.on(self.kind, self.index):
            bits = self.xp.random.PCG64(seed) if self.kind == "cpu" else self.xp.random.Philox4x3210(seed)
            self._draw = self.xp.random.Generator(bits)

    def uniform(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Floating point numbers in [0, 1)."""
        if dtype.itemsize == 2:  # float16 has 11 bits, bfloat16 8: a rounded float32 could become 1
            steps = 2048 if dtype.kind == "f" else 256
            return (self._draw.integers(0, steps, shape, numpy.uint16) / numpy.float32(steps)).astype(dtype)
        return self._draw.random(shape, dtype)

    def chances(self, shape: tuple[int, ...], p: float) -> Any:
        """Bools that are False with probability p, to within 2^-33: dropout's, which needs many of them."""
        if self.kind != "cpu":
            return self.uniform(shape, numpy.dtype("float32")) >= p
        count = math.prod(shape)
        words = self._draw.integers(0, _LOW, (count + 1) // 2, numpy.uint64, endpoint=True)
        bits = words.astype("<u8", copy=False).view("<u4")[:count].reshape(shape)  # two halves of each: faster
        limit = round(p * (1 << 32))
        return bits >= numpy.uint32(limit) if limit < 1 << 32 else numpy.zeros(shape, bool)

    def normal(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Standard normal floating point numbers."""
        if dtype.itemsize == 2:
            return self._draw.standard_normal(shape, numpy.float32).astype(dtype)
        return self._draw.standard_normal(shape, dtype)

    def exponential(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Floating point numbers with density exp(-x)."""
        if dtype.itemsize == 2:
            return self._draw.standard_exponential(shape, numpy.float32).astype(dtype)
        return self._draw.standard_exponential(shape, dtype)

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> Any:
        """int64 numbers in [low, high)."""
        return self._draw.integers(low, high - 1, shape, numpy.int64, endpoint=True)

    def gamma(self, shape: Any) -> Any:
        """float64 numbers with density x ** (shape - 1) exp(-x) / gamma(shape), one for each element of shape."""
        return self.xp.asarray(self._draw.standard_gamma(shape))

    def poisson(self, rate: Any) -> Any:
        """int64 numbers of events, one for each element of rate."""
        return self.xp.asarray(self._draw.poisson(rate))

    def binomial(self, count: Any, p: Any) -> Any:
        """int64 numbers of successes in so many trials of probability p."""
        return self.xp.asarray(self._draw.binomial(count, p))

    def permutation(self, n: int) -> Any:
        """0..n-1 in a random order."""
        if self.kind == "cpu":
            return self._draw.permutation(n)
        return self.xp.argsort(self._draw.random(n, numpy.float64))  # CuPy's generators do not permute

    def state(self) -> numpy.ndarray:
        """All that the next numbers depend on, as bytes."""
        if self.kind != "cpu":
            threads = backend.to_numpy(self._draw.bit_generator._state).view(numpy.uint8)
            return numpy.concatenate([numpy.array([self.seed], numpy.uint64).view(numpy.uint8), threads])
        held = self._draw.bit_generator.state
        state, increment = held["state"]["state"], held["state"]["inc"]
        words = [self.seed, state >> 64, state & _LOW, increment >> 64, increment & _LOW]
        return numpy.array([*words, held["has_uint32"], held["uinteger"]], numpy.uint64).view(numpy.uint8)

    def restore(self, state: numpy.ndarray) -> None:
        """Continue from what `state` gave; RuntimeError where the bytes are none of it."""
        wanted = len(self.state())
        if state.dtype != numpy.uint8 or state.shape != (wanted,):
            raise RuntimeError(
                f"set_state: wanted the {wanted} bytes that get_state gave on {self.kind}, met {state.dtype} of shape "
                f"{state.shape}"
            )
        if self.kind != "cpu":
            self.seed = int(state[:8].copy().view(numpy.uint64)[0])
            threads = self._draw.bit_generator._state
            threads[...] = self.xp.asarray(state[8:].view(numpy.int8))
            return
        words = [int(word) for word in numpy.ascontiguousarray(state).view(numpy.uint64)]
        self.seed = words[0]
        self._draw.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": words[1] << 64 | words[2], "inc": words[3] << 64 | words[4]},
            "has_uint32": words[5],
            "uinteger": words[6],
        }


_streams: dict[tuple[str, int | None], Stream] = {("cpu", None): Stream(seed=fresh_seed())}
_cuda_seed = fresh_seed()


def stream_on(kind: str = "cpu", index: int | None = None) -> Stream:
    """The stream of a device, made when first asked for."""
    if kind == "cuda":
        index = index or 0
    stream = _streams.get((kind, index))
    if stream is None:
        stream = _streams[kind, index] = Stream(kind, index, _cuda_seed)
    return stream


def stream_of(array: Any) -> Stream:
    """The stream of the device that holds the array."""
    return stream_on(*backend.device_of(array))


def seed_all(seed: int) -> None:
    """Start the streams of all devices anew, those that are made later too."""
    global _cuda_seed
    _cuda_seed = seed
    for stream in _streams.values():
        stream.reseed(seed)


Place = tuple[str, int | None]
Snapshot = tuple[int | None, dict[Place, numpy.ndarray]]


def snapshot(places: list[Place] | None = None) -> Snapshot:
    """The states of the streams at these places. None: of all there are, and the seed of those not made yet."""
    if places is None:
        return _cuda_seed, {place: stream.state() for place, stream in _streams.items()}
    return None, {place: stream_on(*place).state() for place in places}


def reinstate(states: Snapshot) -> None:
    """Go on from a snapshot. If it was of all, a stream made since starts as it would have started then."""
    global _cuda_seed
    seed, known = states
    for place, state in known.items():
        _streams[place].restore(state)
    if seed is not None:
        _cuda_seed = seed
        for place in _streams.keys() - known.keys():
            _streams[place].reseed(seed)
