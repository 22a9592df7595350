"""Distances between all predictions and all targets, taken as two vectors."""

from __future__ import annotations

from typing import Any

from ...core.backend import library
from ..exceptions import check_seen
from .base import MeanOfTerms, ratio


class SumOfTerms(MeanOfTerms):
    """Base of metrics that are a sum of a term for each example."""

    def compute(self) -> float:
        check_seen(self, self._num_examples)
        return float(self._sum)


class ManhattanDistance(SumOfTerms):
    """sum |y - y_pred|. See `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> distance = ManhattanDistance()
    >>> distance.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 1.0])))
    >>> distance.compute()
    3.0
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return abs(y - y_pred)


class CanberraMetric(SumOfTerms):
    """sum |y - y_pred| / (|y| + |y_pred|), 0 where both are 0 (Lance, Williams 1967). See `RegressionMetric`.

    >>> import sparkle
    >>> distance = CanberraMetric()
    >>> distance.update((sparkle.tensor([1.0, 0.0]), sparkle.tensor([3.0, 0.0])))
    >>> distance.compute()
    0.5
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return ratio(abs(y - y_pred), abs(y) + abs(y_pred))


class WaveHedgesDistance(SumOfTerms):
    """sum |y - y_pred| / max(y, y_pred), 0 where both are equal (Botchkarev 2018). See `RegressionMetric`.

    >>> import sparkle
    >>> distance = WaveHedgesDistance()
    >>> distance.update((sparkle.tensor([1.0, 4.0]), sparkle.tensor([2.0, 4.0])))
    >>> distance.compute()
    0.5
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return ratio(abs(y - y_pred), library(y).maximum(y, y_pred))
