"""Average precision, class by class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ...core.backend import library, to_numpy
from ...core.tensor.base import TensorBase, wrap
from ..exceptions import check_seen
from ..metric import same
from ..sharing import Batch
from .classes import ClassificationMetric
from .ranking import levels

MEANS = ("micro", "macro", "weighted")


class MeanAveragePrecision(ClassificationMetric):
    """The mean over classes of the average precision, the sum of (recall - recall before) * precision over thresholds.

    y_pred are scores: (N, ...) for binary data, else (N, C, ...); y are 0 and 1, or for multiclass data class numbers.
    rec_thresholds: recalls in [0, 1], numbers or a tensor, at which the sum is taken; a precision is that of the first
    point with at least this recall, 0 if there is none. None: all. class_mean: "macro", "weighted" by how often a class
    is true, "micro" for that of all classes' scores in one, None for a float64 tensor (C,). 0 for a class that is never
    true. All scores are kept until the next reset. Raises ValueError for other arguments, shapes and labels, and where
    a score is nan; TypeError for scores of an integer type.

    >>> import sparkle
    >>> average = MeanAveragePrecision(class_mean=None)
    >>> average.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> average.compute()
    tensor([1., 1.], dtype=sparkle.float64)
    """

    _state_dict_all_req_keys = ("_y_pred", "_y_true")
    _not_compared = (*ClassificationMetric._not_compared, "rec_thresholds")

    def __init__(
        self,
        rec_thresholds: Sequence[float] | Any = None,
        class_mean: str | None = "macro",
        is_multilabel: bool = False,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if class_mean is not None and class_mean not in MEANS:
            raise ValueError(f"Argument class_mean should be None or one of {MEANS}, got {class_mean!r}")
        self.rec_thresholds = None if rec_thresholds is None else _as_recalls(rec_thresholds)
        self.class_mean = class_mean
        super().__init__(output_transform, is_multilabel, device, skip_unrolling)

    def reset(self) -> None:
        super().reset()
        self._y_pred: list[Any] = []  # (C, n) each
        self._y_true: list[Any] = []  # (C, n) each, of multiclass data (n,)

    def _check_zeros_and_ones(self, **arrays: Any) -> None:
        super()._check_zeros_and_ones(y=arrays["y"])  # y_pred are scores

    def update(self, output: Any) -> None:
        batch = self._take(output)
        if batch.y_pred.dtype.kind != "f":
            raise TypeError(f"MeanAveragePrecision: y_pred should be a float tensor, given {batch.y_pred.dtype}")
        self._y_pred.append(wrap(self._keep(self._by_class(batch.y_pred).astype("float64"))))
        self._y_true.append(wrap(self._keep(self._labels(batch))))

    def _by_class(self, array: Any) -> Any:
        """(C, n), of binary data (1, n)."""
        return array.reshape(1, -1) if self._type == "binary" else array.swapaxes(0, 1).reshape(array.shape[1], -1)

    def _labels(self, batch: Batch) -> Any:
        if self._type != "multiclass":
            return self._by_class(batch.y).astype("uint8")
        classes = batch.y_pred.shape[1]
        self._demand(
            ((batch.y >= 0) & (batch.y < classes)).all(),
            "y_pred contains fewer classes than y. Number of classes in the prediction is "
            f"{classes}: y must be one of 0..{classes - 1}",
        )
        return batch.y.reshape(-1).astype("int64")

    def compute(self) -> Any:
        check_seen(self, sum(y.array.shape[-1] for y in self._y_true))
        xp = library(self._y_pred[0].array)
        scores, true = (xp.concatenate([x.array for x in kept], axis=-1) for kept in (self._y_pred, self._y_true))
        if bool((scores != scores).any()):
            raise ValueError("MeanAveragePrecision: scores contain nan, which has no rank")
        positive = true[None] == xp.arange(len(scores))[:, None] if true.ndim == 1 else true == 1
        if self.class_mean == "micro":
            scores, positive = scores.reshape(1, -1), positive.reshape(1, -1)
        values = xp.stack([self._average_precision(*row) for row in zip(scores, positive, strict=True)])
        if self.class_mean is None and len(self._y_pred[0].array) > 1:
            return wrap(values)
        if self.class_mean == "weighted":
            weights = positive.sum(axis=1)
            return float((values * weights).sum()) / float(weights.sum()) if len(values) > 1 else float(values[0])
        return float(values.mean())

    def _average_precision(self, scores: Any, positive: Any) -> Any:
        xp, of = library(scores), levels(scores, positive)
        precision = of.hits / (of.hits + of.false)
        recall = of.hits / of.hits[-1] if of.hits[-1] else xp.ones(len(of.hits))
        if self.rec_thresholds is not None:
            wanted = xp.asarray(self.rec_thresholds)
            precision = xp.append(precision, 0.0)[xp.searchsorted(recall, wanted)]
            recall = wanted
        return (xp.diff(recall, prepend=0.0) * precision).sum()


def _as_recalls(thresholds: Any) -> list[float]:
    if not isinstance(thresholds, (TensorBase, list, tuple)):
        raise TypeError(
            f"rec_thresholds should be a sequence of floats or a tensor, given {type(thresholds).__name__}."
        )
    recalls = to_numpy(thresholds.array) if isinstance(thresholds, TensorBase) else numpy.asarray(thresholds, float)
    if recalls.ndim != 1:
        raise ValueError(
            "rec_thresholds should be a one-dimensional tensor or a sequence of floats, given a "
            f"{recalls.ndim}-dimensional tensor."
        )
    values = sorted(recalls.tolist())
    if not values or not 0 <= values[0] <= values[-1] <= 1:
        raise ValueError(f"rec_thresholds values should be between 0 and 1, given {values}")
    return values
