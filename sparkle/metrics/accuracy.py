"""Accuracy."""

from __future__ import annotations

from typing import Any

from .arrays import number
from .classes import ClassificationMetric, correct
from .exceptions import NotComputableError


class Accuracy(ClassificationMetric):
    """correct / all examples, for binary, multiclass and (is_multilabel) multilabel outputs (y_pred, y).

    A multilabel example is correct when all its labels are. See `ClassificationMetric` for shapes.

    >>> import sparkle
    >>> accuracy = Accuracy()
    >>> accuracy.update((sparkle.tensor([[0.1, 0.9], [0.8, 0.2]]), sparkle.tensor([1, 1])))
    >>> accuracy.compute()
    0.5
    """

    _state_dict_all_req_keys = ("_num_correct", "_num_examples")

    def reset(self) -> None:
        super().reset()
        self._num_correct: Any = 0
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y = self._take(output)
        right = correct(str(self._type), y_pred, y)
        self._num_correct = self._num_correct + right.sum()
        self._num_examples += right.shape[0]

    def compute(self) -> float:
        if self._num_examples == 0:
            raise NotComputableError("Accuracy must have at least one example before it can be computed.")
        return number(self._num_correct) / self._num_examples

    def state_dict(self) -> dict[str, Any]:
        """The counts, as numbers."""
        return {"_num_correct": int(number(self._num_correct)), "_num_examples": self._num_examples}
