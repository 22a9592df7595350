"""The confusion matrices of labels that do not exclude each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.backend import library
from ...core.tensor.base import wrap
from ..arrays import tensors
from ..exceptions import check_seen
from ..metric import Metric, same
from ..sharing import batch_of


class MultiLabelConfusionMatrix(Metric):
    """For each class the counts [[true negatives, false positives], [false negatives, true positives]], (C, 2, 2).

    num_classes: C. normalized: divide each class's counts by their sum, in float64. The output is (y_pred, y), both
    integers (N, C, ...), zeros and ones. Raises ValueError for other shapes, types and values.

    >>> import sparkle
    >>> matrix = MultiLabelConfusionMatrix(num_classes=2)
    >>> matrix.update((sparkle.tensor([[1, 0], [1, 1]]), sparkle.tensor([[1, 0], [0, 1]])))
    >>> matrix.compute().tolist()
    [[[0, 1], [0, 1]], [[1, 0], [0, 1]]]
    """

    _state_dict_all_req_keys = ("confusion_matrix", "_num_examples")

    def __init__(
        self,
        num_classes: int,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        normalized: bool = False,
        skip_unrolling: bool = False,
    ) -> None:
        if num_classes <= 1:
            raise ValueError(f"Argument num_classes needs to be > 1, got {num_classes}")
        self.num_classes, self.normalized = num_classes, normalized
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self.confusion_matrix: Any = None
        self._num_examples = 0
        self._doubts = None

    def update(self, output: Any) -> None:
        y_pred, y = tensors(output, self)
        self._check(y_pred.array, y.array)
        hits, predicted, true = batch_of(y_pred, y).counts_of_marks(0)
        rest = y.array.size // self.num_classes - predicted - true + hits
        counts = library(hits).stack([rest, predicted - hits, true - hits, hits], axis=1).reshape(-1, 2, 2)
        counts = wrap(self._keep(counts))
        self.confusion_matrix = counts if self.confusion_matrix is None else self.confusion_matrix + counts
        self._num_examples += y.array.shape[0]

    def _check(self, y_pred: Any, y: Any) -> None:
        wanted = f"(batch_size, num_classes (currently set to {self.num_classes}), ...)"
        for name, array in (("y_pred", y_pred), ("y", y)):
            if array.ndim < 2:
                raise ValueError(f"MultiLabelConfusionMatrix: {name} must at least have shape {wanted}")
            if array.shape[1] != self.num_classes:
                raise ValueError(
                    f"MultiLabelConfusionMatrix: {name} does not have correct number of classes: {array.shape[1]} vs "
                    f"{self.num_classes}"
                )
            if array.dtype.kind not in "iu":
                raise ValueError(f"MultiLabelConfusionMatrix: {name} must be of an integer type, got {array.dtype}")
        if y.shape != y_pred.shape:
            raise ValueError(
                f"MultiLabelConfusionMatrix: y and y_pred shapes must match, got {y.shape} vs {y_pred.shape}."
            )
        for name, array in (("y_pred", y_pred), ("y", y)):
            self._demand(((array == 0) | (array == 1)).all(), f"{name} must be a binary tensor, of zeros and ones")

    def compute(self) -> Any:
        check_seen(self, self._num_examples)
        if not self.normalized:
            return self.confusion_matrix
        counts = self.confusion_matrix.array
        return wrap(counts / counts.sum(axis=(1, 2), keepdims=True))
