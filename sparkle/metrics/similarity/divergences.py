"""Divergences between predicted and true distributions."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ...core.backend import library
from ..arrays import pair
from ..mean import MeanOverExamples
from ..quiet import quiet
from .softmax import probabilities, scores_by_class, weighted


class Divergence(MeanOverExamples):
    """Base of the mean over examples of a divergence, in nats, of p = softmax(y_pred) and q = softmax(y).

    y_pred and y are logits (B, C) or (B, C, ...). Raises ValueError for others, and where their shapes differ. nan
    makes the value nan.
    """

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        if y_pred.shape != y.shape:
            raise ValueError(
                f"{type(self).__name__}: y_pred and y must be in the same shape, got {y_pred.shape} != {y.shape}."
            )
        y_pred, y = scores_by_class(y_pred, self), scores_by_class(y, self)
        with quiet():
            self._add(self._divergence(*probabilities(y_pred), *probabilities(y)), len(y))

    @abstractmethod
    def _divergence(self, p: Any, log_p: Any, q: Any, log_q: Any) -> Any:
        """The divergences summed over all examples."""


class KLDivergence(Divergence):
    """The divergence of Kullback and Leibler from prediction to truth, sum q log(q / p). See `Divergence` for shapes.

    inf where something true has the predicted probability 0.

    >>> import sparkle
    >>> divergence = KLDivergence()
    >>> divergence.update((sparkle.tensor([[0.0, 0.0]]), sparkle.tensor([[2.0, 2.0]])))
    >>> divergence.compute()
    0.0
    """

    def _divergence(self, p: Any, log_p: Any, q: Any, log_q: Any) -> Any:
        return _relative(q, log_q, log_p)


class JSDivergence(Divergence):
    """The divergence of Jensen and Shannon, the mean of sum p log(p / m) and sum q log(q / m), m = (p + q) / 2.

    Between 0 and log 2. See `Divergence` for shapes.

    >>> import sparkle
    >>> divergence = JSDivergence()
    >>> divergence.update((sparkle.tensor([[100.0, 0.0]]), sparkle.tensor([[0.0, 100.0]])))
    >>> round(divergence.compute(), 4)
    0.6931
    """

    def _divergence(self, p: Any, log_p: Any, q: Any, log_q: Any) -> Any:
        xp = library(p)
        m = (p + q) / 2
        log_m = xp.log(xp.where(m == 0, 1.0, m))
        return (_relative(p, log_p, log_m) + _relative(q, log_q, log_m)) / 2


def _relative(q: Any, log_q: Any, log_p: Any) -> Any:
    """sum q (log q - log p)."""
    xp = library(q)
    none = q == 0
    return weighted(q, xp.where(none, 0.0, log_q) - xp.where(none, 0.0, log_p)).sum()
