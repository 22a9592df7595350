"""What kind of classification an output is, and its checks; shared by accuracy, precision and recall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..arrays import tensors
from ..metric import Metric, same
from ..sharing import Batch, batch_of


class ClassificationMetric(Metric):
    """Base of metrics of classes. The first batch settles the kind, and later batches must be of the same.

    binary: y_pred and y of one shape (N, ...), or y_pred (N, 1, ...), zeros and ones. multiclass: y_pred (N, C, ...) of
    scores, y (N, ...) of class numbers. multilabel (with is_multilabel): both (N, C, ...), zeros and ones.

    Raises ValueError for other shapes and values, and for another number of classes than before; RuntimeError for
    another kind than before. Values that are on a GPU are looked at by `compute` only.
    """

    _not_compared: tuple[str, ...] = ("_type", "_num_classes")

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        is_multilabel: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self._is_multilabel = is_multilabel
        super().__init__(output_transform, device=device, skip_unrolling=skip_unrolling)

    def reset(self) -> None:
        self._type: str | None = None
        self._num_classes: int | None = None
        self._doubts = None

    def _take(self, output: Any) -> Batch:
        """The batch of an output, checked."""
        batch = batch_of(*tensors(output, self))
        found = batch.kinds.get(self._is_multilabel)
        if found is None:
            found = batch.kinds[self._is_multilabel] = self._checked_kind(batch.y_pred, batch.y)
        kind, classes = found
        if self._type is None:
            self._set_kind(kind, classes)
        elif self._type != kind:
            raise RuntimeError(f"{type(self).__name__}: Input data type has changed from {self._type} to {kind}.")
        elif self._num_classes != classes:
            raise ValueError(
                f"{type(self).__name__}: Input data number of classes has changed from {self._num_classes} to {classes}"
            )
        return batch

    def _checked_kind(self, y_pred: Any, y: Any) -> tuple[str, int]:
        self._check_shapes(y_pred.shape, y.shape)
        kind, classes = self._kind(y_pred, y)
        if kind != "multiclass":
            self._check_zeros_and_ones(y_pred=y_pred, y=y)
        return kind, classes

    def _planned_merge(self, other: Any) -> Iterator[Callable[[], None]]:
        yield from super()._planned_merge(other)
        ours, theirs = (self._type, self._num_classes), (other._type, other._num_classes)
        if None not in (self._type, other._type) and ours != theirs:
            raise ValueError(f"{type(self).__name__}.merge: (kind, classes) are {ours} here and {theirs} in the other")
        yield partial(self._set_kind, *(theirs if self._type is None else ours))

    def _set_kind(self, kind: str | None, classes: int | None) -> None:
        self._type, self._num_classes = kind, classes

    def _check_shapes(self, y_pred: tuple[int, ...], y: tuple[int, ...]) -> None:
        name = type(self).__name__
        if len(y_pred) not in (len(y), len(y) + 1):
            raise ValueError(
                f"{name}: y must have shape of (batch_size, ...) and y_pred must have shape of (batch_size, "
                f"num_categories, ...) or (batch_size, ...), but given {y} vs {y_pred}."
            )
        if y != (y_pred if len(y) == len(y_pred) else (y_pred[0], *y_pred[2:])):
            raise ValueError(f"{name}: y and y_pred must have compatible shapes, but given {y} vs {y_pred}.")
        if self._is_multilabel and not (y == y_pred and len(y) > 1 and y[1] > 1):
            raise ValueError(
                f"{name}: y and y_pred must have same shape of (batch_size, num_categories, ...) and "
                f"num_categories > 1 where is_multilabel, but given {y} vs {y_pred}."
            )

    def _kind(self, y_pred: Any, y: Any) -> tuple[str, int]:
        if y_pred.ndim == y.ndim + 1:
            return ("binary" if y_pred.shape[1] == 1 else "multiclass"), y_pred.shape[1]
        return ("multilabel", y_pred.shape[1]) if self._is_multilabel else ("binary", 1)

    def _check_zeros_and_ones(self, **arrays: Any) -> None:
        for name, array in arrays.items():
            if array.dtype.kind != "b":
                self._demand(
                    ((array == 0) | (array == 1)).all(),
                    f"For binary cases, {name} must be comprised of 0's and 1's; round scores in an output_transform",
                )
