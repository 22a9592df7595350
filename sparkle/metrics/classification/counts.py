"""The counts that scores by class are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.backend import library
from ..exceptions import check_seen
from ..metric import same
from ..sharing import Batch, count_labels
from .classes import ClassificationMetric


class ClassCounts(ClassificationMetric):
    """Base of metrics that need, for each class, how often it is predicted and true, predicted, and true.

    Binary data has two classes. See `ClassificationMetric` for shapes; ValueError for labels that are no class.
    """

    _state_dict_all_req_keys = ("_hits", "_predicted", "_true", "_examples", "_samples")

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        is_multilabel: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
        metrics_result_mode: str = "both",
    ) -> None:
        super().__init__(output_transform, is_multilabel, device, skip_unrolling)
        self._metrics_result_mode = metrics_result_mode

    def reset(self) -> None:
        super().reset()
        self._hits: Any = 0
        self._predicted: Any = 0
        self._true: Any = 0
        self._examples = 0
        self._samples: Any = None

    def update(self, output: Any) -> None:
        batch = self._take(output)
        hits, predicted, true = self._count(batch)
        self._hits = self._hits + self._keep(hits)
        self._predicted = self._predicted + self._keep(predicted)
        self._true = self._true + self._keep(true)
        self._examples += batch.y.shape[0]
        if self._type == "multilabel":
            self._add_samples(batch)

    def _count(self, batch: Batch) -> tuple[Any, Any, Any]:
        if self._type == "multilabel":
            return batch.counts_of_marks(0)
        if self._type == "binary":
            return count_labels(batch.y_pred.reshape(-1).astype("int64"), batch.y.reshape(-1), 2)
        classes = batch.y_pred.shape[1]
        self._demand(batch.labels_in_range(classes), f"y must be one of 0..{classes - 1}, the classes of y_pred")
        return batch.counts_of_classes(classes)

    def _add_samples(self, batch: Batch) -> None:
        """Sums over examples of what `_scores` makes of each one's counts."""
        counts = batch.counts_of_marks(1)
        xp = library(counts[0])
        sums = xp.stack([scores.sum() for scores in self._scores(*(x.astype(xp.float64) for x in counts))])
        sums = self._keep(xp.append(sums, float(counts[0].size)))
        self._samples = sums if self._samples is None else self._samples + sums

    def _scores(self, hits: Any, predicted: Any, true: Any) -> tuple[Any, ...]:
        """What the mean over examples is taken of."""
        return hits, predicted, true

    def _sample_means(self) -> list[float]:
        *sums, examples = self._samples.tolist()
        return [total / max(examples, 1) for total in sums]

    def _all_counts(self) -> tuple[Any, Any, Any]:
        """hits, predicted and true of each class; NotComputableError before any example."""
        check_seen(self, self._examples)
        return self._hits, self._predicted, self._true
