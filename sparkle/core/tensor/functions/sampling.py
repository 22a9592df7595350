"""Random tensors. `generator=` names the stream to draw from; the device's own is the default."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

import numpy

from ... import backend, devices, dtypes, random
from ...dtypes import FLOATS
from ...ops.random.sampling import Bernoulli, Binomial, Normal, Poisson
from ..base import TensorBase, apply, wrap
from ..generator import stream_for
from ..making.filled import array_of, fitting, numpy_type
from ..making.strided import check_layout, empty_like
from ..out import into, typed_into
from ..size import length_of, sizes_of


class Where(TypedDict, total=False):
    """What every function that makes a random tensor takes besides shape and type."""

    device: Any
    requires_grad: bool
    pin_memory: bool
    layout: Any
    generator: Any


class Like(Where, total=False):
    """What every function that makes a random tensor like another takes; what is left out is the other's."""

    dtype: Any
    memory_format: Any


def drawn(
    draw: Callable[[random.Stream], Any],
    where: str,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    layout: Any = None,
    generator: Any = None,
) -> Any:
    """The tensor of the array that draw(stream) returns, on the device (left out: the generator's, or the CPU)."""
    check_layout(layout, where)
    if device is None and generator is not None:
        device = getattr(generator, "device", None)
    place = devices.as_device(device)
    stream = stream_for(generator, place.type, place.index, where)
    if place is devices.CPU:  # small draws are common, and entering a device is not free
        out = wrap(draw(stream))
    else:
        with backend.on(place.type, place.index):
            out = wrap(draw(stream))
    if pin_memory:
        out.array = backend.pinned(out.array)
    if requires_grad:
        out.requires_grad = True
    return out


def rand(*args: Any, size: Any = None, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """Numbers spread evenly over [0, 1), of a shape given as integers or one sequence.

    >>> rand(2, 3).shape
    sparkle.Size([2, 3])
    """
    if out is not None:
        return typed_into(out, rand, *args, size=size, dtype=dtype, **where)
    shape, kind = sizes_of(args, size, "rand"), _floating(numpy_type(dtype), "rand")
    return drawn(lambda stream: stream.uniform(shape, kind), "rand", **where)


def randn(*args: Any, size: Any = None, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """Standard normal numbers, of a shape given as integers or one sequence."""
    if out is not None:
        return typed_into(out, randn, *args, size=size, dtype=dtype, **where)
    shape, kind = sizes_of(args, size, "randn"), _floating(numpy_type(dtype), "randn")
    return drawn(lambda stream: stream.normal(shape, kind), "randn", **where)


def randint(
    *args: Any,
    low: Any = 0,
    high: Any = None,
    size: Any = None,
    dtype: Any = None,
    out: Any = None,
    **where: Unpack[Where],
) -> Any:
    """Integers spread evenly over [low, high): `randint(high, size)` or `randint(low, high, size)`, int64 by default.

    Raises RuntimeError for an empty range, or one that the type cannot hold.

    >>> randint(3, 5, (2,)).dtype
    sparkle.int64
    """
    if out is not None:
        return typed_into(out, randint, *args, low=low, high=high, size=size, dtype=dtype, **where)
    low, high, size = _range_and_size(args, low, high, size)
    shape, d = sizes_of((size,), None, "randint"), dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    check_range(low, high, d, "randint")
    return drawn(lambda stream: stream.integers(low, high, shape).astype(d.numpy, copy=False), "randint", **where)


def _range_and_size(args: tuple[Any, ...], low: Any, high: Any, size: Any) -> tuple[int, int, Any]:
    rest = list(args)
    if size is None and rest:
        size = rest.pop()
    if len(rest) == 2:
        low, high = rest
    elif len(rest) == 1:
        low, high = (low, rest[0]) if high is None else (rest[0], high)
    if len(rest) > 2 or high is None or not isinstance(size, (tuple, list)):
        raise TypeError(f"randint(): wanted (high, size) or (low, high, size), size being a tuple of ints; met {args}")
    return _integer(low, "randint"), _integer(high, "randint"), size


def randperm(n: Any, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """The numbers 0..n-1 in a random order, int64 by default."""
    if out is not None:
        return typed_into(out, randperm, n, dtype=dtype, **where)
    n, d = length_of(n, "randperm"), dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    if d is dtypes.bool:
        raise NotImplementedError("randperm: not implemented for bool")
    fitting(max(n - 1, 0), d)
    return drawn(lambda stream: stream.permutation(n).astype(d.numpy, copy=False), "randperm", **where)


def rand_like(input: Any, **like: Unpack[Like]) -> Any:
    """Numbers spread evenly over [0, 1), with the shape, type and device of input, unless given."""
    _floating(_kind_of(input, like, "rand_like"), "rand_like")
    return _like(input, "rand_like", like, random.Stream.uniform)


def randn_like(input: Any, **like: Unpack[Like]) -> Any:
    """Standard normal numbers, with the shape, type and device of input, unless given."""
    _floating(_kind_of(input, like, "randn_like"), "randn_like")
    return _like(input, "randn_like", like, random.Stream.normal)


def randint_like(input: Any, *args: Any, low: Any = 0, high: Any = None, **like: Unpack[Like]) -> Any:
    """Integers spread evenly over [low, high), with the shape, type and device of input: `randint_like(x, high)` or
    `randint_like(x, low, high)`."""
    low, high, _ = _range_and_size((*args, ()), low, high, None)
    check_range(low, high, dtypes.of(_kind_of(input, like, "randint_like")), "randint_like")

    def draw(stream: random.Stream, shape: tuple[int, ...], kind: Any) -> Any:
        return stream.integers(low, high, shape).astype(kind)

    return _like(input, "randint_like", like, draw)


def _kind_of(input: Any, like: Like, name: str) -> Any:
    """The NumPy type that was asked for, else the input's."""
    dtype, own = like.get("dtype"), array_of(input, name).dtype
    return own if dtype is None else dtypes.as_dtype(dtype).numpy


def _like(input: Any, name: str, like: Like, draw: Callable[..., Any]) -> Any:
    a, kind = array_of(input, name), _kind_of(input, like, name)
    where: dict[str, Any] = {"device": devices.of(a), **like}
    where.pop("dtype", None)
    order = where.pop("memory_format", None)

    def laid_out(stream: random.Stream) -> Any:
        array = empty_like(a, kind, order)
        array[...] = draw(stream, a.shape, kind)
        return array

    plain = a.flags.c_contiguous and order is None
    return drawn((lambda stream: draw(stream, a.shape, kind)) if plain else laid_out, name, **where)


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]
) -> Any:
    """Normal numbers: one for each element of mean and std (tensors, or one of them a number), or of a given size.

    Raises RuntimeError where a std is negative.

    >>> normal(wrap(numpy.array([0.0, 10.0])), 0.0).tolist()
    [0.0, 10.0]
    """
    if out is not None:
        return into(out, normal, mean, std, size, dtype=dtype, **where)
    if isinstance(mean, TensorBase) or isinstance(std, TensorBase):
        return _normal_around(mean, std, where.get("generator"))
    if size is None:
        raise TypeError("normal(): numbers for mean and std need a size; or give a tensor")
    _check_spread(std)
    shape, kind = sizes_of((size,), None, "normal"), _floating(numpy_type(dtype), "normal")
    return drawn(lambda stream: scaled(stream.normal(shape, kind), std, mean), "normal", **where)


def _normal_around(mean: Any, std: Any, generator: Any) -> Any:
    own = mean if isinstance(mean, TensorBase) else std
    kind = _floating(own.array.dtype, "normal")
    if isinstance(std, TensorBase):
        if std.array.size and not (std.array >= 0).all():
            raise RuntimeError("normal expects all elements of std >= 0.0")
    else:
        _check_spread(std)
    stream = _stream_at(own, generator, "normal")

    def draw(mean: Any, std: Any) -> Any:
        shape = numpy.broadcast_shapes(getattr(mean, "shape", ()), getattr(std, "shape", ()))
        return (stream.normal(shape, kind) * std + mean).astype(kind, copy=False)

    return apply(Normal(draw), mean, std)


def bernoulli(input: Any, p: Any = None, *, generator: Any = None, out: Any = None) -> Any:
    """1 with the probability that each element says, else 0, in input's type; with p, that probability everywhere.

    Raises RuntimeError for probabilities outside 0..1.

    >>> bernoulli(wrap(numpy.array([0.0, 1.0]))).tolist()
    [0.0, 1.0]
    """
    if out is not None:
        return into(out, bernoulli, input, p, generator=generator)
    a = array_of(input, "bernoulli")
    stream = _stream_at(input, generator, "bernoulli")
    if p is not None:
        return wrap(coin(stream, a.shape, p, "bernoulli").astype(a.dtype))
    _floating(a.dtype, "bernoulli")
    return apply(Bernoulli(lambda p: coin(stream, p.shape, p, "bernoulli").astype(p.dtype)), input)


def coin(stream: random.Stream, shape: tuple[int, ...], p: Any, where: str) -> Any:
    """True with probability p, a number or an array that broadcasts to the shape."""
    if not (0 <= p <= 1 if isinstance(p, (int, float)) else bool(((p >= 0) & (p <= 1)).all())):
        raise RuntimeError(f"{where} expects p to be in [0, 1], but got p={p}")
    return stream.uniform(shape, numpy.dtype("float64" if getattr(p, "dtype", None) == "float64" else "float32")) < p


def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None, out: Any = None
) -> Any:
    """Numbers of categories, drawn by the weights in each row of input (1 or 2 dims); int64, num_samples a row.

    Weights need not sum to one. Raises RuntimeError for negative or non-finite weights, for rows of zeros, and where
    more samples than categories are wanted without replacement.

    >>> multinomial(wrap(numpy.array([0.0, 3.0])), 2, replacement=True).tolist()
    [1, 1]
    """
    if out is not None:
        return into(out, multinomial, input, num_samples, replacement, generator=generator)
    a = array_of(input, "multinomial")
    _check_weights(a, num_samples, replacement)
    stream = _stream_at(input, generator, "multinomial")
    rows = a.reshape(-1, a.shape[-1]).astype(numpy.float64)
    chosen = (_with_replacement if replacement else _without_replacement)(stream, rows, num_samples)
    return wrap(chosen.reshape(*a.shape[:-1], num_samples).astype(numpy.int64))


def _check_weights(a: Any, n: int, replacement: bool) -> None:
    if a.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: prob_dist must be 1 or 2 dim, met {a.ndim}")
    if a.dtype.kind not in FLOATS:
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {a.dtype}")
    if n <= 0:
        raise RuntimeError(f"multinomial: cannot sample n_sample <= 0 samples, met {n}")
    if not replacement and n > a.shape[-1]:
        raise RuntimeError(
            f"multinomial: cannot sample n_sample > prob_dist.size(-1) samples without replacement: {n} > {a.shape[-1]}"
        )
    if not ((a >= 0) & (a < float("inf"))).all():
        raise RuntimeError("multinomial: probability tensor contains either `inf`, `nan` or element < 0")
    if (a.sum(axis=-1) <= 0).any():
        raise RuntimeError("multinomial: invalid multinomial distribution (sum of probabilities <= 0)")


def _without_replacement(stream: random.Stream, rows: Any, n: int) -> Any:
    """The categories whose exponential clocks, of rates w, ring first (Efraimidis and Spirakis 2006)."""
    clocks = stream.exponential(rows.shape, numpy.dtype("float64"))
    with numpy.errstate(divide="ignore"):
        return stream.xp.argsort(clocks / rows, axis=-1)[:, :n]


def _with_replacement(stream: random.Stream, rows: Any, n: int) -> Any:
    """Where even numbers fall in the cumulative weights."""
    xp = stream.xp
    ends = rows.cumsum(axis=-1)
    marks = stream.uniform((len(rows), n), numpy.dtype("float64")) * ends[:, -1:]
    if n < len(rows):  # many rows and few marks in each: count the ends that a mark has passed
        found = xp.stack([(ends <= marks[:, i : i + 1]).sum(axis=-1) for i in range(n)], axis=-1)
    else:
        found = xp.stack([xp.searchsorted(end, mark, side="right") for end, mark in zip(ends, marks, strict=True)])
    last = rows.shape[1] - 1 - (rows[:, ::-1] > 0).argmax(axis=-1)  # a mark may round up to the very end
    return xp.minimum(found, last[:, None])


def poisson(input: Any, generator: Any = None) -> Any:
    """The number of events at the rate that each element says, in input's type.

    Raises RuntimeError for negative rates, NotImplementedError for types that are not floating point.

    >>> poisson(wrap(numpy.array([0.0, 0.0]))).tolist()
    [0.0, 0.0]
    """
    _floating(array_of(input, "poisson").dtype, "poisson")
    stream = _stream_at(input, generator, "poisson")

    def draw(rate: Any) -> Any:
        if not (rate >= 0).all():
            raise RuntimeError("poisson: invalid Poisson rate, expected rate to be non-negative")
        return stream.poisson(rate.astype("float64")).astype(rate.dtype)

    return apply(Poisson(draw), input)


def binomial(count: Any, prob: Any, generator: Any = None) -> Any:
    """The number of successes in count trials of probability prob, elementwise, broadcast; in count's type.

    Probabilities outside 0..1 count as the nearer end, negative counts as 0; nan gives nan. No gradient is defined.
    Raises ValueError for types that are not floating point.

    >>> binomial(wrap(numpy.array([3.0, 5.0])), wrap(numpy.array([1.0, 0.0]))).tolist()
    [3.0, 0.0]
    """
    for what, x in (("count", count), ("prob", prob)):
        if array_of(x, "binomial").dtype.kind not in FLOATS:
            raise ValueError(f"binomial only supports floating-point dtypes for {what}, got: {x.array.dtype}")
    stream, xp = _stream_at(count, generator, "binomial"), backend.library(count.array)

    def draw(count: Any, p: Any) -> Any:
        unknown = xp.isnan(count) | xp.isnan(p)
        trials = xp.where(unknown, 0.0, xp.maximum(count, 0.0)).astype("int64")
        successes = stream.binomial(trials, xp.where(unknown, 0.0, p.clip(0.0, 1.0)).astype("float64"))
        return xp.where(unknown, float("nan"), successes).astype(count.dtype)

    return apply(Binomial(draw), count, prob)


def _stream_at(x: Any, generator: Any, where: str) -> random.Stream:
    return stream_for(generator, *backend.device_of(x.array), where)


def scaled(array: Any, scale: Any, offset: Any) -> Any:
    """array * scale + offset, in the array's memory."""
    if scale != 1:
        array *= scale
    if offset != 0:
        array += offset
    return array


def _check_spread(std: Any) -> None:
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")


def _floating(kind: Any, where: str) -> Any:
    if kind.kind not in FLOATS:
        raise NotImplementedError(f"{where}: not implemented for {kind}; wanted a floating point type")
    return kind


def _integer(value: Any, where: str) -> int:
    try:
        return int(value.__index__())
    except AttributeError:
        raise TypeError(f"{where}(): bounds must be integers, not {type(value).__name__}") from None


@functools.cache
def limits(d: dtypes.dtype) -> tuple[int, int]:
    """The least and the greatest number of an integer type, or of bool."""
    if d is dtypes.bool:
        return 0, 1
    info = numpy.iinfo(d.numpy)
    return int(info.min), int(info.max)


def check_range(low: int, high: int, d: dtypes.dtype, where: str) -> None:
    """Refuse an empty range, and one that goes beyond an integer type."""
    if low >= high:
        raise RuntimeError(f"{where} expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if d.is_floating_point:
        return
    least, most = limits(d)
    if low < least or high - 1 > most:
        raise RuntimeError(f"{where}: [{low}, {high}) is out of bounds for {d.name}, which holds {least}..{most}")
