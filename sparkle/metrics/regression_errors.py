"""Errors of predicted numbers."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

from ..core.backend import library
from .arrays import pair
from .mean import MeanOverExamples


class MeanOfErrors(MeanOverExamples):
    """The errors, summed over all elements, divided by the number of examples; y_pred and y are (N, ...).

    Computed in float64, whatever the types of both. Raises RuntimeError where they do not have as many elements.
    """

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        if y_pred.size != y.size:
            raise RuntimeError(
                f"{type(self).__name__}: y_pred is {y_pred.shape}, y is {y.shape}: they must hold as many elements"
            )
        xp = library(y)
        errors = xp.subtract(y_pred, y.reshape(y_pred.shape), dtype=xp.float64)
        self._add(self._sum_of(errors.reshape(-1)), y.shape[0] if y.ndim else 1)

    @abstractmethod
    def _sum_of(self, errors: Any) -> Any:
        """What is summed of the differences (N,)."""


class MeanSquaredError(MeanOfErrors):
    """sum (y_pred - y)^2 / number of examples. See `MeanOfErrors` for shapes.

    >>> import sparkle
    >>> error = MeanSquaredError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([1.0, 4.0])))
    >>> error.compute()
    2.0
    """

    def _sum_of(self, errors: Any) -> Any:
        return errors @ errors


class RootMeanSquaredError(MeanSquaredError):
    """The square root of `MeanSquaredError`."""

    def compute(self) -> float:
        return math.sqrt(super().compute())


class MeanAbsoluteError(MeanOfErrors):
    """sum |y_pred - y| / number of examples. See `MeanOfErrors` for shapes."""

    def _sum_of(self, errors: Any) -> Any:
        return abs(errors).sum()
