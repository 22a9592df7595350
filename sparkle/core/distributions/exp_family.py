"""Exponential families: entropy and divergence from the log normaliser alone."""

from __future__ import annotations

from typing import Any

from ..tensor.differentiation.gradients import grad
from .distribution import Distribution
from .kl.registry import register_kl
from .parameters import sum_rightmost


class ExponentialFamily(Distribution):
    """A base for families of density h(x) exp(<t(x), eta> - A(eta)) that are defined by A (Nielsen and Nock 2010).

    Subclasses give `_natural_params` (a tuple of tensors eta), `_log_normalizer(*eta)` and `_mean_carrier_measure` (the
    mean of log h(x)); `entropy` and `kl_divergence` between two of one class follow from them.
    """

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        raise NotImplementedError(f"{type(self).__name__} does not define _natural_params")

    def _log_normalizer(self, *natural_params: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define _log_normalizer")

    @property
    def _mean_carrier_measure(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define _mean_carrier_measure")

    def _normalizer_and_means(self) -> tuple[tuple[Any, ...], Any, tuple[Any, ...]]:
        """eta, A(eta) and the means of t(x), which are A's gradient."""
        natural = tuple(p.detach().requires_grad_() for p in self._natural_params)
        normalizer = self._log_normalizer(*natural)
        return natural, normalizer, grad(normalizer.sum(), natural, create_graph=True)

    def entropy(self) -> Any:
        natural, normalizer, means = self._normalizer_and_means()
        total = normalizer - self._mean_carrier_measure
        for p, mean in zip(natural, means, strict=True):
            total = total - sum_rightmost(p * mean, p.dim() - len(self._batch_shape))
        return total


@register_kl(ExponentialFamily, ExponentialFamily)
def _exponential_family(p: Any, q: Any) -> Any:
    if type(p) is not type(q):
        raise NotImplementedError(
            f"KL between the exponential families {type(p).__name__} and {type(q).__name__} does not follow from their "
            "log normalisers"
        )
    natural, normalizer, means = p._normalizer_and_means()
    total = q._log_normalizer(*q._natural_params) - normalizer
    for a, b, mean in zip(natural, q._natural_params, means, strict=True):
        total = total - sum_rightmost((b - a) * mean, len(q.event_shape))
    return total
