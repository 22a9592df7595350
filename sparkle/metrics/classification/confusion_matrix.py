"""The confusion matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.tensor.base import wrap
from ..arrays import tensors
from ..exceptions import check_seen
from ..metric import Metric, same
from ..sharing import batch_of

EPS = 1e-15  # keeps 0 / 0 at 0
AVERAGES = ("samples", "recall", "precision")


class ConfusionMatrix(Metric):
    """How often each class (row) was taken for each class (column), an int64 tensor (C, C).

    num_classes: C. average: None for counts; "samples" divides by the number of examples, "recall" each row by its sum,
    "precision" each column, in float64. The output is y_pred (N, C, ...) of scores and y (N, ...) of class numbers;
    labels out of range are left out. Raises ValueError for other shapes.

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
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = True,
    ) -> None:
        if average is not None and average not in AVERAGES:
            raise ValueError(f"Argument average can be None or one of {AVERAGES}, got {average!r}")
        if num_classes <= 1:
            raise ValueError(f"Argument num_classes needs to be > 1, got {num_classes}")
        self.num_classes, self.average = num_classes, average
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self.confusion_matrix: Any = None  # made where the first outputs are
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y = tensors(output, self)
        self._check(y_pred.array.shape, y.array.shape)
        counts = self._keep(batch_of(y_pred, y).matrix(self.num_classes).reshape(self.num_classes, -1))
        held = self.confusion_matrix
        self.confusion_matrix = wrap(counts if held is None else held.array + counts)
        self._num_examples += y.array.shape[0]

    def _check(self, y_pred: tuple[int, ...], y: tuple[int, ...]) -> None:
        n = self.num_classes
        if len(y_pred) < 2 or len(y) + 1 != len(y_pred):
            raise ValueError(
                f"ConfusionMatrix: y_pred must have shape (batch_size, num_classes (currently set to {n}), ...) and y "
                f"must have shape of (batch_size, ...), but given {y} vs {y_pred}."
            )
        if y_pred[1] != n:
            raise ValueError(f"ConfusionMatrix: y_pred does not have correct number of classes: {y_pred[1]} vs {n}")
        if y != (y_pred[0], *y_pred[2:]):
            raise ValueError(f"ConfusionMatrix: y and y_pred must have compatible shapes, but given {y} vs {y_pred}.")

    def compute(self) -> Any:
        check_seen(self, self._num_examples)
        if self.average is None:
            return self.confusion_matrix
        if self.average == "samples":
            return wrap(self.confusion_matrix.array / self._num_examples)
        return self.normalize(self.confusion_matrix, self.average)

    @staticmethod
    def normalize(matrix: Any, average: str) -> Any:
        """A matrix of counts with each row ("recall") or column ("precision") divided by its sum; else ValueError.

        >>> import sparkle
        >>> ConfusionMatrix.normalize(sparkle.tensor([[3, 1], [0, 0]]), "recall")
        tensor([[0.7500, 0.2500],
                [0.0000, 0.0000]], dtype=sparkle.float64)
        """
        if average not in ("recall", "precision"):
            raise ValueError(f"Argument average should be one of 'recall', 'precision', got {average!r}")
        counts = matrix.array
        return wrap(counts / (counts.sum(axis=1 if average == "recall" else 0, keepdims=True) + EPS))
