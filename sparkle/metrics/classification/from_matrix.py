"""Metrics that are computed from a confusion matrix: `mIoU(ConfusionMatrix(num_classes=21), ignore_index=0)`."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

from ...core.backend import library
from ...core.tensor.base import wrap
from ..metric import MetricsLambda
from .confusion_matrix import EPS, ConfusionMatrix

# Each formula is given the matrix in float64: its diagonal, the sums of its rows (how often a class is true) and of its
# columns (how often it is predicted).
Formula = Callable[[Any, Any, Any], Any]


def IoU(cm: ConfusionMatrix, ignore_index: int | None = None) -> MetricsLambda:
    """Intersection over union of each class, a float64 tensor (C,): hits / (true + predicted - hits); 0 for 0 / 0.

    ignore_index: a class to leave out, so that the tensor is (C - 1,). Raises TypeError where cm is no ConfusionMatrix,
    ValueError where its average is neither None nor "samples" and for an index that is no class.

    >>> import sparkle
    >>> iou = IoU(ConfusionMatrix(num_classes=2))
    >>> iou.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> iou.compute()
    tensor([0.5000, 0.5000], dtype=sparkle.float64)
    """
    _check(cm, ignore_index)
    if cm.average not in (None, "samples"):
        raise ValueError(f"ConfusionMatrix should have average attribute either None or 'samples', got {cm.average!r}")
    return _by_class(cm, lambda hits, true, predicted: hits / (true + predicted - hits + EPS), ignore_index)


def mIoU(cm: ConfusionMatrix, ignore_index: int | None = None) -> MetricsLambda:
    """The mean of `IoU` over classes."""
    return IoU(cm, ignore_index).mean()


def JaccardIndex(cm: ConfusionMatrix, ignore_index: int | None = None) -> MetricsLambda:
    """The Jaccard index of each class: `IoU` by its other name."""
    return IoU(cm, ignore_index)


def DiceCoefficient(cm: ConfusionMatrix, ignore_index: int | None = None) -> MetricsLambda:
    """The Dice coefficient of each class: 2 hits / (true + predicted). Arguments and errors are those of `IoU`.

    Of a matrix that is normalized by rows or columns it is what that formula gives.
    """
    _check(cm, ignore_index)
    return _by_class(cm, lambda hits, true, predicted: 2.0 * hits / (true + predicted + EPS), ignore_index)


def cmAccuracy(cm: ConfusionMatrix) -> MetricsLambda:
    """hits / all examples, of all classes; a tensor without dims."""
    return _by_class(cm, lambda hits, true, predicted: hits.sum() / (true.sum() + EPS))


def cmPrecision(cm: ConfusionMatrix, average: bool = True) -> MetricsLambda:
    """hits / predicted of each class, or (average) the mean over classes."""
    precision = _by_class(cm, lambda hits, true, predicted: hits / (predicted + EPS))
    return precision.mean() if average else precision


def cmRecall(cm: ConfusionMatrix, average: bool = True) -> MetricsLambda:
    """hits / true of each class, or (average) the mean over classes."""
    recall = _by_class(cm, lambda hits, true, predicted: hits / (true + EPS))
    return recall.mean() if average else recall


def _check(cm: Any, ignore_index: Any) -> None:
    if not isinstance(cm, ConfusionMatrix):
        raise TypeError(f"Argument cm should be instance of ConfusionMatrix, but given {type(cm).__name__}")
    if ignore_index is not None and not (
        isinstance(ignore_index, Integral) and 0 <= int(ignore_index) < cm.num_classes
    ):
        raise ValueError(
            f"ignore_index should be integer and in the range of [0, {cm.num_classes}), but given {ignore_index}"
        )


def _by_class(cm: ConfusionMatrix, formula: Formula, ignore_index: int | None = None) -> MetricsLambda:
    def value(matrix: Any) -> Any:
        counts = matrix.array.astype("float64")
        scores = formula(counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0))
        return wrap(scores if ignore_index is None else library(scores).delete(scores, ignore_index))

    return MetricsLambda(value, cm)
