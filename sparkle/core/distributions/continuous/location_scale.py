"""Normal, Laplace, Cauchy, Gumbel and uniform distributions: a standard one, scaled and moved."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.functions.pointwise.arithmetic import xlogy
from ...tensor.making.filled import full_like
from .. import constraints
from ..distribution import Distribution
from ..parameters import exponential_noise, normal_noise, uniform_noise

EULER = 0.57721566490153286060  # the Euler-Mascheroni constant
LOG_SQRT_2_PI = math.log(math.sqrt(2 * math.pi))


class LocationScale(Distribution):
    """loc + scale * (a standard variable); loc and scale are tensors or numbers, scale > 0."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    loc: Any
    scale: Any

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, loc=loc, scale=scale)

    def _standard(self, value: Any) -> Any:
        """The value on the standard scale."""
        return (self._checked(value) - self.loc) / self.scale

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return self.stddev.pow(2)


class Normal(LocationScale):
    """The normal distribution of mean loc and standard deviation scale.

    >>> Normal(0.0, 1.0).cdf(Normal(0.0, 1.0).mean)
    tensor(0.5000)
    """

    @property
    def stddev(self) -> Any:
        return self.scale

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.loc + normal_noise(self.loc, self._extended_shape(sample_shape)) * self.scale

    def log_prob(self, value: Any) -> Any:
        z = self._standard(value)
        return z * z * -0.5 - self.scale.log() - LOG_SQRT_2_PI

    def cdf(self, value: Any) -> Any:
        return 0.5 * (1 + (self._standard(value) * math.sqrt(0.5)).erf())

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def entropy(self) -> Any:
        return self.scale.log() + (0.5 + LOG_SQRT_2_PI)


class Laplace(LocationScale):
    """Density exp(-|x - loc| / scale) / (2 scale)."""

    @property
    def stddev(self) -> Any:
        return math.sqrt(2) * self.scale

    @property
    def variance(self) -> Any:
        return 2 * self.scale.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        sign = (uniform_noise(self.loc, shape) < 0.5).to(self.loc.dtype) * 2 - 1
        return self.loc + self.scale * (sign * exponential_noise(self.loc, shape))

    def log_prob(self, value: Any) -> Any:
        return -self._standard(value).abs() - (2 * self.scale).log()

    def cdf(self, value: Any) -> Any:
        z = self._standard(value)
        return 0.5 - 0.5 * z.sign() * (-z.abs()).expm1()

    def icdf(self, value: Any) -> Any:
        centred = value - 0.5
        return self.loc - self.scale * centred.sign() * (-2 * centred.abs()).log1p()

    def entropy(self) -> Any:
        return 1 + (2 * self.scale).log()


class Cauchy(LocationScale):
    """Density 1 / (pi scale (1 + ((x - loc) / scale) ** 2)); it has no mean and no variance."""

    @property
    def mean(self) -> Any:
        return full_like(self.loc, math.nan)

    @property
    def variance(self) -> Any:
        return full_like(self.loc, math.inf)

    @property
    def stddev(self) -> Any:
        return self.variance.sqrt()

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(uniform_noise(self.loc, self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        return -math.log(math.pi) - self.scale.log() - self._standard(value).pow(2).log1p()

    def cdf(self, value: Any) -> Any:
        return self._standard(value).atan() / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self) -> Any:
        return self.scale.log() + math.log(4 * math.pi)


class Gumbel(LocationScale):
    """The limit of maxima: exp(-exp(-(x - loc) / scale)) is the probability of at most x."""

    @property
    def mean(self) -> Any:
        return self.loc + self.scale * EULER

    @property
    def stddev(self) -> Any:
        return self.scale * (math.pi / math.sqrt(6))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.loc - self.scale * exponential_noise(self.loc, self._extended_shape(sample_shape)).log()

    def log_prob(self, value: Any) -> Any:
        z = self._standard(value)
        return -z - (-z).exp() - self.scale.log()

    def cdf(self, value: Any) -> Any:
        return (-(-self._standard(value)).exp()).exp()

    def icdf(self, value: Any) -> Any:
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self) -> Any:
        return self.scale.log() + (1 + EULER)


class Uniform(Distribution):
    """The same density everywhere in [low, high); ValueError unless low < high."""

    has_rsample = True
    low: Any
    high: Any

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, low=low, high=high)

    @property
    def arg_constraints(self) -> Any:  # type: ignore[override]
        """Each end's constraint depends on the other."""
        return {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)}

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        """Both ends included."""
        return constraints.interval(self.low, self.high)

    @property
    def _width(self) -> Any:
        return self.high - self.low

    @property
    def mean(self) -> Any:
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Any:
        return self.high * math.nan

    @property
    def stddev(self) -> Any:
        return self._width / math.sqrt(12)

    @property
    def variance(self) -> Any:
        return self._width.pow(2) / 12

    @property
    def mean_log(self) -> Any:
        """The mean of log(x)."""
        return (xlogy(self.high, self.high) - xlogy(self.low, self.low)) / self._width - 1

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.low + uniform_noise(self.low, self._extended_shape(sample_shape)) * self._width

    def log_prob(self, value: Any) -> Any:
        inside = (self._checked(value) >= self.low) & (value < self.high)
        return inside.to(self.low.dtype).log() - self._width.log()

    def cdf(self, value: Any) -> Any:
        return ((self._checked(value) - self.low) / self._width).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Any:
        return value * self._width + self.low

    def entropy(self) -> Any:
        return self._width.log()
