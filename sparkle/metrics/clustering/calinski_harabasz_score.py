"""The score of Caliński and Harabasz."""

from __future__ import annotations

from typing import Any

from .base import Array, ClusterMetric, centered

__all__ = ["CalinskiHarabaszScore"]


class CalinskiHarabaszScore(ClusterMetric):
    """(spread between clusters / (K - 1)) / (spread within clusters / (N - K)); higher is better; 1 without the latter.

    Caliński, Harabasz 1974. See `ClusterMetric` for shapes and arguments.

    >>> import sparkle
    >>> score = CalinskiHarabaszScore()
    >>> score.update((sparkle.tensor([[0.0], [2.0], [8.0], [10.0]]), sparkle.tensor([0, 0, 1, 1])))
    >>> score.compute()
    32.0
    """

    def _score(self, features: Array, labels: Array) -> Any:
        features, centers, sizes = centered(features, labels)
        within = ((features - centers[labels]) ** 2).sum()
        between = (sizes[:, None] * centers**2).sum()
        n, k = len(labels), len(sizes)
        return between * (n - k) / (within * (k - 1)) if within else 1.0
