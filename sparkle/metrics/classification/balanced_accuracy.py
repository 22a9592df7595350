"""Accuracy for classes of different sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..metric import same
from .counts import ClassCounts


class BalancedAccuracy(ClassCounts):
    """The mean of the recalls of those classes that were true at least once.

    adjusted: scaled so that guessing scores 0 and perfection 1: (mean - 1/C) / (1 - 1/C), C such classes. For binary
    and multiclass data, see `ClassificationMetric`. nan where adjusted and only one class was true. Brodersen et al.,
    "The balanced accuracy and its posterior distribution", 2010.

    >>> import sparkle
    >>> accuracy = BalancedAccuracy()
    >>> accuracy.update((sparkle.tensor([1, 1, 1, 0]), sparkle.tensor([1, 1, 0, 0])))
    >>> accuracy.compute()
    0.75
    """

    def __init__(
        self,
        adjusted: bool = False,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self._adjusted = adjusted
        super().__init__(output_transform, device=device, skip_unrolling=skip_unrolling)

    def compute(self) -> float:
        hits, _, true = self._all_counts()
        present = true > 0
        recalls = hits[present] / true[present]
        mean, chance = float(recalls.mean()), 1 / recalls.size
        if not self._adjusted:
            return mean
        return (mean - chance) / (1 - chance) if chance < 1 else float("nan")
