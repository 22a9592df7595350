"""The largest error."""

from __future__ import annotations

from typing import Any

from ...core.backend import library
from ..exceptions import check_seen
from ..reduction import sync_all_reduce
from .base import RegressionMetric


class MaximumAbsoluteError(RegressionMetric):
    """max |y - y_pred|. See `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> error = MaximumAbsoluteError()
    >>> error.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 1.0])))
    >>> error.compute()
    2.0
    """

    _state_dict_all_req_keys = ("_max_of_absolute_errors",)

    def reset(self) -> None:
        self._max_of_absolute_errors: Any = None  # one dim of one number: Python's max of numbers may lose a nan

    def _update(self, y_pred: Any, y: Any) -> None:
        largest, old = self._keep(abs(y - y_pred).max(keepdims=True)), self._max_of_absolute_errors
        self._max_of_absolute_errors = largest if old is None else library(largest).maximum(largest, old)

    @sync_all_reduce("_max_of_absolute_errors:MAX")
    def compute(self) -> float:
        check_seen(self, self._max_of_absolute_errors is not None)
        return float(self._max_of_absolute_errors[0])
