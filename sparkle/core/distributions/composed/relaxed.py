"""Continuous stand-ins for discrete variables, at a temperature (Maddison and others, Jang and others 2017)."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.base import TensorBase
from .. import constraints
from ..discrete.bernoulli import TwoOutcomes
from ..discrete.categorical import OfCategories
from ..parameters import broadcast_all, clamp_probs, exponential_noise, log_sigmoid, uniform_noise
from .transformed import TransformedDistribution
from .transforms import ExpTransform, SigmoidTransform


def _as_tensor(temperature: Any, like: Any) -> Any:
    return temperature if isinstance(temperature, TensorBase) else like.new_tensor(temperature)


class LogitRelaxedBernoulli(TwoOutcomes):
    """The log odds of a relaxed Bernoulli variable."""

    support = constraints.real
    has_rsample = True

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, validate_args)
        self.temperature = _as_tensor(temperature, self._param)

    def rsample(self, sample_shape: Any = ()) -> Any:
        u = clamp_probs(uniform_noise(self._param, self._extended_shape(sample_shape)))
        return (u.log() - (-u).log1p() + self.logits) / self.temperature

    def log_prob(self, value: Any) -> Any:
        logits, value = broadcast_all(self.logits, self._checked(value))
        rest = logits - value * self.temperature
        return self.temperature.log() + rest + 2 * log_sigmoid(-rest)


class RelaxedBernoulli(TransformedDistribution):
    """A variable in 0..1 that approaches a Bernoulli variable as the temperature goes to 0."""

    arg_constraints: ClassVar[Any] = TwoOutcomes.arg_constraints
    support = constraints.unit_interval
    base_dist: Any

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        """How far it is from a Bernoulli variable."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Any:
        """Log odds of 1."""
        return self.base_dist.logits

    @property
    def probs(self) -> Any:
        """Probability of 1."""
        return self.base_dist.probs


class ExpRelaxedCategorical(OfCategories):
    """The logarithm of a relaxed one-hot vector."""

    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._take_categories(probs, logits, validate_args)
        self.temperature = _as_tensor(temperature, self._categorical._param)

    def rsample(self, sample_shape: Any = ()) -> Any:
        gumbels = -exponential_noise(self.logits, self._extended_shape(sample_shape)).log()
        return ((self.logits + gumbels) / self.temperature).log_softmax(-1)

    def log_prob(self, value: Any) -> Any:
        k = self._event_shape[0]
        logits, value = broadcast_all(self.logits, self._checked(value))
        score = (logits - value * self.temperature).log_softmax(-1).sum(-1)
        return score + math.lgamma(k) + self.temperature.log() * (k - 1)


class RelaxedOneHotCategorical(TransformedDistribution):
    """A vector on the simplex that approaches a one-hot vector as the temperature goes to 0."""

    arg_constraints: ClassVar[Any] = OfCategories.arg_constraints
    support = constraints.simplex
    base_dist: Any

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        """How far it is from a one-hot vector."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Any:
        """Logarithms of the probabilities."""
        return self.base_dist.logits

    @property
    def probs(self) -> Any:
        """Probabilities of the categories."""
        return self.base_dist.probs
