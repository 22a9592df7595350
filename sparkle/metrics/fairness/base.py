"""Metrics by groups of examples."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ...core.backend import library, to_numpy
from ...core.tensor.base import TensorBase, wrap
from ..exceptions import NotComputableError, check_seen
from ..metric import Metric, same

__all__ = ["SubgroupDifference", "SubgroupMetric"]


class ByGroup(Metric):
    """Base of metrics that give a copy of base_metric the examples of each group.

    groups: the labels of the groups; examples with other labels are left out. The output is (y_pred, y, group_labels)
    or a mapping with these keys, group_labels (N,). Raises TypeError for what is no metric and no tensors, ValueError
    where the three are not of as many examples.
    """

    required_output_keys = ("y_pred", "y", "group_labels")
    _state_dict_all_req_keys = ("_group_metrics",)

    def __init__(
        self,
        base_metric: Metric,
        groups: Sequence[Any],
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if not isinstance(base_metric, Metric):
            raise TypeError(f"Argument base_metric should be a Metric, got {type(base_metric).__name__}")
        self._groups = tuple(dict.fromkeys(groups))
        self._group_metrics = [copy.deepcopy(base_metric) for _ in self._groups]
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        for metric in self._group_metrics:
            metric.reset()

    def update(self, output: Any) -> None:
        y_pred, y, labels = self._arrays(output)
        for group, metric in zip(self._groups, self._group_metrics, strict=True):
            # Places rather than a mask, which would be counted once more for each array.
            places = library(labels).flatnonzero(labels == group)
            if places.size:
                metric.update((wrap(y_pred[places]), wrap(y[places])))

    def _arrays(self, output: Any) -> tuple[Any, Any, Any]:
        name, items = type(self).__name__, output if isinstance(output, (tuple, list)) else [output]
        if len(items) != 3 or not all(isinstance(x, TensorBase) for x in items):
            raise TypeError(
                f"{name}: wanted the output (y_pred, y, group_labels), three tensors, met "
                f"({', '.join(type(x).__name__ for x in items)})"
            )
        y_pred, y, labels = (x.array for x in items)
        if labels.ndim != 1 or not y_pred.shape[:1] == y.shape[:1] == labels.shape:
            raise ValueError(
                f"{name}: y_pred, y, and group_labels must have the same batch size, group_labels one dim, but given "
                f"{y_pred.shape}, {y.shape} and {labels.shape}"
            )
        return y_pred, y, labels

    def _compute_groups(self) -> dict[Any, Any]:
        """The values of the groups of which examples were seen; NotComputableError where there are none."""
        values = {}
        for group, metric in zip(self._groups, self._group_metrics, strict=True):
            try:
                values[group] = metric.compute()
            except NotComputableError:
                continue
        check_seen(self, len(values))
        return values


class SubgroupMetric(ByGroup):
    """The value of base_metric for each group, as a dict; groups without examples are not in it. See `ByGroup`.

    >>> import sparkle
    >>> from sparkle.metrics import Accuracy
    >>> metric = SubgroupMetric(Accuracy(), groups=[0, 1])
    >>> metric.update((sparkle.tensor([1, 0, 1, 1]), sparkle.tensor([1, 0, 0, 1]), sparkle.tensor([0, 0, 1, 1])))
    >>> metric.compute()
    {0: 1.0, 1: 0.5}
    """

    def compute(self) -> dict[Any, Any]:
        return self._compute_groups()


class SubgroupDifference(ByGroup):
    """The largest value of base_metric among the groups less the smallest; of tensors the largest such difference.

    A nan among them makes it nan. Raises NotComputableError where fewer than two groups had examples. See `ByGroup`.

    >>> import sparkle
    >>> from sparkle.metrics import Accuracy
    >>> metric = SubgroupDifference(Accuracy(), groups=[0, 1])
    >>> metric.update((sparkle.tensor([1, 0, 1, 1]), sparkle.tensor([1, 0, 0, 1]), sparkle.tensor([0, 0, 1, 1])))
    >>> metric.compute()
    0.5
    """

    def compute(self) -> float:
        values = list(self._compute_groups().values())
        if len(values) < 2:
            raise NotComputableError(
                f"{type(self).__name__}: Fairness metrics require at least two unique subgroups to compute a "
                "disparity, examples of one were seen"
            )
        table = numpy.stack([to_numpy(v.array) if isinstance(v, TensorBase) else numpy.asarray(v) for v in values])
        return float((table.max(axis=0) - table.min(axis=0)).max())
