"""ROC and precision-recall curves and the areas under them, exact: all scores are kept. `binned` has others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ...core.backend import library
from ...core.tensor.base import wrap
from ..epoch_metric import EpochMetric
from ..metric import same
from .ranking import (
    Levels,
    area_under_roc,
    average_precision,
    levels,
    precision_recall_curve,
    roc_curve,
    without_middles,
)


def roc_auc_compute_fn(y_preds: Any, y_targets: Any) -> float:
    """The area under the ROC curve of scores and labels (N,), or the mean of those of each column of (N, C)."""
    _refuse_classes(y_preds, y_targets, "ROC_AUC: one-hot labels (N, C) give the mean over classes, one against rest")
    return _mean_over_columns(area_under_roc, y_preds, y_targets)


def roc_auc_curve_compute_fn(y_preds: Any, y_targets: Any) -> tuple[Any, Any, Any]:
    """(false positive rates, true positive rates, thresholds) of scores and labels (N,), float64 tensors."""
    of = _levels_of_one(y_preds, y_targets, "RocCurve")
    return _as_tensors(without_middles(*roc_curve(of), of))


def average_precision_compute_fn(y_preds: Any, y_targets: Any) -> float:
    """The average precision of scores and labels (N,), or the mean of those of each column of (N, C).

    Class numbers (N,) beside scores (N, C) are taken as one-hot.
    """
    if y_preds.ndim == 2 and y_targets.ndim == 1:
        y_targets = wrap(y_targets.array[:, None] == library(y_targets.array).arange(y_preds.shape[1]))
    return _mean_over_columns(average_precision, y_preds, y_targets)


def precision_recall_curve_compute_fn(y_preds: Any, y_targets: Any) -> tuple[Any, Any, Any]:
    """(precisions, recalls, thresholds) of scores and labels (N,), float64 tensors."""
    return _as_tensors(precision_recall_curve(_levels_of_one(y_preds, y_targets, "PrecisionRecallCurve")))


def _mean_over_columns(area: Callable[[Levels], Any], y_preds: Any, y_targets: Any) -> float:
    scores, labels = y_preds.array, y_targets.array
    if scores.shape != labels.shape:
        raise ValueError(f"scores and labels should have one shape, got {scores.shape} and {labels.shape}")
    columns = [(scores, labels)] if scores.ndim == 1 else list(zip(scores.T, labels.T, strict=True))
    areas = [float(area(_checked_levels(*column))) for column in columns]
    return sum(areas) / len(areas)


def _levels_of_one(y_preds: Any, y_targets: Any, name: str) -> Levels:
    _refuse_classes(y_preds, y_targets, f"{name}: a curve is that of one class: wanted scores and labels (N,)")
    if y_preds.ndim != 1:
        raise ValueError(f"{name}: multilabel data is not supported: wanted (N,), got {tuple(y_preds.shape)}")
    return _checked_levels(y_preds.array, y_targets.array)


def _refuse_classes(y_preds: Any, y_targets: Any, advice: str) -> None:
    if y_preds.shape != y_targets.shape:
        raise ValueError(
            f"{advice}; got scores of shape {tuple(y_preds.shape)} and labels of shape {tuple(y_targets.shape)}"
        )


def _checked_levels(scores: Any, labels: Any) -> Levels:
    positive = labels == 1
    if not bool((positive | (labels == 0)).all()) and not bool((positive | (labels == -1)).all()):
        raise ValueError("labels should be 0 and 1, or -1 and 1; multiclass labels are not supported here")
    if scores.dtype.kind == "f" and bool((scores != scores).any()):
        raise ValueError("scores contain nan, which has no rank")
    return levels(scores, positive)


def _as_tensors(curve: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    return tuple(wrap(array.astype("float64")) for array in curve)  # type: ignore[return-value]


class Ranking(EpochMetric):
    """Base of metrics of scores (N,) and labels (N,), 0 (or -1) and 1; see `EpochMetric` for its arguments.

    `compute` raises ValueError for other labels and for a score that is nan. inf is a score like others.
    """

    _function: ClassVar[Any]  # of all scores and all labels

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        super().__init__(type(self)._function, output_transform, check_compute_fn, device, skip_unrolling)


class ROC_AUC(Ranking):
    """The area under the ROC curve: how often a positive example has a higher score than a negative one, ties by half.

    Of scores and labels (N, C) the mean over columns. nan where there are only positives or only negatives.

    >>> import sparkle
    >>> auc = ROC_AUC()
    >>> auc.update((sparkle.tensor([0.1, 0.4, 0.35, 0.8]), sparkle.tensor([0, 0, 1, 1])))
    >>> auc.compute()
    0.75
    """

    _function = staticmethod(roc_auc_compute_fn)


class RocCurve(Ranking):
    """(false positive rates, true positive rates, thresholds), float64 tensors, thresholds descending from inf.

    Points between two others on a straight line are left out. Rates are nan where there is no such example.

    >>> import sparkle
    >>> curve = RocCurve()
    >>> curve.update((sparkle.tensor([0.1, 0.4, 0.35, 0.8]), sparkle.tensor([0, 0, 1, 1])))
    >>> fpr, tpr, thresholds = curve.compute()
    >>> fpr.tolist(), tpr.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """

    _function = staticmethod(roc_auc_curve_compute_fn)


class AveragePrecision(Ranking):
    """The sum over descending thresholds of (recall - recall before) * precision: the area under that step curve.

    Of scores and labels (N, C), or scores (N, C) and class numbers (N,), the mean over classes. 0 for a class that is
    never true.

    >>> import sparkle
    >>> average = AveragePrecision()
    >>> average.update((sparkle.tensor([0.1, 0.4, 0.35, 0.8]), sparkle.tensor([0, 0, 1, 1])))
    >>> round(average.compute(), 4)
    0.8333
    """

    _function = staticmethod(average_precision_compute_fn)


class PrecisionRecallCurve(Ranking):
    """(precisions, recalls, thresholds), float64 tensors, for ascending thresholds, and a last point (1, 0) without.

    Where there is no positive, all recalls but the last are 1.

    >>> import sparkle
    >>> curve = PrecisionRecallCurve()
    >>> curve.update((sparkle.tensor([0.1, 0.4, 0.35, 0.8]), sparkle.tensor([0, 0, 1, 1])))
    >>> precision, recall, thresholds = curve.compute()
    >>> recall.tolist()
    [1.0, 1.0, 0.5, 0.5, 0.0]
    """

    _function = staticmethod(precision_recall_curve_compute_fn)
