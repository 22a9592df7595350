"""Mixtures of components of one kind."""

from __future__ import annotations

from typing import Any, ClassVar

from ...tensor.size import Size
from ...tensor.switches import no_grad
from .. import constraints
from ..discrete.categorical import Categorical
from ..distribution import Distribution


class MixtureSameFamily(Distribution):
    """Samples of component_distribution, whose last batch dimension numbers the K components.

    mixture_distribution is a `Categorical` of K categories that chooses one; ValueError where the two do not fit.
    """

    arg_constraints: ClassVar[Any] = {}

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        _check_pair(mixture_distribution, component_distribution)
        self._mixture_distribution, self._component_distribution = mixture_distribution, component_distribution
        self._event_ndims = len(component_distribution.event_shape)
        batch_shape = component_distribution.batch_shape[:-1]
        super().__init__(batch_shape, component_distribution.event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        k = self._component_distribution.batch_shape[-1]
        mixture = self._mixture_distribution.expand(batch_shape)
        return type(self)(mixture, self._component_distribution.expand((*batch_shape, k)), self._validate_args)

    @constraints.dependent_property
    def support(self) -> Any:
        """The components'."""
        return constraints.MixtureSameFamilyConstraint(self._component_distribution.support)

    @property
    def mixture_distribution(self) -> Categorical:
        """What chooses a component."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Distribution:
        """The components."""
        return self._component_distribution

    def _average(self, values: Any) -> Any:
        """The mean over components, weighted by their probabilities, of values of shape (..., K, event)."""
        probs = self._mixture_distribution.probs
        return (probs.reshape(*probs.shape, *[1] * self._event_ndims) * values).sum(-1 - self._event_ndims)

    def _pad(self, value: Any) -> Any:
        return value.unsqueeze(-1 - self._event_ndims)

    @property
    def mean(self) -> Any:
        return self._average(self._component_distribution.mean)

    @property
    def variance(self) -> Any:
        between = (self._component_distribution.mean - self._pad(self.mean)).pow(2)
        return self._average(self._component_distribution.variance) + self._average(between)

    def cdf(self, value: Any) -> Any:
        each = self._component_distribution.cdf(self._pad(value))
        return (each * self._mixture_distribution.probs).sum(-1)

    def log_prob(self, value: Any) -> Any:
        each = self._component_distribution.log_prob(self._pad(self._checked(value)))
        return (each + self._mixture_distribution.logits.log_softmax(-1)).logsumexp(-1)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            dim = len(Size(sample_shape)) + len(self._batch_shape)
            each = self._component_distribution.sample(sample_shape)
            chosen = self._mixture_distribution.expand(self._batch_shape).sample(sample_shape)
            index = chosen.reshape(*chosen.shape, *[1] * (self._event_ndims + 1))
            return each.gather(dim, index.expand(*chosen.shape, 1, *self._event_shape)).squeeze(dim)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"


def _check_pair(mixture: Any, component: Any) -> None:
    if not isinstance(mixture, Categorical):
        raise ValueError(f"MixtureSameFamily: the mixture must be a Categorical, met {type(mixture).__name__}")
    if not isinstance(component, Distribution):
        raise ValueError(f"MixtureSameFamily: the component must be a Distribution, met {type(component).__name__}")
    k, shape = mixture.param_shape[-1], component.batch_shape
    if not shape or shape[-1] != k:
        raise ValueError(
            f"MixtureSameFamily: the component's batch_shape {tuple(shape)} must end with the number of categories, {k}"
        )
    for i, j in zip(reversed(mixture.batch_shape), reversed(shape[:-1]), strict=False):
        if i not in (1, j) and j != 1:
            raise ValueError(
                f"MixtureSameFamily: the mixture's batch_shape {tuple(mixture.batch_shape)} is not compatible with the "
                f"component's {tuple(shape)}"
            )
