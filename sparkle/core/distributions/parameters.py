"""Parameters: numbers become tensors of one shape, probabilities become log odds and back."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy

from ..dtypes import finfo, get_default_dtype, of
from ..ops.nn.activation import LogSigmoid
from ..ops.random.gamma_sampling import SampleDirichlet, StandardGamma
from ..tensor.base import TensorBase, apply
from ..tensor.functions.sampling import rand, randn
from ..tensor.functions.shaping.shape import broadcast_tensors
from ..tensor.generator import stream_for
from ..tensor.making.creation import tensor
from ..tensor.making.filled import empty
from ..tensor.switches import enable_grad


class lazy_property:
    """A property that is computed once, when first asked for, with gradients recorded; also by `x.name = value`."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function, self.__doc__, self.name = function, function.__doc__, function.__name__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with enable_grad():
            value = instance.__dict__[self.name] = self.function(instance)
        return value


def broadcast_all(*values: Any) -> tuple[Any, ...]:
    """The values, tensors or numbers, as tensors of one shape.

    Numbers take the type and device of the first tensor; without any, the default type. TypeError for other values.

    >>> [x.tolist() for x in broadcast_all(1.0, tensor([2.0, 3.0]))]
    [[1.0, 1.0], [2.0, 3.0]]
    """
    for x in values:
        if not isinstance(x, (TensorBase, Number)):
            raise TypeError(f"broadcast_all: wanted tensors or numbers, met {type(x).__name__}")
    first: Any = next((x for x in values if isinstance(x, TensorBase)), None)
    if first is None:
        return tuple([tensor(float(x), dtype=get_default_dtype()) for x in values])  # type: ignore[arg-type]
    if len(values) == 1:
        return (first,)
    made = [x if isinstance(x, TensorBase) else tensor(x, dtype=first.dtype, device=first.device) for x in values]
    return tuple(broadcast_tensors(*made))


def sum_rightmost(value: Any, n: int) -> Any:
    """The sum over the last n dimensions."""
    return value.sum(tuple(range(-n, 0))) if n else value


def clamp_probs(probs: Any) -> Any:
    """Probabilities moved off 0 and 1, to what their type can tell from them."""
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """Logarithms of the probabilities; with is_binary, log odds."""
    safe = clamp_probs(probs)
    return safe.log() - (-safe).log1p() if is_binary else safe.log()


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """The inverse of `probs_to_logits`; logarithms are normalised over the last dimension."""
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x)))"""
    return apply(LogSigmoid(), x)


def bernoulli_log_prob(logits: Any, value: Any) -> Any:
    """log of the probability of value (0, 1, or the share of ones) at these log odds."""
    return value * log_sigmoid(logits) + (1 - value) * log_sigmoid(-logits)


# Noise, of a shape, with the type and device of a parameter.


def uniform_noise(like: Any, shape: Any) -> Any:
    """Numbers in [0, 1)."""
    return rand(shape, dtype=like.dtype, device=like.device)


def normal_noise(like: Any, shape: Any) -> Any:
    """Standard normal numbers."""
    return randn(shape, dtype=like.dtype, device=like.device)


def exponential_noise(like: Any, shape: Any) -> Any:
    """Numbers of density exp(-x), never 0."""
    return empty(shape, dtype=like.dtype, device=like.device).exponential_().clamp_(min=finfo(like.dtype).tiny)


def standard_gamma(concentration: Any) -> Any:
    """For each element a number with the gamma distribution of that concentration and rate 1; differentiable."""
    stream = stream_for(None, concentration.device.type, concentration.device.index, "standard_gamma")

    def draw(a: Any) -> Any:
        return stream.gamma(a.astype("float64")).clip(finfo(of(a.dtype)).tiny).astype(a.dtype)

    return apply(StandardGamma(draw), concentration)


def dirichlet(concentration: Any) -> Any:
    """Positive numbers that sum to 1 over the last dimension, with these concentrations; differentiable.

    Normalised gamma variables, kept as logarithms: of concentration a < 1 they are the ones of a + 1 times
    uniform ** (1 / a) (Marsaglia and Tsang 2000), which would underflow.
    """
    stream = stream_for(None, concentration.device.type, concentration.device.index, "dirichlet")

    def draw(a: Any) -> Any:
        xp, wide = stream.xp, a.astype("float64")
        low = wide < 1
        logs = xp.log(stream.gamma(wide + low)) - low * stream.exponential(a.shape, numpy.dtype("float64")) / wide
        shares = xp.exp(logs - logs.max(axis=-1, keepdims=True))
        shares = shares / shares.sum(axis=-1, keepdims=True)
        return shares.clip(finfo(of(a.dtype)).tiny).astype(a.dtype)

    return apply(SampleDirichlet(draw), concentration)
