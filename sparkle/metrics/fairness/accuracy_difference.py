"""The difference of accuracies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..classification.accuracy import Accuracy
from ..metric import same
from .base import SubgroupDifference

__all__ = ["SubgroupAccuracyDifference"]


class SubgroupAccuracyDifference(SubgroupDifference):
    """The largest accuracy among the groups less the smallest. See `SubgroupDifference` and, for shapes, `Accuracy`.

    >>> import sparkle
    >>> metric = SubgroupAccuracyDifference(groups=[0, 1])
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
        super().__init__(Accuracy(is_multilabel=is_multilabel, device=device), groups, output_transform, device)
