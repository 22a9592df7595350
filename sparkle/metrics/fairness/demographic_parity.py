"""How often each class is predicted, and how much that differs between groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core.backend import library
from ...core.tensor.base import wrap
from ..arrays import count, rows_by_class
from ..classification.classes import ClassificationMetric
from ..exceptions import check_seen
from ..metric import same
from .base import SubgroupDifference

__all__ = ["DemographicParityDifference", "SelectionRate"]


class SelectionRate(ClassificationMetric):
    """How often each class is predicted / number of examples, a float64 tensor (C,); of binary data of 0 and of 1.

    See `ClassificationMetric` for shapes and errors; y is only checked.

    >>> import sparkle
    >>> rate = SelectionRate()
    >>> rate.update((sparkle.tensor([1, 0, 1, 1]), sparkle.tensor([0, 0, 0, 0])))
    >>> rate.compute()
    tensor([0.2500, 0.7500], dtype=sparkle.float64)
    """

    _state_dict_all_req_keys = ("_num_positives", "_num_examples")

    def reset(self) -> None:
        super().reset()
        self._num_positives: Any = 0
        self._num_examples = 0

    def update(self, output: Any) -> None:
        batch = self._take(output)
        y_pred = batch.y_pred
        if self._type == "multilabel":
            rows = rows_by_class(y_pred) == 1
            positives, examples = rows.sum(axis=0), len(rows)
        else:
            labels = batch.labels if self._type == "multiclass" else y_pred
            labels = labels.reshape(-1).astype(library(labels).int64)
            positives = count(labels, self._num_classes if self._type == "multiclass" else 2)  # type: ignore[arg-type]
            examples = labels.size
        self._num_positives = self._num_positives + self._keep(positives)
        self._num_examples += examples

    def compute(self) -> Any:
        check_seen(self, self._num_examples)
        return wrap(self._num_positives / self._num_examples)


class DemographicParityDifference(SubgroupDifference):
    """The largest difference between groups of how often a class is predicted (Dwork et al. 2012).

    See `SubgroupDifference` and, for shapes, `SelectionRate`.

    >>> import sparkle
    >>> metric = DemographicParityDifference(groups=[0, 1])
    >>> metric.update((sparkle.tensor([1, 0, 1, 1]), sparkle.tensor([1, 0, 0, 1]), sparkle.tensor([0, 0, 1, 1])))
    >>> metric.compute()
    0.5
    """

    def __init__(
        self,
        groups: Sequence[int],
        is_multilabel: bool = False,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
    ) -> None:
        super().__init__(SelectionRate(is_multilabel=is_multilabel, device=device), groups, output_transform, device)
