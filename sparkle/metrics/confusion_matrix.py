"""The confusion matrix."""

from __future__ import annotations

from typing import Any

from ..core.backend import library
from ..core.tensor.base import wrap
from .arrays import pair
from .exceptions import NotComputableError
from .metric import Metric, same

EPS = 1e-15


class ConfusionMatrix(Metric):
    """How often each class (row) was taken for each class (column), an int64 tensor (C, C).

    num_classes: C. average: None for counts; "samples" divides by the number of examples, "recall" each row by its sum,
    "precision" each column. The output is y_pred (N, C, ...) of scores and y (N, ...) of class numbers; labels out of
    range are left out.

    >>> import sparkle
    >>> matrix = ConfusionMatrix(num_classes=2)
    >>> matrix.update((sparkle.tensor([[0.1, 0.9], [0.8, 0.2]]), sparkle.tensor([1, 1])))
    >>> matrix.compute()
    tensor([[0, 0],
            [1, 1]])
    """

    _state_dict_all_req_keys = ("confusion_matrix", "_num_examples")

    def __init__(
        self,
        num_classes: int,
        average: str | None = None,
        output_transform: Any = same,
        device: Any = "cpu",
        skip_unrolling: bool = False,
    ) -> None:
        if average not in (None, "samples", "recall", "precision"):
            raise ValueError(f"Argument average can be None or one of ['samples', 'recall', 'precision'], got {average!r}")
        if num_classes <= 1:
            raise ValueError(f"Argument num_classes needs to be > 1, got {num_classes}")
        self.num_classes, self.average = num_classes, average
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self.confusion_matrix: Any = None
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, "ConfusionMatrix")
        self._check(y_pred.shape, y.shape)
        xp = library(y)
        predicted = xp.argmax(y_pred, axis=1).reshape(-1)
        true = y.reshape(-1)
        n = self.num_classes
        known = (true >= 0) & (true < n)
        cells = true[known] * n + predicted[known]
        counts = xp.bincount(cells, minlength=n * n).reshape(n, n)
        self.confusion_matrix = counts if self.confusion_matrix is None else self.confusion_matrix + counts
        self._num_examples += y.shape[0]

    def _check(self, y_pred: tuple[int, ...], y: tuple[int, ...]) -> None:
        if len(y_pred) < 2:
            raise ValueError(f"ConfusionMatrix: y_pred must have shape (batch_size, num_classes, ...), but given {y_pred}")
        if y_pred[1] != self.num_classes:
            raise ValueError(
                f"ConfusionMatrix: y_pred does not have correct number of classes: {y_pred[1]} vs {self.num_classes}"
            )
        if len(y) + 1 != len(y_pred):
            raise ValueError(
                "ConfusionMatrix: y_pred must have shape (batch_size, num_classes, ...) and y must have shape of (batch_size, "
                f"...), but given {y_pred} vs {y}."
            )
        if y != (y_pred[0], *y_pred[2:]):
            raise ValueError(f"ConfusionMatrix: y and y_pred must have compatible shapes, but given {y} vs {y_pred}.")

    def compute(self) -> Any:
        if self._num_examples == 0:
            raise NotComputableError("Confusion matrix must have at least one example before it can be computed.")
        matrix = self.confusion_matrix
        if self.average is None:
            return wrap(matrix.astype("int64"))
        if self.average == "samples":
            return wrap(matrix / self._num_examples)
        axis = 1 if self.average == "recall" else 0
        return wrap(matrix / (matrix.sum(axis=axis, keepdims=True) + EPS))
