"""The score of Davies and Bouldin."""

from __future__ import annotations

from typing import Any

import numpy

from .base import Array, ClusterMetric, centered

__all__ = ["DaviesBouldinScore"]


class DaviesBouldinScore(ClusterMetric):
    """The mean over clusters of the largest (s_i + s_j) / |c_i - c_j|; lower is better, 0 the least.

    c: the cluster's mean; s: the mean distance from it. Clusters of one mean are not compared. Davies, Bouldin 1979.
    See `ClusterMetric` for shapes and arguments.

    >>> import sparkle
    >>> score = DaviesBouldinScore()
    >>> score.update((sparkle.tensor([[0.0], [2.0], [8.0], [10.0]]), sparkle.tensor([0, 0, 1, 1])))
    >>> score.compute()
    0.25
    """

    def _score(self, features: Array, labels: Array) -> Any:
        features, centers, sizes = centered(features, labels)
        spread = numpy.bincount(labels, numpy.linalg.norm(features - centers[labels], axis=1)) / sizes
        worst = numpy.zeros(len(sizes))
        for i, center in enumerate(centers):
            apart = numpy.linalg.norm(centers - center, axis=1)
            worst[i] = numpy.where(apart > 0, (spread + spread[i]) / apart, 0.0).max()
        return worst.mean()
