"""Precision and recall."""

from __future__ import annotations

from typing import Any

from ..core.backend import library
from ..core.tensor.base import wrap
from .arrays import double_sum, number, one_hot, rows_by_class
from .classes import ClassificationMetric
from .exceptions import NotComputableError

EPS = 1e-20  # keeps 0 / 0 at 0
AVERAGES = (None, False, True, "macro", "micro", "weighted", "samples")


class _PrecisionRecall(ClassificationMetric):
    """true positives / some positives, by class; `average` says how classes become one number.

    average: False or None: one value a class, a tensor (one number for binary). True or "macro": their mean. "weighted":
    their mean weighted by how often each class is true. "micro": all classes counted together. "samples" (multilabel):
    the mean over examples of each example's value.
    """

    _state_dict_all_req_keys = ("_numerator", "_denominator", "_weight")

    def __init__(
        self,
        output_transform: Any = lambda output: output,
        average: bool | str | None = False,
        is_multilabel: bool = False,
        device: Any = "cpu",
        skip_unrolling: bool = False,
    ) -> None:
        if average not in AVERAGES:
            raise ValueError(
                f"{self._name()}: argument average should be None or a boolean or one of values ['macro', 'micro', 'weighted', "
                f"'samples'], got {average!r}"
            )
        self._average = False if average is None else "macro" if average is True else average
        super().__init__(output_transform, is_multilabel, device, skip_unrolling)

    def reset(self) -> None:
        super().reset()
        self._numerator: Any = 0
        self._denominator: Any = 0
        self._weight: Any = 0
        self._updated = False

    def update(self, output: Any) -> None:
        y_pred, y = self._take(output)
        if self._average == "samples" and self._type != "multilabel":
            raise ValueError(f"{self._name()}: average='samples' is only for multilabel data, met {self._type} data")
        predicted, true = self._indicators(y_pred, y)
        positives = self._positives(predicted, true)
        hits = predicted & true
        self._updated = True
        if self._average == "samples":
            each = hits.sum(axis=1) / (positives.sum(axis=1) + EPS)
            self._numerator = self._numerator + double_sum(each)
            self._denominator = self._denominator + each.shape[0]
            return
        axis = None if self._average == "micro" else 0
        self._numerator = self._numerator + double_sum(hits, axis)
        self._denominator = self._denominator + double_sum(positives, axis)
        if self._average == "weighted":
            self._weight = self._weight + double_sum(true, 0)

    def _indicators(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        """Predicted and true classes as bool matrices (examples, classes)."""
        xp = library(y)
        if self._type == "binary":
            return y_pred.reshape(-1, 1) == 1, y.reshape(-1, 1) == 1
        if self._type == "multilabel":
            return rows_by_class(y_pred) == 1, rows_by_class(y) == 1
        classes = y_pred.shape[1]
        if y.size and int(y.max()) + 1 > classes:
            raise ValueError(
                f"{self._name()}: y_pred contains less classes than y. Number of predicted classes is {classes} and element in "
                f"y has invalid class = {int(y.max())}."
            )
        labels = xp.argmax(y_pred, axis=1).reshape(-1)
        return one_hot(xp, labels, classes), one_hot(xp, y.reshape(-1), classes)

    def _positives(self, predicted: Any, true: Any) -> Any:
        raise NotImplementedError(f"{self._name()}._positives")

    def compute(self) -> Any:
        if not self._updated:
            raise NotComputableError(f"{self._name()} must have at least one example before it can be computed.")
        if self._average in ("samples", "micro"):
            return number(self._numerator) / (number(self._denominator) + EPS)
        value = self._numerator / (self._denominator + EPS)
        if self._average == "macro":
            return number(value.mean())
        if self._average == "weighted":
            return number((value * self._weight).sum()) / (number(self._weight.sum()) + EPS)
        return number(value[0]) if self._type == "binary" else wrap(value)

    def load_state_dict(self, state_dict: Any) -> None:
        super().load_state_dict(state_dict)
        self._updated = hasattr(self._denominator, "dtype")


class Precision(_PrecisionRecall):
    """true positives / predicted positives, by class. See Recall for the other; `average` as described there.

    >>> import sparkle
    >>> precision = Precision()
    >>> precision.update((sparkle.tensor([1, 1, 0, 1]), sparkle.tensor([1, 0, 0, 1])))
    >>> round(precision.compute(), 4)
    0.6667
    """

    def _positives(self, predicted: Any, true: Any) -> Any:
        return predicted


class Recall(_PrecisionRecall):
    """true positives / true examples of the class, by class.

    average: False or None: one value a class, a tensor (one number for binary). True or "macro": their mean. "weighted":
    their mean weighted by how often each class is true. "micro": all classes counted together. "samples" (multilabel):
    the mean over examples of each example's value.
    """

    def _positives(self, predicted: Any, true: Any) -> Any:
        return true
