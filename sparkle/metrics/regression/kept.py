"""Errors that need all examples: medians, and errors relative to those of the mean target."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy

from ..arrays import pair
from ..kept import KeepsExamples
from ..metric import same
from ..quiet import quiet
from .base import RegressionMetric, ratio


class MedianOfErrors(KeepsExamples):
    """Base of medians over all elements; y_pred and y are (N,) or (N, D), with as many elements.

    The median of an even number is the mean of the middle two. Keeps all examples. Raises ValueError for other shapes.
    """

    def __init__(self, output_transform: Callable[[Any], Any] = same, device: Any = None) -> None:
        super().__init__(output_transform, device)

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        if y_pred.ndim not in (1, 2) or y.ndim not in (1, 2) or y_pred.size != y.size:
            raise ValueError(
                f"{type(self).__name__}: y_pred and y should be of shape (batch_size, n_targets) or (batch_size,), "
                f"with as many elements, but given {y_pred.shape} and {y.shape}"
            )
        self._keep_examples(y_pred.reshape(-1), y.reshape(-1))

    def compute(self) -> float:
        y_pred, y = self._examples()
        with quiet():
            return float(numpy.median(self._errors(y_pred, y)))

    @abstractmethod
    def _errors(self, y_pred: Any, y: Any) -> Any:
        """What the median is taken of."""


class MedianAbsoluteError(MedianOfErrors):
    """median |y - y_pred|. See `MedianOfErrors` for shapes and errors.

    >>> import sparkle
    >>> error = MedianAbsoluteError()
    >>> error.update((sparkle.tensor([1.0, 2.0, 3.0]), sparkle.tensor([1.0, 4.0, 9.0])))
    >>> error.compute()
    2.0
    """

    def _errors(self, y_pred: Any, y: Any) -> Any:
        return abs(y - y_pred)


class MedianAbsolutePercentageError(MedianOfErrors):
    """100 median |y - y_pred| / |y|, 0 / 0 as 0. See `MedianOfErrors` for shapes and errors.

    >>> import sparkle
    >>> error = MedianAbsolutePercentageError()
    >>> error.update((sparkle.tensor([1.0, 2.0, 3.0]), sparkle.tensor([1.0, 4.0, 9.0])))
    >>> error.compute()
    50.0
    """

    def _errors(self, y_pred: Any, y: Any) -> Any:
        return 100.0 * ratio(abs(y - y_pred), abs(y))


class MedianRelativeAbsoluteError(MedianOfErrors):
    """median |y - y_pred| / |y - mean y|, 0 / 0 as 0. See `MedianOfErrors` for shapes and errors.

    >>> import sparkle
    >>> error = MedianRelativeAbsoluteError()
    >>> error.update((sparkle.tensor([1.0, 2.0, 3.0]), sparkle.tensor([0.0, 4.0, 8.0])))
    >>> error.compute()
    1.25
    """

    def _errors(self, y_pred: Any, y: Any) -> Any:
        return ratio(abs(y - y_pred), abs(y - mean_of(y)))


class GeometricMeanRelativeAbsoluteError(RegressionMetric, KeepsExamples):
    """exp(mean log(|y - y_pred| / |y - mean y|)); keeps all examples. See `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> error = GeometricMeanRelativeAbsoluteError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([0.0, 4.0])))
    >>> round(error.compute(), 6)
    0.707107
    """

    def _update(self, y_pred: Any, y: Any) -> None:
        self._keep_examples(y_pred, y)

    def compute(self) -> float:
        y_pred, y = self._examples()
        with quiet():
            logs = numpy.log(abs(y - y_pred)) - numpy.log(abs(y - mean_of(y)))
            return float(numpy.exp(logs.mean()))


def mean_of(y: Any) -> Any:
    """The mean, exactly y where all are equal."""
    return y[0] + (y - y[0]).mean()
