"""Distributions on the simplex and on the unit interval: Dirichlet, beta, Kumaraswamy."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.functions.pointwise.arithmetic import xlogy
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.pointwise.special import digamma, lgamma
from ...tensor.functions.shaping.joining import stack
from .. import constraints
from ..distribution import Distribution
from ..parameters import dirichlet, exponential_noise
from .location_scale import EULER


class Dirichlet(Distribution):
    """Vectors of shares that sum to 1, with density in proportion to prod(x ** (concentration - 1)).

    concentration has at least one dimension; the last one is the event's. Samples are differentiable.
    """

    arg_constraints: ClassVar[Any] = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("Dirichlet: `concentration` must be at least one-dimensional, met a scalar")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def mode(self) -> Any:
        above = (self.concentration - 1).clamp(min=0)
        total = above.sum(-1, keepdim=True)
        largest = self.concentration == self.concentration.amax(-1, keepdim=True)
        first = largest & (largest.cumsum(-1) == 1)
        return where((self.concentration < 1).all(-1, keepdim=True), first.to(above.dtype), above / total)

    @property
    def variance(self) -> Any:
        total = self.concentration.sum(-1, keepdim=True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return dirichlet(self.concentration.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        return xlogy(self.concentration - 1, self._checked(value)).sum(-1) - self._log_norm()

    def _log_norm(self) -> Any:
        """The logarithm of the multivariate beta function."""
        return lgamma(self.concentration).sum(-1) - lgamma(self.concentration.sum(-1))

    def entropy(self) -> Any:
        total = self.concentration.sum(-1)
        inner = ((self.concentration - 1) * digamma(self.concentration)).sum(-1)
        return self._log_norm() - (self.concentration.size(-1) - total) * digamma(total) - inner


class Beta(Distribution):
    """Density in proportion to x ** (concentration1 - 1) (1 - x) ** (concentration0 - 1) in 0..1; both > 0."""

    arg_constraints: ClassVar[Any] = {
        "concentration1": constraints.positive,
        "concentration0": constraints.positive,
    }
    support = constraints.unit_interval
    has_rsample = True
    concentration1: Any
    concentration0: Any

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, concentration1=concentration1, concentration0=concentration0)

    @property
    def _total(self) -> Any:
        return self.concentration1 + self.concentration0

    @property
    def _dirichlet(self) -> Dirichlet:
        return Dirichlet(stack([self.concentration1, self.concentration0], -1), validate_args=False)

    @property
    def mean(self) -> Any:
        return self.concentration1 / self._total

    @property
    def mode(self) -> Any:
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Any:
        return self.concentration1 * self.concentration0 / (self._total.pow(2) * (self._total + 1))

    @property
    def mean_log(self) -> Any:
        """The mean of log(x)."""
        return digamma(self.concentration1) - digamma(self._total)

    @property
    def mean_log1m(self) -> Any:
        """The mean of log(1 - x)."""
        return digamma(self.concentration0) - digamma(self._total)

    def log_norm(self) -> Any:
        """The logarithm of the beta function."""
        return lgamma(self.concentration1) + lgamma(self.concentration0) - lgamma(self._total)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        return xlogy(self.concentration1 - 1, value) + xlogy(self.concentration0 - 1, 1 - value) - self.log_norm()

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return self.log_norm() - (a - 1) * self.mean_log - (b - 1) * self.mean_log1m


class Kumaraswamy(Distribution):
    """1 - (1 - x ** concentration1) ** concentration0 is the probability of at most x, in 0..1; both > 0."""

    arg_constraints: ClassVar[Any] = Beta.arg_constraints
    support = constraints.unit_interval
    has_rsample = True
    concentration1: Any
    concentration0: Any

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, concentration1=concentration1, concentration0=concentration0)

    def _moment(self, n: int) -> Any:
        a, b = self.concentration1, self.concentration0
        return (b.log() + lgamma(1 + n / a) + lgamma(b) - lgamma(1 + n / a + b)).exp()

    @property
    def mean(self) -> Any:
        return self._moment(1)

    @property
    def mode(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return where((a >= 1) & (b >= 1), ((a - 1) / (a * b - 1)).pow(1 / a), math.nan)

    @property
    def variance(self) -> Any:
        return self._moment(2) - self.mean.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = exponential_noise(self.concentration1, self._extended_shape(sample_shape))
        return (-(-noise / self.concentration0).expm1()).pow(1 / self.concentration1)

    def log_prob(self, value: Any) -> Any:
        a, b, value = self.concentration1, self.concentration0, self._checked(value)
        return a.log() + b.log() + xlogy(a - 1, value) + xlogy(b - 1, 1 - value.pow(a))

    def cdf(self, value: Any) -> Any:
        return 1 - (1 - self._checked(value).pow(self.concentration1)).pow(self.concentration0)

    def icdf(self, value: Any) -> Any:
        return (1 - (1 - value).pow(1 / self.concentration0)).pow(1 / self.concentration1)

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return (1 - 1 / b) + (1 - 1 / a) * (digamma(b + 1) + EULER) - a.log() - b.log()
