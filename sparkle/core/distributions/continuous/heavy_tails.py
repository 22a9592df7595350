"""Student's t, F, Weibull and Pareto distributions."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.functions.selection import where
from ...tensor.functions.special import digamma, lgamma
from .. import constraints
from ..distribution import Distribution
from ..parameters import exponential_noise, normal_noise, standard_gamma
from .location_scale import EULER


class StudentT(Distribution):
    """loc + scale * x / sqrt(y / df), x standard normal, y chi-squared of df degrees of freedom; df, scale > 0."""

    arg_constraints: ClassVar[Any] = {
        "df": constraints.positive,
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True
    df: Any
    loc: Any
    scale: Any

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self._take(validate_args, df=df, loc=loc, scale=scale)

    @property
    def mean(self) -> Any:
        return where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        spread = where(self.df > 2, self.scale.pow(2) * self.df / (self.df - 2), math.inf)
        return where(self.df > 1, spread, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        chi2 = 2 * standard_gamma(0.5 * self.df.expand(shape))
        return self.loc + self.scale * (normal_noise(self.df, shape) * (chi2 / self.df).rsqrt())

    def _log_norm(self) -> Any:
        half = 0.5 * self.df
        return self.scale.log() + 0.5 * (math.pi * self.df).log() + lgamma(half) - lgamma(half + 0.5)

    def log_prob(self, value: Any) -> Any:
        z = (self._checked(value) - self.loc) / self.scale
        return -0.5 * (self.df + 1) * (z * z / self.df).log1p() - self._log_norm()

    def entropy(self) -> Any:
        half = 0.5 * self.df
        return self._log_norm() + (half + 0.5) * (digamma(half + 0.5) - digamma(half))


class FisherSnedecor(Distribution):
    """(x / df1) / (y / df2) for chi-squared variables x and y of df1 and df2 degrees of freedom; both > 0."""

    arg_constraints: ClassVar[Any] = {"df1": constraints.positive, "df2": constraints.positive}
    support = constraints.positive
    has_rsample = True
    df1: Any
    df2: Any

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, df1=df1, df2=df2)

    @property
    def mean(self) -> Any:
        return where(self.df2 > 2, self.df2 / (self.df2 - 2), math.nan)

    @property
    def mode(self) -> Any:
        return where(self.df1 > 2, (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2), math.nan)

    @property
    def variance(self) -> Any:
        a, b = self.df1, self.df2
        known = 2 * b.pow(2) * (a + b - 2) / (a * (b - 2).pow(2) * (b - 4))
        return where(b > 4, known, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        above, below = (standard_gamma(0.5 * df.expand(shape)) / df for df in (self.df1, self.df2))
        return above / below

    def log_prob(self, value: Any) -> Any:
        value, a, b, ratio = self._checked(value), 0.5 * self.df1, 0.5 * self.df2, self.df1 / self.df2
        norm = lgamma(a + b) - lgamma(a) - lgamma(b) + a * ratio.log()
        return norm + (a - 1) * value.log() - (a + b) * (ratio * value).log1p()


class Weibull(Distribution):
    """exp(-(x / scale) ** concentration) is the probability of more than x; both > 0."""

    arg_constraints: ClassVar[Any] = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive
    has_rsample = True
    scale: Any
    concentration: Any

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, scale=scale, concentration=concentration)

    @property
    def mean(self) -> Any:
        return self.scale * lgamma(1 + 1 / self.concentration).exp()

    @property
    def mode(self) -> Any:
        k = self.concentration
        return self.scale * ((k - 1) / k).pow(1 / k)

    @property
    def variance(self) -> Any:
        k = self.concentration
        return self.scale.pow(2) * (lgamma(1 + 2 / k).exp() - (2 * lgamma(1 + 1 / k)).exp())

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = exponential_noise(self.scale, self._extended_shape(sample_shape))
        return self.scale * noise.pow(1 / self.concentration)

    def log_prob(self, value: Any) -> Any:
        z, k = self._checked(value) / self.scale, self.concentration
        return (k / self.scale).log() + (k - 1) * z.log() - z.pow(k)

    def cdf(self, value: Any) -> Any:
        return -(-(self._checked(value) / self.scale).pow(self.concentration)).expm1()

    def icdf(self, value: Any) -> Any:
        return self.scale * (-(-value).log1p()).pow(1 / self.concentration)

    def entropy(self) -> Any:
        k = self.concentration
        return EULER * (1 - 1 / k) + (self.scale / k).log() + 1


class Pareto(Distribution):
    """(scale / x) ** alpha is the probability of more than x, for x >= scale; both > 0."""

    arg_constraints: ClassVar[Any] = {"alpha": constraints.positive, "scale": constraints.positive}
    has_rsample = True
    scale: Any
    alpha: Any

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, scale=scale, alpha=alpha)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        """scale and above."""
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        return self.scale * self.alpha / (self.alpha.clamp(min=1) - 1)

    @property
    def mode(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    @property
    def mean_log(self) -> Any:
        """The mean of log(x)."""
        return self.scale.log() + 1 / self.alpha

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = exponential_noise(self.scale, self._extended_shape(sample_shape))
        return self.scale * (noise / self.alpha).exp()

    def log_prob(self, value: Any) -> Any:
        return (self.alpha / self.scale).log() - (self.alpha + 1) * (self._checked(value) / self.scale).log()

    def cdf(self, value: Any) -> Any:
        return 1 - (self.scale / self._checked(value)).pow(self.alpha)

    def icdf(self, value: Any) -> Any:
        return self.scale * (-(-value).log1p() / self.alpha).exp()

    def entropy(self) -> Any:
        return (self.scale / self.alpha).log() + (1 + 1 / self.alpha)
