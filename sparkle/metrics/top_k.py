"""Top-k accuracy."""

from __future__ import annotations

from typing import Any

from ..core.backend import library
from .arrays import number, pair
from .exceptions import NotComputableError
from .metric import Metric, same


class TopKCategoricalAccuracy(Metric):
    """How often the true class is among the k with the highest scores; y_pred (N, C), y (N,).

    >>> import sparkle
    >>> top2 = TopKCategoricalAccuracy(k=2)
    >>> top2.update((sparkle.tensor([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), sparkle.tensor([1, 2])))
    >>> top2.compute()
    0.5
    """

    _state_dict_all_req_keys = ("_num_correct", "_num_examples")

    def __init__(self, k: int = 5, output_transform: Any = same, device: Any = "cpu", skip_unrolling: bool = False) -> None:
        self._k = k
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._num_correct: Any = 0
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, "TopKCategoricalAccuracy")
        if y_pred.ndim != 2 or y.shape != y_pred.shape[:1] or y_pred.shape[1] < self._k:
            raise ValueError(
                f"TopKCategoricalAccuracy: wanted y_pred (N, C) with C >= k = {self._k} and y (N,), met {tuple(y_pred.shape)} "
                f"and {tuple(y.shape)}"
            )
        xp = library(y)
        best = xp.argpartition(-y_pred, self._k - 1, axis=1)[:, : self._k]
        self._num_correct = self._num_correct + (best == y[:, None]).any(axis=1).sum()
        self._num_examples += y.shape[0]

    def compute(self) -> float:
        if self._num_examples == 0:
            raise NotComputableError("TopKCategoricalAccuracy must have at least one example before it can be computed.")
        return number(self._num_correct) / self._num_examples
