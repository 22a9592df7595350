"""Absolute values of normal and Cauchy variables."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.functions.pointwise.selection import where
from ...tensor.making.filled import full_like, zeros_like
from .. import constraints
from ..distribution import Distribution
from .location_scale import Cauchy, Normal


class Half(Distribution):
    """|x| for a variable x that is symmetric around 0, of the given scale > 0."""

    arg_constraints: ClassVar[Any] = {"scale": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    whole: ClassVar[type[Normal] | type[Cauchy]]
    scale: Any

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, scale=scale)

    @property
    def base_dist(self) -> Any:
        """The distribution of x."""
        return self.whole(zeros_like(self.scale), self.scale, validate_args=False)

    @property
    def mode(self) -> Any:
        return zeros_like(self.scale)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape).abs()

    def log_prob(self, value: Any) -> Any:
        log_prob = self.base_dist.log_prob(self._checked(value)) + math.log(2)
        return where(value >= 0, log_prob, -math.inf)

    def cdf(self, value: Any) -> Any:
        return 2 * self.base_dist.cdf(self._checked(value)) - 1

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(Half):
    """|x| for a normal variable x of mean 0 and standard deviation scale."""

    whole = Normal

    @property
    def mean(self) -> Any:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        return self.scale.pow(2) * (1 - 2 / math.pi)


class HalfCauchy(Half):
    """|x| for a Cauchy variable x around 0 of that scale; it has no finite mean and variance."""

    whole = Cauchy

    @property
    def mean(self) -> Any:
        return full_like(self.scale, math.inf)

    @property
    def variance(self) -> Any:
        return full_like(self.scale, math.inf)
