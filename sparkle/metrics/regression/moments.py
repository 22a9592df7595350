"""Metrics of variances and covariances, gathered in one pass without loss of digits."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy

from ...core.backend import library, to_numpy
from ..exceptions import check_seen
from ..metric import same
from ..moments import Moments, combined, moments_of
from ..quiet import quiet
from .base import RegressionMetric


class OfMoments(RegressionMetric):
    """Base of metrics of the means, variances and covariance of two columns."""

    _state_dict_all_req_keys = ("_moments",)

    def reset(self) -> None:
        self._moments: Moments | None = None

    def _update(self, y_pred: Any, y: Any) -> None:
        n, mean, products = moments_of(library(y).stack(self._columns(y_pred, y), axis=1))
        self._moments = combined(self._moments, (n, self._keep(mean), self._keep(products)))

    @abstractmethod
    def _columns(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        """The two columns, float64 arrays (N,)."""

    def _merged(self, key: str, held: Any, other: Any) -> Any:
        if other is None:
            return held
        n, mean, products = other
        with quiet():
            return combined(held, (n, self._keep(mean), self._keep(products)))

    def _gathered(self) -> Moments:
        """Everything so far, read back from the device; NotComputableError where that is nothing."""
        check_seen(self, self._moments is not None)
        n, mean, products = self._moments  # type: ignore[misc]
        return n, to_numpy(mean), to_numpy(products)


class PearsonCorrelation(OfMoments):
    """cov(y_pred, y) / max(std(y_pred) std(y), eps). See `RegressionMetric` for shapes and errors.

    eps: what keeps 0 / 0 at 0 where one of both is constant; where both are tiny, so that their standard deviations
    multiply to less, pass a smaller one. With eps=0 the correlation with a constant is nan.

    >>> import sparkle
    >>> correlation = PearsonCorrelation()
    >>> correlation.update((sparkle.tensor([0.0, 1.0, 2.0]), sparkle.tensor([1.0, 3.0, 2.0])))
    >>> round(correlation.compute(), 12)
    0.5
    """

    def __init__(
        self,
        eps: float = 1e-8,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self.eps = eps
        super().__init__(output_transform, device, skip_unrolling)

    def _columns(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        return y_pred, y

    def compute(self) -> float:
        n, _, products = self._gathered()
        spread = math.sqrt(products[0, 0]) * math.sqrt(products[1, 1])
        with quiet():
            return float(numpy.clip(products[0, 1] / numpy.maximum(spread, self.eps * n), -1.0, 1.0))


class OfErrorsAndTargets(OfMoments):
    """Base of metrics that compare the errors with the spread of the targets."""

    def _columns(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        return y - y_pred, y

    def _explained(self, squared_errors: float, n: int, spread: float) -> float:
        """1 - squared_errors / spread; of constant targets 1 without errors and 0 with; nan for one example."""
        if n < 2 or math.isnan(squared_errors):
            return math.nan
        if spread == 0:
            return float(squared_errors == 0)
        return float(1 - squared_errors / spread)


class R2Score(OfErrorsAndTargets):
    """1 - sum (y - y_pred)^2 / sum (y - mean y)^2, the coefficient of determination. See `RegressionMetric`.

    Where the targets are constant it is 1 without errors and 0 with; it is nan for a single example.

    >>> import sparkle
    >>> score = R2Score()
    >>> score.update((sparkle.tensor([1.0, 2.0, 4.0]), sparkle.tensor([1.0, 2.0, 3.0])))
    >>> score.compute()
    0.5
    """

    def compute(self) -> float:
        n, mean, products = self._gathered()
        return self._explained(products[0, 0] + n * mean[0] * mean[0], n, products[1, 1])


class ExplainedVariance(OfErrorsAndTargets):
    """1 - var(y - y_pred) / var(y): `R2Score`, with the mean error forgiven. See there.

    >>> import sparkle
    >>> score = ExplainedVariance()
    >>> score.update((sparkle.tensor([11.0, 12.0, 13.0]), sparkle.tensor([1.0, 2.0, 3.0])))
    >>> score.compute()
    1.0
    """

    def compute(self) -> float:
        n, _, products = self._gathered()
        return self._explained(products[0, 0], n, products[1, 1])
