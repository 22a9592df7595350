"""What kind of classification an output is, and its checks; shared by accuracy, precision and recall."""

from __future__ import annotations

from typing import Any

from ..core.backend import library
from .arrays import pair, rows_by_class
from .metric import Metric


class ClassificationMetric(Metric):
    """Base of metrics of classes. The first batch settles the kind, and later batches must be of the same.

    binary: y_pred and y of one shape (N, ...) or (N, 1, ...), zeros and ones. multiclass: y_pred (N, C, ...) of scores,
    y (N, ...) of class numbers. multilabel (with is_multilabel): both (N, C, ...), zeros and ones.
    """

    def __init__(
        self, output_transform: Any = lambda output: output, is_multilabel: bool = False, device: Any = "cpu",
        skip_unrolling: bool = False,
    ) -> None:  # fmt: skip
        self._is_multilabel = is_multilabel
        super().__init__(output_transform, device=device, skip_unrolling=skip_unrolling)

    def reset(self) -> None:
        self._type: str | None = None
        self._num_classes: int | None = None

    def _take(self, output: Any) -> tuple[Any, Any]:
        """The arrays of an output, checked: ValueError and RuntimeError name the shapes."""
        y_pred, y = pair(output, self._name())
        if y.ndim > 1 and y.shape[1] == 1:
            y = y.squeeze(1)
        if y_pred.ndim > 1 and y_pred.shape[1] == 1:
            y_pred = y_pred.squeeze(1)
        self._check_shapes(y_pred.shape, y.shape)
        kind, classes = self._kind(y_pred, y)
        if self._type is None:
            self._type, self._num_classes = kind, classes
        elif self._type != kind:
            raise RuntimeError(f"{self._name()}: input data type has changed from {self._type} to {kind}.")
        elif self._num_classes != classes:
            raise ValueError(f"{self._name()}: input data number of classes has changed from {self._num_classes} to {classes}")
        return y_pred, y

    def _check_shapes(self, y_pred: tuple[int, ...], y: tuple[int, ...]) -> None:
        if len(y_pred) not in (len(y), len(y) + 1):
            raise ValueError(
                f"{self._name()}: y must have shape of (batch_size, ...) and y_pred must have shape of (batch_size, "
                f"num_categories, ...) or (batch_size, ...), but given {y} vs {y_pred}."
            )
        if y != (y_pred if len(y) == len(y_pred) else (y_pred[0], *y_pred[2:])):
            raise ValueError(f"{self._name()}: y and y_pred must have compatible shapes: y is {y}, y_pred is {y_pred}.")
        if self._is_multilabel and not (y == y_pred and len(y) > 1 and y[1] > 1):
            raise ValueError(
                f"{self._name()}: with is_multilabel y and y_pred must have same shape of (batch_size, num_categories, ...) "
                f"and num_categories > 1, but given {y} vs {y_pred}."
            )

    def _kind(self, y_pred: Any, y: Any) -> tuple[str, int]:
        if y_pred.ndim == y.ndim + 1:
            return "multiclass", y_pred.shape[1]
        for name, array in (("y", y), ("y_pred", y_pred)):
            if array.size and not bool(((array == 0) | (array == 1)).all()):
                raise ValueError(
                    f"{self._name()}: for binary cases, {name} must be comprised of 0's and 1's; round scores in an "
                    "output_transform"
                )
        return ("multilabel", y_pred.shape[1]) if self._is_multilabel else ("binary", 1)


def correct(kind: str, y_pred: Any, y: Any) -> Any:
    """For each example: was it predicted right?"""
    xp = library(y)
    if kind == "multiclass":
        return (xp.argmax(y_pred, axis=1) == y).reshape(-1)
    if kind == "binary":
        return (y_pred == y).reshape(-1)
    return xp.all(rows_by_class(y_pred) == rows_by_class(y), axis=-1)
