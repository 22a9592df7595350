"""Errors that are means over examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ...core.backend import library
from ..metric import same
from ..quiet import quiet
from .base import MeanOfTerms, ratio


class MeanError(MeanOfTerms):
    """mean (y - y_pred). See `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> error = MeanError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 1.0])))
    >>> error.compute()
    0.5
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return y - y_pred


class FractionalBias(MeanOfTerms):
    """mean 2 (y - y_pred) / (y + y_pred), 0 where both are 0 (Botchkarev 2018). See `RegressionMetric`.

    >>> import sparkle
    >>> error = FractionalBias()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 2.0])))
    >>> error.compute()
    0.5
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return 2 * ratio(y - y_pred, y + y_pred)


class FractionalAbsoluteError(MeanOfTerms):
    """mean 2 |y - y_pred| / (|y| + |y_pred|), 0 where both are 0 (Botchkarev 2018). See `RegressionMetric`.

    >>> import sparkle
    >>> error = FractionalAbsoluteError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 2.0])))
    >>> error.compute()
    0.5
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return 2 * ratio(abs(y - y_pred), abs(y) + abs(y_pred))


class SymmetricMeanAbsolutePercentageError(FractionalAbsoluteError):
    """`FractionalAbsoluteError` in percent, 0 to 200; also under the name SMAPE (Armstrong 1985, Makridakis 1993).

    >>> import sparkle
    >>> error = SymmetricMeanAbsolutePercentageError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 2.0])))
    >>> error.compute()
    50.0
    """

    def compute(self) -> float:
        return 100.0 * super().compute()


class GeometricMeanAbsoluteError(MeanOfTerms):
    """exp(mean log |y - y_pred|); 0 where one prediction is exact. See `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> error = GeometricMeanAbsoluteError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([2.0, 6.0])))
    >>> round(error.compute(), 12)
    2.0
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return library(y).log(abs(y - y_pred))

    def compute(self) -> float:
        with quiet():
            return float(numpy.exp(super().compute()))


class QuantileLoss(MeanOfTerms):
    """mean max(q (y - y_pred), (q - 1) (y - y_pred)), the pinball loss (Koenker, Bassett 1978). See `RegressionMetric`.

    quantile: q, in [0, 1], else ValueError. Least where y_pred is the q-quantile of y; half the mean absolute error at
    0.5.

    >>> import sparkle
    >>> loss = QuantileLoss(quantile=0.9)
    >>> loss.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([2.0, 1.0])))
    >>> loss.compute()
    0.5
    """

    def __init__(
        self,
        quantile: float = 0.5,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if not 0 <= quantile <= 1:
            raise ValueError(f"Argument quantile should lie in [0, 1], got {quantile}")
        self._quantile = quantile
        super().__init__(output_transform, device, skip_unrolling)

    def _terms(self, y_pred: Any, y: Any) -> Any:
        errors = y - y_pred
        return library(y).maximum(self._quantile * errors, (self._quantile - 1) * errors)


SMAPE = SymmetricMeanAbsolutePercentageError
