"""Metrics that need all examples at once."""

from __future__ import annotations

from typing import Any

from ..core.backend import library, to_numpy
from .exceptions import check_seen
from .metric import Metric


class KeepsExamples(Metric):
    """Base of metrics that keep every prediction and target, in their own types, until `compute`.

    `update` calls `_keep_examples(y_pred, y)`; `compute` is `_value` of all of them, float64 arrays on the CPU.
    """

    _state_dict_all_req_keys = ("_predictions", "_targets")

    def reset(self) -> None:
        self._predictions: list[Any] = []
        self._targets: list[Any] = []

    def _keep_examples(self, y_pred: Any, y: Any) -> None:
        """Keep copies: outputs may be written to before `compute`."""
        if y.size:
            self._predictions.append(self._keep(y_pred.copy()))
            self._targets.append(self._keep(y.copy()))

    def _examples(self) -> tuple[Any, Any]:
        """All predictions and targets; NotComputableError where there are none."""
        check_seen(self, len(self._predictions))
        return joined(self._predictions), joined(self._targets)


def joined(parts: list[Any]) -> Any:
    """Arrays on one device as one float64 array on the CPU."""
    return to_numpy(library(parts[0]).concatenate(parts)).astype("float64")
