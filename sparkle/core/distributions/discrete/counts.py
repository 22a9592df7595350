"""Counts: Poisson, binomial and negative binomial distributions."""

from __future__ import annotations

from typing import Any, ClassVar

from ...tensor.functions.pointwise.arithmetic import xlogy
from ...tensor.functions.pointwise.special import lgamma
from ...tensor.functions.sampling import binomial, poisson
from ...tensor.making.ranges import arange
from ...tensor.switches import no_grad
from .. import constraints
from ..distribution import Distribution, ProbsOrLogits
from ..parameters import broadcast_all, lazy_property, log_sigmoid, standard_gamma


class Poisson(Distribution):
    """Numbers of events that happen at a rate >= 0."""

    arg_constraints: ClassVar[Any] = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer
    rate: Any

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        self._take(validate_args, rate=rate)

    @property
    def mean(self) -> Any:
        return self.rate

    @property
    def mode(self) -> Any:
        return self.rate.floor()

    @property
    def variance(self) -> Any:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        rate, value = broadcast_all(self.rate, self._checked(value))
        return xlogy(value, rate) - rate - lgamma(value + 1)


class Counted(ProbsOrLogits):
    """Trials of probability probs, or log odds logits, of which total_count matter; tensors or numbers."""

    total_count: Any

    def __init__(self, total_count: Any, probs: Any, logits: Any, validate_args: bool | None) -> None:
        name = "logits" if probs is None else "probs"
        self._take_one(probs, logits)
        self.total_count, self.__dict__[name] = broadcast_all(total_count, self.__dict__[name])
        self.total_count = self.total_count.to(self._param.dtype)
        super().__init__(self._param.shape, validate_args=validate_args)


class Binomial(Counted):
    """The number of successes in total_count trials.

    >>> Binomial(4, probs=0.5).mean
    tensor(2.)
    """

    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    has_enumerate_support = True

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(total_count, probs, logits, validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        """0 to total_count."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        return ((self.total_count + 1) * self.probs).floor().minimum(self.total_count)

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        value, n = self._checked(value), self.total_count
        ways = lgamma(n + 1) - lgamma(value + 1) - lgamma(n - value + 1)
        return ways + value * log_sigmoid(self.logits) + (n - value) * log_sigmoid(-self.logits)

    def entropy(self) -> Any:
        log_prob = Binomial.log_prob(self, self.enumerate_support(False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        n = int(self.total_count.max().item())
        if not (self.total_count == n).all():
            raise NotImplementedError("Binomial: the values of unequal total counts cannot be enumerated together")
        values = arange(n + 1, dtype=self._param.dtype, device=self._param.device)
        values = values.view(-1, *[1] * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class NegativeBinomial(Counted):
    """The number of successes before total_count failures have happened; total_count >= 0 may be fractional."""

    arg_constraints: ClassVar[Any] = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(total_count, probs, logits, validate_args)

    @lazy_property
    def _odds(self) -> Any:
        return self.logits.exp()

    @property
    def mean(self) -> Any:
        return self.total_count * self._odds

    @property
    def mode(self) -> Any:
        return ((self.total_count - 1) * self._odds).floor().clamp(min=0)

    @property
    def variance(self) -> Any:
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return poisson(standard_gamma(self.total_count.expand(shape)) * self._odds)

    def log_prob(self, value: Any) -> Any:
        value, n = self._checked(value), self.total_count
        ways = lgamma(n + value) - lgamma(1 + value) - lgamma(n)
        ways = ways.masked_fill(n + value == 0, 0.0)  # certain, but lgamma(0) is infinite
        return ways + n * log_sigmoid(-self.logits) + value * log_sigmoid(self.logits)
