"""What accuracies, losses and errors are: a sum over examples divided by their number."""

from __future__ import annotations

from typing import Any

from .exceptions import check_seen
from .metric import Metric


class MeanOverExamples(Metric):
    """Base of metrics that are a mean; `update` calls `_add(sum, number of examples)`."""

    _state_dict_all_req_keys: tuple[str, ...] = ("_sum", "_num_examples")

    def reset(self) -> None:
        self._sum: Any = 0.0
        self._num_examples = 0

    def _add(self, total: Any, examples: int) -> None:
        self._sum = self._sum + self._keep(total)
        self._num_examples += examples

    def compute(self) -> float:
        check_seen(self, self._num_examples)
        return float(self._sum) / self._num_examples
