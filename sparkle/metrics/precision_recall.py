"""Precision and recall."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from ..core.backend import library
from ..core.tensor.base import wrap
from .arrays import rows_by_class
from .classes import ClassificationMetric
from .exceptions import check_seen
from .metric import same

EPS = 1e-20  # keeps 0 / 0 at 0
AVERAGES = ("macro", "micro", "weighted", "samples")


class PrecisionRecall(ClassificationMetric):
    """true positives / some positives, by class; which positives is what precision and recall differ in.

    average: False: one value a class, a tensor; one number for binary data. None: the same, with the two classes of
    binary data counted each. The others give a number: True or "macro" the mean over classes, "weighted" their mean
    weighted by how often each class is true, "micro" the ratio with the counts of all classes added, "samples" (for
    multilabel data) the mean over examples of each example's ratio. A ratio of 0 / 0 is 0.

    Raises ValueError for another average, for "samples" with other data, and for class numbers that y_pred has no
    score for.
    """

    _state_dict_all_req_keys = ("_numerator", "_denominator", "_weight", "_updated")

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        average: bool | str | None = False,
        is_multilabel: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if not (average is None or isinstance(average, bool) or average in AVERAGES):
            raise ValueError(
                f"Argument average should be None or a boolean or one of values {AVERAGES}, got {average!r}"
            )
        self._average = "macro" if average is True else average
        super().__init__(output_transform, is_multilabel, device, skip_unrolling)

    def reset(self) -> None:
        super().reset()
        self._numerator: Any = 0
        self._denominator: Any = 0
        self._weight: Any = 0
        self._updated = False

    @abstractmethod
    def _positives(self, predicted: Any, true: Any) -> Any:
        """What the hits are divided by."""

    def update(self, output: Any) -> None:
        hits, predicted, true = self._count(*self._take(output))
        positives = self._positives(predicted, true)
        if self._average == "samples":
            hits, positives = (hits / (positives + EPS)).sum(), len(hits)
        elif self._average == "micro":
            hits, positives = hits.sum(), positives.sum()
        self._numerator = self._numerator + self._keep(hits)
        self._denominator = self._denominator + self._keep(positives)
        if self._average == "weighted":
            self._weight = self._weight + self._keep(true)
        self._updated = True

    def _count(self, y_pred: Any, y: Any) -> tuple[Any, Any, Any]:
        """How often a class is predicted and true, predicted, true; for each class, or with "samples" each example."""
        if self._type == "multilabel":
            axis = 1 if self._average == "samples" else 0
            return _count_marks(rows_by_class(y_pred) == 1, rows_by_class(y) == 1, axis)
        if self._average == "samples":
            raise ValueError(
                f"{type(self).__name__}: Argument average='samples' is incompatible with binary and multiclass input "
                f"data; met {self._type} data"
            )
        if self._type == "multiclass":
            self._check_labels(y, y_pred.shape[1])
            return _count_labels(library(y).argmax(y_pred, axis=1).reshape(-1), y.reshape(-1), y_pred.shape[1])
        if self._average is False:
            return _count_marks(y_pred.reshape(-1) == 1, y.reshape(-1) == 1, 0)
        return _count_labels(y_pred.reshape(-1), y.reshape(-1), 2)

    def _check_labels(self, y: Any, classes: int) -> None:
        if y.size and not 0 <= int(y.min()) <= int(y.max()) < classes:
            raise ValueError(
                f"{type(self).__name__}: y_pred contains fewer classes than y. Number of classes in the prediction is "
                f"{classes} and y has the classes {int(y.min())} to {int(y.max())}."
            )

    def compute(self) -> Any:
        check_seen(self, self._updated)
        ratio = self._numerator / (self._denominator + EPS)
        if self._average == "macro":
            return float(ratio.mean())
        if self._average == "weighted":
            return float((ratio * self._weight).sum() / (self._weight.sum() + EPS))
        return wrap(ratio) if getattr(ratio, "ndim", 0) else float(ratio)


def _count_marks(predicted: Any, true: Any, axis: int) -> tuple[Any, Any, Any]:
    """The counts along an axis of bool arrays."""
    return (predicted & true).sum(axis=axis), predicted.sum(axis=axis), true.sum(axis=axis)


def _count_labels(predicted: Any, true: Any, classes: int) -> tuple[Any, Any, Any]:
    """The counts of each class in class numbers."""
    xp = library(true)
    predicted, true = predicted.astype(xp.int64), true.astype(xp.int64)
    hits = true[predicted == true]
    hits, predicted, true = (xp.bincount(labels, minlength=classes) for labels in (hits, predicted, true))
    return hits, predicted, true


class Precision(PrecisionRecall):
    """true positives / predicted positives, by class. See `PrecisionRecall` for `average`.

    >>> import sparkle
    >>> precision = Precision()
    >>> precision.update((sparkle.tensor([1, 1, 0, 1]), sparkle.tensor([1, 0, 0, 1])))
    >>> round(precision.compute(), 4)
    0.6667
    """

    def _positives(self, predicted: Any, true: Any) -> Any:
        return predicted


class Recall(PrecisionRecall):
    """true positives / true examples of the class, by class. See `PrecisionRecall` for `average`.

    >>> import sparkle
    >>> recall = Recall(average="macro")
    >>> recall.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> recall.compute()
    0.75
    """

    def _positives(self, predicted: Any, true: Any) -> Any:
        return true
