"""Single trials and waiting for a success: Bernoulli, geometric, continuous Bernoulli."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...dtypes import finfo
from ...tensor.functions.pointwise.arithmetic import xlogy
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.pointwise.special import xlog1py
from ...tensor.functions.sampling import bernoulli
from ...tensor.making.ranges import arange
from ...tensor.switches import no_grad
from .. import constraints
from ..distribution import ProbsOrLogits
from ..parameters import bernoulli_log_prob, broadcast_all, clamp_probs, logits_to_probs, uniform_noise


class TwoOutcomes(ProbsOrLogits):
    """A trial given by the probability of success or by its log odds, a tensor or a number; one of them."""

    arg_constraints: ClassVar[Any] = {"probs": constraints.unit_interval, "logits": constraints.real}

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take_one(probs, logits)
        super().__init__(self._param.shape, validate_args=validate_args)


class Bernoulli(TwoOutcomes):
    """1 with probability probs, else 0.

    >>> Bernoulli(probs=1.0).sample((2,))
    tensor([1., 1.])
    """

    support = constraints.boolean
    has_enumerate_support = True

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        return where(self.probs == 0.5, math.nan, (self.probs > 0.5).to(self.probs.dtype))

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        logits, value = broadcast_all(self.logits, self._checked(value))
        return bernoulli_log_prob(logits, value)

    def entropy(self) -> Any:
        return -bernoulli_log_prob(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = arange(2, dtype=self._param.dtype, device=self._param.device)
        values = values.view(-1, *[1] * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class Geometric(TwoOutcomes):
    """How many failures there are before the first success: 0, 1, ...; probs > 0."""

    support = constraints.nonnegative_integer

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        super().__init__(probs, logits, validate_args)
        if self._validate_args and probs is not None:
            self._check(self.probs, constraints.positive, "Expected parameter probs")

    @property
    def mean(self) -> Any:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Any:
        return self.probs.detach() * 0

    @property
    def variance(self) -> Any:
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            u = uniform_noise(self.probs, self._extended_shape(sample_shape))
            return (u.clamp(min=finfo(u.dtype).tiny).log() / (-self.probs).log1p()).floor()

    def log_prob(self, value: Any) -> Any:
        value, probs = broadcast_all(self._checked(value), self.probs)
        certain = (probs == 1) & (value == 0)
        return value * (-where(certain, 0.0, probs)).log1p() + probs.log()

    def entropy(self) -> Any:
        return -bernoulli_log_prob(self.logits, self.probs) / self.probs


class ContinuousBernoulli(TwoOutcomes):
    """Density in proportion to probs ** x (1 - probs) ** (1 - x) in 0..1 (Loaiza-Ganem and Cunningham 2019).

    lims: between these probabilities, around 1/2, Taylor polynomials stand for formulas that divide 0 by 0.
    """

    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        self._lims = lims
        super().__init__(probs, logits, validate_args)
        if probs is None:
            self.probs = clamp_probs(logits_to_probs(self.logits, is_binary=True))
        else:
            self.probs = clamp_probs(self.probs)

    @property
    def _outside(self) -> Any:
        return (self.probs <= self._lims[0]) | (self.probs > self._lims[1])

    @property
    def _cut(self) -> Any:
        """probs, moved to the lower limit where a polynomial is used."""
        return where(self._outside, self.probs, self._lims[0])

    def log_norm(self) -> Any:
        """The logarithm of the constant in front of the density."""
        p, x = self._cut, (self.probs - 0.5).pow(2)
        exact = (((-p).log1p() - p.log()) / (1 - 2 * p)).log()
        return where(self._outside, exact, math.log(2) + (4 / 3 + 104 / 45 * x) * x)

    @property
    def mean(self) -> Any:
        p, x = self._cut, self.probs - 0.5
        exact = p / (2 * p - 1) + 1 / ((-p).log1p() - p.log())
        return where(self._outside, exact, 0.5 + (1 / 3 + 16 / 45 * x.pow(2)) * x)

    @property
    def variance(self) -> Any:
        p, x = self._cut, (self.probs - 0.5).pow(2)
        exact = p * (p - 1) / (1 - 2 * p).pow(2) + 1 / ((-p).log1p() - p.log()).pow(2)
        return where(self._outside, exact, 1 / 12 - (1 / 15 - 128 / 945 * x) * x)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(uniform_noise(self.probs, self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        value, probs = broadcast_all(self._checked(value), self.probs)
        return xlogy(value, probs) + xlog1py(1 - value, -probs) + self.log_norm()

    def cdf(self, value: Any) -> Any:
        p, value = self._cut, self._checked(value).clamp(min=0, max=1)
        exact = (p.pow(value) * (1 - p).pow(1 - value) + p - 1) / (2 * p - 1)
        return where(self._outside, exact, value)

    def icdf(self, value: Any) -> Any:
        p = self._cut
        exact = ((-p + value * (2 * p - 1)).log1p() - (-p).log1p()) / (p.log() - (-p).log1p())
        return where(self._outside, exact, value)

    def entropy(self) -> Any:
        log0, log1 = (-self.probs).log1p(), self.probs.log()
        return self.mean * (log0 - log1) - self.log_norm() - log0
