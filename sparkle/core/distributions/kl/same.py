"""Divergences between two distributions of one family."""

from __future__ import annotations

import math
from typing import Any

from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.pointwise.special import digamma, lgamma
from ..composed.independent import Independent
from ..composed.transformed import TransformedDistribution
from ..continuous.dirichlet import Beta, Dirichlet
from ..continuous.gamma import Exponential, Gamma, InverseGamma
from ..continuous.half import Half, HalfCauchy, HalfNormal
from ..continuous.heavy_tails import Pareto
from ..continuous.location_scale import EULER, Cauchy, Gumbel, Laplace, Normal, Uniform
from ..discrete.bernoulli import Bernoulli, ContinuousBernoulli, Geometric
from ..discrete.categorical import Categorical, OneHotCategorical
from ..discrete.counts import Binomial, Poisson
from ..parameters import log_sigmoid, sum_rightmost
from .registry import kl_divergence, register_kl


def _share(p: Any, q: Any, log_p: Any, log_q: Any) -> Any:
    """p (log p - log q), which is 0 for p = 0 and else infinite for q = 0."""
    known = (p > 0) & (q > 0)
    return where(known, p * where(known, log_p - log_q, 0.0), where(p > 0, math.inf, 0.0))


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Any:
    ones = _share(p.probs, q.probs, log_sigmoid(p.logits), log_sigmoid(q.logits))
    return ones + _share(1 - p.probs, 1 - q.probs, log_sigmoid(-p.logits), log_sigmoid(-q.logits))


@register_kl(Binomial, Binomial)
def _binomial(p: Any, q: Any) -> Any:
    if (p.total_count < q.total_count).any():
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    return where(p.total_count > q.total_count, math.inf, p.total_count * _bernoulli(p, q))


@register_kl(Categorical, Categorical)
def _categorical(p: Any, q: Any) -> Any:
    return _share(p.probs, q.probs, p.logits, q.logits).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p: Any, q: Any) -> Any:
    return _categorical(p._categorical, q._categorical)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _continuous_bernoulli(p: Any, q: Any) -> Any:
    norms = p.log_norm() + (-p.probs).log1p() - q.log_norm() - (-q.probs).log1p()
    return p.mean * (p.logits - q.logits) + norms


@register_kl(Geometric, Geometric)
def _geometric(p: Any, q: Any) -> Any:
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _poisson(p: Any, q: Any) -> Any:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(Beta, Beta)
def _beta(p: Any, q: Any) -> Any:
    ones = (p.concentration1 - q.concentration1) * p.mean_log
    return q.log_norm() - p.log_norm() + ones + (p.concentration0 - q.concentration0) * p.mean_log1m


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    mean_log = digamma(a) - digamma(a.sum(-1, keepdim=True))
    return q._log_norm() - p._log_norm() + ((a - b) * mean_log).sum(-1)


@register_kl(Exponential, Exponential)
def _exponential(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Gamma, Gamma)
def _gamma(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    shapes = lgamma(b) - lgamma(a) + (a - b) * digamma(a)
    return b * (p.rate / q.rate).log() + shapes + (q.rate - p.rate) * (a / p.rate)


@register_kl(InverseGamma, InverseGamma)
@register_kl(HalfNormal, HalfNormal)
@register_kl(HalfCauchy, HalfCauchy)
def _of_bases(p: Half, q: Half) -> Any:
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Normal, Normal)
def _normal(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


@register_kl(Laplace, Laplace)
def _laplace(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return apart / q.scale + ratio * (-apart / p.scale).exp() - 1 - ratio.log()


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Any, q: Any) -> Any:
    apart = (p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)
    return (apart / (4 * p.scale * q.scale)).log()  # Chyzak and Nielsen 2019


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return apart - ratio.log() + ratio * EULER + (lgamma(1 + ratio) - apart).exp() - (1 + EULER)


@register_kl(Pareto, Pareto)
def _pareto(p: Any, q: Any) -> Any:
    ratio = q.alpha / p.alpha
    inside = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return where(p.scale < q.scale, math.inf, inside)


@register_kl(Uniform, Uniform)
def _uniform(p: Any, q: Any) -> Any:
    inside = (q.low <= p.low) & (p.high <= q.high)
    return where(inside, ((q.high - q.low) / (p.high - p.low)).log(), math.inf)


@register_kl(Independent, Independent)
def _independent(p: Independent, q: Independent) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("KL between Independents of different reinterpreted_batch_ndims is not implemented")
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: TransformedDistribution, q: TransformedDistribution) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("KL between TransformedDistributions of different transforms is not implemented")
    return kl_divergence(p.base_dist, q.base_dist)
