"""Student's t, F, Weibull and Pareto distributions."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.pointwise.special import digamma, lgamma
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


class GeneralizedPareto(Distribution):
    """What exceeds a threshold loc: (1 + k z) ** (-1 / k) is the probability of more than x, z = (x - loc) / scale.

    k is the concentration, of either sign; at 0 it is the exponential distribution. scale > 0.
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "concentration": constraints.real,
    }
    has_rsample = True
    loc: Any
    scale: Any
    concentration: Any

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, loc=loc, scale=scale, concentration=concentration)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        """loc and above; below a negative concentration there is an upper end."""
        k = self.concentration
        return constraints.interval(self.loc, where(k < 0, self.loc - self.scale / k, math.inf))

    @property
    def _zero(self) -> Any:
        """Is the concentration 0, as far as the formulas can tell?"""
        return self.concentration.abs() <= 1e-8

    @property
    def _safe(self) -> Any:
        return where(self._zero, 1.0, self.concentration)

    @property
    def mean(self) -> Any:
        k = self.concentration
        return where(k < 1, self.loc + self.scale / (1 - where(k < 1, k, 0.5)), math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        known = self.concentration < 0.5
        k = where(known, self.concentration, 0.25)
        return where(known, self.scale.pow(2) / ((1 - k).pow(2) * (1 - 2 * k)), math.nan)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._above(exponential_noise(self.loc, self._extended_shape(sample_shape)))

    def _above(self, x: Any) -> Any:
        """The value that is exceeded with probability exp(-x)."""
        k = self._safe
        near = x + 0.5 * self.concentration * x * x
        return self.loc + self.scale * where(self._zero, near, (k * x).expm1() / k)

    def log_survival_function(self, value: Any) -> Any:
        """The logarithm of the probability of more than value."""
        z, k = (self._checked(value) - self.loc) / self.scale, self._safe
        near = z - 0.5 * self.concentration * z * z
        return -where(self._zero, near, (k * z).log1p() / k)

    def log_prob(self, value: Any) -> Any:
        return (1 + self.concentration) * self.log_survival_function(value) - self.scale.log()

    def log_cdf(self, value: Any) -> Any:
        """The logarithm of the probability of at most value."""
        return (-self.log_survival_function(value).exp()).log1p()

    def cdf(self, value: Any) -> Any:
        return -self.log_survival_function(value).expm1()

    def icdf(self, value: Any) -> Any:
        return self._above(-(-value).log1p())

    def entropy(self) -> Any:
        return self.scale.log() + self.concentration + 1
