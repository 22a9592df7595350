"""Curves and areas from scores, on arrays. A score that more than one example has is one point of a curve."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...core.backend import library


class Levels(NamedTuple):
    """For descending thresholds (n,): how many positives (hits) and negatives (false) have at least that score."""

    hits: Any
    false: Any
    thresholds: Any


def levels(scores: Any, positive: Any) -> Levels:
    """The levels of scores (N,) and bools (N,), N > 0: one for each different score."""
    xp = library(scores)
    order = xp.argsort(scores)[::-1]
    scores, positive = scores[order], positive[order]
    last = xp.append(xp.nonzero(scores[1:] != scores[:-1])[0], len(scores) - 1)
    hits = positive.astype(xp.int64).cumsum()[last]
    return Levels(hits, last + 1 - hits, scores[last])


def roc_curve(of: Levels) -> tuple[Any, Any, Any]:
    """(false positive rates, true positive rates, thresholds), from (0, 0) on; nan where there is no such example."""
    xp = library(of.hits)
    hits, false = (xp.append(0, x) for x in (of.hits, of.false))
    thresholds = xp.append(float("inf"), of.thresholds)
    return _share(false), _share(hits), thresholds


def without_middles(fpr: Any, tpr: Any, thresholds: Any, of: Levels) -> tuple[Any, Any, Any]:
    """A curve without the points between two others on a straight line, that of threshold inf excepted."""
    xp = library(fpr)
    if len(of.hits) <= 2:
        return fpr, tpr, thresholds
    bends = (xp.diff(of.hits, 2) != 0) | (xp.diff(of.false, 2) != 0)
    kept = xp.concatenate([xp.ones(2, dtype=bool), bends, xp.ones(1, dtype=bool)])
    return fpr[kept], tpr[kept], thresholds[kept]


def area_under_roc(of: Levels) -> Any:
    """The area under the curve of `roc_curve`, by trapezoids; nan where only one class is there."""
    fpr, tpr, _ = roc_curve(of)
    return ((fpr[1:] - fpr[:-1]) * (tpr[1:] + tpr[:-1])).sum() / 2


def precision_recall_curve(of: Levels) -> tuple[Any, Any, Any]:
    """(precisions, recalls, thresholds) for ascending thresholds, and a last point (1, 0) that has none.

    Where there is no positive, all recalls but the last are 1; where nothing has the score, the precision is 1.
    """
    xp = library(of.hits)
    chosen = of.hits + of.false
    precision = xp.where(chosen > 0, of.hits / xp.maximum(chosen, 1), 1.0)
    recall = of.hits / xp.maximum(of.hits[-1], 1) + (of.hits[-1] == 0)
    return xp.append(precision[::-1], 1.0), xp.append(recall[::-1], 0.0), of.thresholds[::-1]


def average_precision(of: Levels) -> Any:
    """The sum of (recall - recall before) * precision over descending thresholds; 0 where there is no positive."""
    precision, recall, _ = precision_recall_curve(of)
    return ((recall[:-1] - recall[1:]) * precision[:-1]).sum() * (of.hits[-1] > 0)


def _share(counts: Any) -> Any:
    """Of the last; nan where that is 0."""
    xp = library(counts)
    return counts / xp.where(counts[-1] > 0, counts[-1], float("nan"))
