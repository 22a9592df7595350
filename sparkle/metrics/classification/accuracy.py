"""Accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...core.backend import library
from ..arrays import rows_by_class
from ..mean import MeanOverExamples
from ..metric import same
from ..sharing import Batch
from .classes import ClassificationMetric


class Accuracy(ClassificationMetric, MeanOverExamples):
    """correct / all examples, for binary, multiclass and (is_multilabel) multilabel outputs (y_pred, y).

    A multilabel example is correct when all its labels are. See `ClassificationMetric` for shapes.

    >>> import sparkle
    >>> accuracy = Accuracy()
    >>> accuracy.update((sparkle.tensor([[0.1, 0.9], [0.8, 0.2]]), sparkle.tensor([1, 1])))
    >>> accuracy.compute()
    0.5
    """

    def reset(self) -> None:
        ClassificationMetric.reset(self)
        MeanOverExamples.reset(self)

    def update(self, output: Any) -> None:
        correct = self._correct(self._take(output))
        self._add(library(correct).count_nonzero(correct), correct.size)

    def _correct(self, batch: Batch) -> Any:
        """For each example: was it predicted right?"""
        if self._type == "multiclass":
            return batch.labels == batch.y
        if self._type == "binary":
            return batch.y_pred.reshape(-1) == batch.y.reshape(-1)
        return (rows_by_class(batch.y_pred) == rows_by_class(batch.y)).all(axis=-1)

    @staticmethod
    def get_sequence_transform(
        ignore_index: int | Iterable[int] | None = None, output_transform: Callable[[Any], Any] = same
    ) -> Callable[[Any], tuple[Any, Any]]:
        """An output_transform for sequences: y_pred (N, S, C) and y (N, S) become (N * S, C) and (N * S,).

        Places where y is (one of) ignore_index are left out. output_transform is called first. What it gives must have
        those shapes, else ValueError.

        >>> import sparkle
        >>> transform = Accuracy.get_sequence_transform(ignore_index=0)
        >>> y_pred, y = transform((sparkle.zeros(2, 3, 5), sparkle.tensor([[1, 2, 0], [4, 0, 0]])))
        >>> y_pred.shape, y
        (sparkle.Size([3, 5]), tensor([1, 2, 4]))
        """
        ignored = ignore_index if isinstance(ignore_index, Iterable) else [ignore_index]
        ignored = [index for index in ignored if index is not None]

        def flatten(output: Any) -> tuple[Any, Any]:
            y_pred, y = output_transform(output)
            if y_pred.ndim != 3 or y.ndim != 2 or y_pred.shape[:2] != y.shape:
                raise ValueError(
                    f"Expected y_pred to be 3D (N, S, C) and y to be 2D (N, S), but got {tuple(y_pred.shape)} and "
                    f"{tuple(y.shape)}."
                )
            y_pred, y = y_pred.reshape(-1, y_pred.shape[-1]), y.reshape(-1)
            for index in ignored:
                y_pred, y = y_pred[y != index], y[y != index]
            return y_pred, y

        return flatten
