"""Means of errors that are divided by the targets, which must not be zero."""

from __future__ import annotations

from typing import Any

import numpy

from ...core.backend import library
from ..exceptions import NotComputableError
from .base import MeanOfTerms


class RelativeToTargets(MeanOfTerms):
    """Base of means over examples of errors divided by targets; NotComputableError where one of these is 0.

    It is raised by `update`, with nothing changed; for targets on a GPU by `compute`: to look would wait for it.
    """

    _state_dict_all_req_keys = ("_sum", "_num_examples", "_zeros")

    def reset(self) -> None:
        super().reset()
        self._zeros: Any = 0

    def _update(self, y_pred: Any, y: Any) -> None:
        zeros = (y == 0).sum()
        if library(y) is numpy:
            self._check_zeros(zeros)
        self._zeros = self._zeros + self._keep(zeros)
        super()._update(y_pred, y)

    def _check_zeros(self, zeros: Any) -> None:
        if zeros:
            raise NotComputableError(f"{type(self).__name__}: The ground truth has 0, by which errors are divided")

    def compute(self) -> float:
        self._check_zeros(self._zeros)
        return super().compute()


class MeanAbsoluteRelativeError(RelativeToTargets):
    """mean |y - y_pred| / |y|. See `RegressionMetric` for shapes; NotComputableError where a target is 0.

    >>> import sparkle
    >>> error = MeanAbsoluteRelativeError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([2.0, 2.0])))
    >>> error.compute()
    0.25
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return abs(y - y_pred) / abs(y)


class MeanAbsolutePercentageError(MeanAbsoluteRelativeError):
    """`MeanAbsoluteRelativeError` in percent; also under the name MAPE.

    >>> import sparkle
    >>> error = MeanAbsolutePercentageError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([2.0, 2.0])))
    >>> error.compute()
    25.0
    """

    def compute(self) -> float:
        return 100.0 * super().compute()


class MeanNormalizedBias(RelativeToTargets):
    """mean (y - y_pred) / y. See `RegressionMetric` for shapes; NotComputableError where a target is 0.

    >>> import sparkle
    >>> error = MeanNormalizedBias()
    >>> error.update((sparkle.tensor([1.0, 4.0]), sparkle.tensor([2.0, 2.0])))
    >>> error.compute()
    -0.25
    """

    def _terms(self, y_pred: Any, y: Any) -> Any:
        return (y - y_pred) / y


MAPE = MeanAbsolutePercentageError
