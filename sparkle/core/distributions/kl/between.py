"""Divergences between different families: the mean of -log q over p, less the entropy of p.

That mean follows from a few means over p: of x, of x ** 2, of log(x), of log(1 - x), of exp(-x / s).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...tensor.functions.pointwise.arithmetic import xlogy
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.pointwise.special import lgamma
from ...tensor.functions.shaping.shape import broadcast_shapes
from ...tensor.making.filled import full
from ..continuous.dirichlet import Beta
from ..continuous.gamma import Exponential, Gamma
from ..continuous.heavy_tails import Pareto
from ..continuous.location_scale import EULER, LOG_SQRT_2_PI, Gumbel, Laplace, Normal, Uniform
from ..discrete.bernoulli import Bernoulli, ContinuousBernoulli
from ..discrete.counts import Binomial, Poisson
from .registry import register_kl


def _mean_log(p: Any) -> Any:
    return -EULER - p.rate.log() if isinstance(p, Exponential) else p.mean_log


def _mean_log1m(p: Any) -> Any:
    """The mean of log(1 - x)."""
    if isinstance(p, Beta):
        return p.mean_log1m
    above, below = 1 - p.low, 1 - p.high
    return (xlogy(above, above) - xlogy(below, below)) / (p.high - p.low) - 1


_MEAN_EXP: dict[type, Callable[[Any, Any], Any]] = {  # the mean of exp(-t * x)
    Normal: lambda p, t: ((p.scale * t).pow(2) / 2 - p.loc * t).exp(),
    Exponential: lambda p, t: p.rate / (p.rate + t),
    Gamma: lambda p, t: (1 + t / p.rate).pow(-p.concentration),
    Uniform: lambda p, t: ((-p.low * t).exp() - (-p.high * t).exp()) / (t * (p.high - p.low)),
}


def _to_normal(p: Any, q: Any) -> Any:
    return q.scale.log() + LOG_SQRT_2_PI + (p.variance + (p.mean - q.loc).pow(2)) / (2 * q.scale.pow(2))


def _to_exponential(p: Any, q: Any) -> Any:
    return q.rate * p.mean - q.rate.log()


def _to_gamma(p: Any, q: Any) -> Any:
    a = q.concentration
    return lgamma(a) - a * q.rate.log() - (a - 1) * _mean_log(p) + q.rate * p.mean


def _to_beta(p: Any, q: Any) -> Any:
    return q.log_norm() - (q.concentration1 - 1) * _mean_log(p) - (q.concentration0 - 1) * _mean_log1m(p)


def _to_continuous_bernoulli(p: Any, q: Any) -> Any:
    return -p.mean * q.logits - (-q.probs).log1p() - q.log_norm()


def _to_uniform(p: Any, q: Any) -> Any:
    return (q.high - q.low).log()


def _to_pareto(p: Any, q: Any) -> Any:
    return (q.alpha + 1) * _mean_log(p) - q.alpha.log() - q.alpha * q.scale.log()


def _to_gumbel(p: Any, q: Any) -> Any:
    t = 1 / q.scale
    kind = next(kind for kind in type(p).__mro__ if kind in _MEAN_EXP)
    return q.scale.log() + (p.mean - q.loc) * t + (q.loc * t).exp() * _MEAN_EXP[kind](p, t)


def _to_laplace(p: Any, q: Any) -> Any:
    """For normal p."""
    apart = p.loc - q.loc
    z = apart / p.scale
    absolute = math.sqrt(2 / math.pi) * p.scale * (-0.5 * z * z).exp() + apart * (math.sqrt(0.5) * z).erf()
    return (2 * q.scale).log() + absolute / q.scale


def _to_poisson(p: Any, q: Any) -> Any:
    """For Bernoulli p, whose values have no factorials."""
    return q.rate - p.mean * q.rate.log()


CROSS: dict[type, tuple[Callable[[Any, Any], Any], tuple[type, ...]]] = {
    Normal: (_to_normal, (Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Pareto, Uniform)),
    Exponential: (_to_exponential, (Beta, ContinuousBernoulli, Gamma, Pareto, Uniform)),
    Gamma: (_to_gamma, (Beta, Exponential, Pareto, Uniform)),
    Beta: (_to_beta, (Uniform,)),
    ContinuousBernoulli: (_to_continuous_bernoulli, (Beta, Uniform)),
    Uniform: (_to_uniform, (Beta, ContinuousBernoulli)),
    Pareto: (_to_pareto, (Uniform,)),
    Gumbel: (_to_gumbel, (Exponential, Gamma, Normal, Uniform)),
    Laplace: (_to_laplace, (Normal,)),
    Poisson: (_to_poisson, (Bernoulli,)),
}

# p has values where q has none, whatever the parameters.
INFINITE: dict[type, tuple[type, ...]] = {
    **dict.fromkeys((Beta, ContinuousBernoulli), (Pareto,)),
    **dict.fromkeys((Exponential, Gamma), (Beta, ContinuousBernoulli, Pareto, Uniform)),
    **dict.fromkeys((Gumbel, Laplace, Normal), (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)),
    Pareto: (Beta, ContinuousBernoulli, Uniform),
    Poisson: (Bernoulli, Binomial),
}


def _ends(d: Any) -> tuple[Any, Any]:
    """Where the support begins and ends."""
    return getattr(d.support, "lower_bound", -math.inf), getattr(d.support, "upper_bound", math.inf)


def _outside(p: Any, q: Any) -> Any:
    """Has p values outside q's support? A tensor, or a bool where no parameter decides."""
    (low, high), (least, most) = _ends(p), _ends(q)
    return (low < least) | (high > most)


def _divergence(cross: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def divergence(p: Any, q: Any) -> Any:
        inside = cross(p, q) - p.entropy()
        outside = isinstance(p, Uniform) | isinstance(q, Uniform) and _outside(p, q)
        return inside if isinstance(outside, bool) else where(outside, math.inf, inside)

    return divergence


def _infinite(p: Any, q: Any) -> Any:
    like = p.mean
    return full(broadcast_shapes(p.batch_shape, q.batch_shape), math.inf, dtype=like.dtype, device=like.device)


for _type_q, (_cross, _types_p) in CROSS.items():
    for _type_p in _types_p:
        register_kl(_type_p, _type_q)(_divergence(_cross))
for _type_p, _types_q in INFINITE.items():
    for _type_q in _types_q:
        register_kl(_type_p, _type_q)(_infinite)
