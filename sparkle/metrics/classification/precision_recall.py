"""Precision, recall and specificity."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from ...core.tensor.base import wrap
from ..exceptions import check_seen
from ..metric import same
from ..sharing import Batch, count_labels
from .classes import ClassificationMetric

EPS = 1e-20  # keeps 0 / 0 at 0
AVERAGES = ("macro", "micro", "weighted", "samples")


class PrecisionRecall(ClassificationMetric):
    """hits / some examples, by class; which examples is what precision, recall and specificity differ in.

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
    def _parts(self, counts: tuple[Any, Any, Any], batch: Batch) -> tuple[Any, Any]:
        """The ratio's parts, from how often a class is predicted and true, predicted, and true."""

    def update(self, output: Any) -> None:
        batch = self._take(output)
        counts = self._count(batch)
        numerator, denominator = self._parts(counts, batch)
        if self._average == "samples":
            numerator, denominator = (numerator / (denominator + EPS)).sum(), len(numerator)
        elif self._average == "micro":
            numerator, denominator = numerator.sum(), denominator.sum()
        self._numerator = self._numerator + self._keep(numerator)
        self._denominator = self._denominator + self._keep(denominator)
        if self._average == "weighted":
            self._weight = self._weight + self._keep(counts[2])
        self._updated = self._updated or batch.y.shape[0] > 0

    def _count(self, batch: Batch) -> tuple[Any, Any, Any]:
        """How often a class is predicted and true, predicted, true; for each class, or with "samples" each example."""
        if self._type == "multilabel":
            return batch.counts_of_marks(1 if self._average == "samples" else 0)
        if self._average == "samples":
            raise ValueError(
                f"{type(self).__name__}: Argument average='samples' is incompatible with binary and multiclass input "
                f"data; met {self._type} data"
            )
        if self._type == "multiclass":
            self._check_labels(batch)
            return batch.counts_of_classes(batch.y_pred.shape[1])
        if self._average is False:
            return batch.counts_of_marks(None)
        return count_labels(batch.y_pred.reshape(-1).astype("int64"), batch.y.reshape(-1), 2)

    def _check_labels(self, batch: Batch) -> None:
        y, classes = batch.y, batch.y_pred.shape[1]
        known = batch.labels_in_range(classes)
        if known is True:
            return
        self._demand(
            known,
            "y_pred contains fewer classes than y. Number of classes in the prediction is "
            f"{classes}: y must be one of 0..{classes - 1}",
            lambda: f" and has the classes {int(y.min())} to {int(y.max())}.",
        )

    def _examples(self, batch: Batch) -> int:
        """How many examples a class, or with "samples" classes an example, is counted in."""
        if self._type == "multilabel":
            classes = batch.y.shape[1]
            return classes if self._average == "samples" else batch.y.size // max(classes, 1)
        return batch.y.size

    def compute(self) -> Any:
        check_seen(self, self._updated)
        ratio = self._numerator / (self._denominator + EPS)
        if self._average == "macro":
            return float(ratio.mean())
        if self._average == "weighted":
            return float((ratio * self._weight).sum() / (self._weight.sum() + EPS))
        return wrap(ratio) if getattr(ratio, "ndim", 0) else float(ratio)


class Precision(PrecisionRecall):
    """true positives / predicted positives, by class. See `PrecisionRecall` for `average`.

    >>> import sparkle
    >>> precision = Precision()
    >>> precision.update((sparkle.tensor([1, 1, 0, 1]), sparkle.tensor([1, 0, 0, 1])))
    >>> round(precision.compute(), 4)
    0.6667
    """

    def _parts(self, counts: tuple[Any, Any, Any], batch: Batch) -> tuple[Any, Any]:
        return counts[0], counts[1]


class Recall(PrecisionRecall):
    """true positives / true examples of the class, by class. See `PrecisionRecall` for `average`.

    >>> import sparkle
    >>> recall = Recall(average="macro")
    >>> recall.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> recall.compute()
    0.75
    """

    def _parts(self, counts: tuple[Any, Any, Any], batch: Batch) -> tuple[Any, Any]:
        return counts[0], counts[2]


class Specificity(PrecisionRecall):
    """true negatives / examples that are not of the class, by class. See `PrecisionRecall` for `average`.

    >>> import sparkle
    >>> specificity = Specificity()
    >>> specificity.update((sparkle.tensor([1, 1, 0, 1]), sparkle.tensor([1, 0, 0, 0])))
    >>> round(specificity.compute(), 4)
    0.3333
    """

    def _parts(self, counts: tuple[Any, Any, Any], batch: Batch) -> tuple[Any, Any]:
        hits, predicted, true = counts
        negatives = self._examples(batch) - true
        return negatives - predicted + hits, negatives
