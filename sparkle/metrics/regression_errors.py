"""Errors of predicted numbers."""

from __future__ import annotations

import math
from typing import Any

from ..core.backend import library
from .arrays import double_sum, number, pair
from .exceptions import NotComputableError
from .metric import Metric


class _MeanOfErrors(Metric):
    """The mean over examples of the summed errors; y_pred and y are (N, ...) of one shape."""

    _state_dict_all_req_keys = ("_sum", "_num_examples")

    def reset(self) -> None:
        self._sum: Any = 0.0
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self._name())
        if y_pred.shape != y.shape and y_pred.size != y.size:
            raise ValueError(f"{self._name()}: y_pred is {tuple(y_pred.shape)}, y is {tuple(y.shape)}: they must hold as many values")
        difference = y_pred - y.reshape(y_pred.shape)
        self._sum = self._sum + double_sum(self._errors(difference))
        self._num_examples += y.shape[0] if y.ndim else 1

    def _errors(self, difference: Any) -> Any:
        raise NotImplementedError(f"{self._name()}._errors")

    def compute(self) -> float:
        if self._num_examples == 0:
            raise NotComputableError(f"{self._name()} must have at least one example before it can be computed.")
        return number(self._sum) / self._num_examples


class MeanSquaredError(_MeanOfErrors):
    """sum (y_pred - y)^2 / number of examples

    >>> import sparkle
    >>> error = MeanSquaredError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([1.0, 4.0])))
    >>> error.compute()
    2.0
    """

    def _errors(self, difference: Any) -> Any:
        return difference * difference


class RootMeanSquaredError(MeanSquaredError):
    """The square root of `MeanSquaredError`."""

    def compute(self) -> float:
        return math.sqrt(super().compute())


class MeanAbsoluteError(_MeanOfErrors):
    """sum |y_pred - y| / number of examples"""

    def _errors(self, difference: Any) -> Any:
        return library(difference).abs(difference)
