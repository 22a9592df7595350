"""The same curves and areas in bounded memory: scores are counted between thresholds that are given beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ...core.backend import library
from ...core.devices import of as device_of
from ...core.tensor.base import TensorBase, wrap
from ..arrays import count, pair
from ..exceptions import check_seen
from ..metric import Metric, same
from ..state import on_device
from .ranking import Levels, area_under_roc, average_precision, precision_recall_curve, roc_curve


class Binned(Metric):
    """Base of metrics of scores and labels (N,), or for areas (N, C), that keep counts only.

    thresholds: how many, evenly from 0 to 1, or themselves, numbers or a tensor. Scores between two thresholds count as
    equal, so the value is that of the exact metric with scores rounded down to a threshold. Labels are 0 and 1. Raises
    ValueError for other labels, shapes and thresholds, and in `compute` where a score was nan.
    """

    _state_dict_all_req_keys = ("_counts",)

    def __init__(
        self,
        thresholds: int | Sequence[float] | Any = 200,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self.thresholds: tuple[float, ...] = _as_thresholds(thresholds, type(self).__name__)
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        # (C, 2, thresholds + 2): of each class the negatives and the positives, below all thresholds, from each one to
        # the next, and in the last cell those that are nan.
        self._counts: Any = None
        self._edges: Any = None
        self._doubts = None

    def update(self, output: Any) -> None:
        scores, labels = (x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in pair(output, self))
        if scores.shape != labels.shape or scores.ndim not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: wanted scores and labels of one shape, (N,) or (N, C), got {scores.shape} and "
                f"{labels.shape}"
            )
        positive = labels == 1
        self._demand((positive | (labels == 0)).all(), "labels should be 0 and 1")
        columns = (x[:, None] if x.ndim == 1 else x for x in (scores, positive))
        counts = wrap(self._keep(self._count(*columns)))
        self._counts = counts if self._counts is None else self._counts + counts

    def _count(self, scores: Any, positive: Any) -> Any:
        xp, classes, cells = library(scores), scores.shape[1], len(self.thresholds) + 2
        if self._edges is None:
            self._edges = on_device(numpy.array(self.thresholds), device_of(scores))
        places = xp.searchsorted(self._edges, scores, side="right")
        places = xp.where(scores == scores, places, cells - 1) + positive * cells
        places += xp.arange(classes) * (2 * cells)
        return count(places.reshape(-1), classes * 2 * cells).reshape(classes, 2, cells)

    def _levels(self) -> list[Levels]:
        """Of each class; the lowest threshold is -inf."""
        check_seen(self, 0 if self._counts is None else int(self._counts.array.sum()))
        counts = self._counts.array
        if int(counts[:, :, -1].sum()):
            raise ValueError(f"{type(self).__name__}: scores contain nan, which has no rank")
        xp = library(counts)
        at_least = counts[:, :, -2::-1].cumsum(axis=2)
        thresholds = xp.asarray([*self.thresholds[::-1], -float("inf")])
        return [Levels(positives, negatives, thresholds) for negatives, positives in at_least]

    def _mean(self, area: Callable[[Levels], Any]) -> float:
        areas = [float(area(of)) for of in self._levels()]
        return sum(areas) / len(areas)

    def _curve(self, curve: Callable[[Levels], Any]) -> tuple[Any, Any, Any]:
        levels = self._levels()
        if len(levels) > 1:
            raise ValueError(f"{type(self).__name__}: a curve is that of one class, met scores of {len(levels)}")
        return tuple(wrap(array) for array in curve(levels[0]))  # type: ignore[return-value]


def _as_thresholds(thresholds: Any, name: str) -> tuple[float, ...]:
    if isinstance(thresholds, int):
        if thresholds < 2:
            raise ValueError(f"{name}: thresholds should be at least 2, got {thresholds}")
        return tuple(i / (thresholds - 1) for i in range(thresholds))
    values = thresholds.array.tolist() if isinstance(thresholds, TensorBase) else thresholds
    try:
        values = sorted({float(value) for value in values})
    except TypeError:
        raise TypeError(f"{name}: thresholds should be a number of them, or numbers, got {thresholds!r}") from None
    if not values or any(value != value for value in values):
        raise ValueError(f"{name}: thresholds should be numbers, at least one, got {thresholds!r}")
    return tuple(values)


class BinnedROC_AUC(Binned):
    """`ROC_AUC` in bounded memory. See `Binned` for its arguments.

    >>> import sparkle
    >>> auc = BinnedROC_AUC(thresholds=101)
    >>> auc.update((sparkle.tensor([0.1, 0.4, 0.35, 0.8]), sparkle.tensor([0, 0, 1, 1])))
    >>> auc.compute()
    0.75
    """

    def compute(self) -> float:
        return self._mean(area_under_roc)


class BinnedRocCurve(Binned):
    """`RocCurve` in bounded memory, with a point for each threshold, and for inf and -inf. See `Binned`."""

    def compute(self) -> tuple[Any, Any, Any]:
        return self._curve(roc_curve)


class BinnedAveragePrecision(Binned):
    """`AveragePrecision` in bounded memory. See `Binned` for its arguments.

    >>> import sparkle
    >>> average = BinnedAveragePrecision(thresholds=101)
    >>> average.update((sparkle.tensor([0.1, 0.4, 0.35, 0.8]), sparkle.tensor([0, 0, 1, 1])))
    >>> round(average.compute(), 4)
    0.8333
    """

    def compute(self) -> float:
        return self._mean(average_precision)


class BinnedPrecisionRecallCurve(Binned):
    """`PrecisionRecallCurve` in bounded memory, with a point for each threshold, and for -inf. See `Binned`.

    The precision is 1 where no score is that high.
    """

    def compute(self) -> tuple[Any, Any, Any]:
        return self._curve(precision_recall_curve)
