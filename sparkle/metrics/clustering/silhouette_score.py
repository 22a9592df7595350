"""The silhouette score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ..metric import same
from .base import Array, ClusterMetric
from .distances import distance

__all__ = ["SilhouetteScore"]

OPTIONS = ("metric", "sample_size", "random_state")


class SilhouetteScore(ClusterMetric):
    """The mean of (b - a) / max(a, b), -1 to 1, higher is better; 0 for the only example of a cluster.

    a: an example's mean distance from the others of its cluster; b: that from the examples of the nearest other
    cluster. Rousseeuw 1987. silhouette_kwargs: metric, a distance's name ("euclidean" by default, "manhattan",
    "cosine", "sqeuclidean", "chebyshev"), a function of two rows, or "precomputed" where features are the distances
    (N, N); sample_size, of how many examples the score is computed, chosen by random_state, a number. Raises ValueError
    for other arguments. See `ClusterMetric` for shapes and the other arguments.

    >>> import sparkle
    >>> score = SilhouetteScore()
    >>> score.update((sparkle.tensor([[0.0], [2.0], [8.0], [10.0]]), sparkle.tensor([0, 0, 1, 1])))
    >>> round(score.compute(), 6)
    0.746032
    """

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = True,
        device: Any = None,
        skip_unrolling: bool = False,
        silhouette_kwargs: dict[str, Any] | None = None,
    ) -> None:
        options = dict(silhouette_kwargs or {})
        unknown = [key for key in options if key not in OPTIONS]
        if unknown:
            raise ValueError(f"SilhouetteScore: silhouette_kwargs may hold {', '.join(OPTIONS)}, got {unknown}")
        self._metric = options.get("metric", "euclidean")
        self._sample_size, self._random_state = options.get("sample_size"), options.get("random_state")
        self._distance = None if self._metric == "precomputed" else distance(self._metric)
        super().__init__(output_transform, check_compute_fn, device, skip_unrolling)

    def _score(self, features: Array, labels: Array) -> Any:
        if self._metric == "precomputed" and features.shape[0] != features.shape[1]:
            raise ValueError(f"SilhouetteScore: precomputed distances should be square, got {features.shape}")
        if self._sample_size is not None:
            chosen = numpy.random.RandomState(self._random_state).permutation(len(labels))[: self._sample_size]
            features = features[numpy.ix_(chosen, chosen)] if self._metric == "precomputed" else features[chosen]
            kinds, labels = numpy.unique(labels[chosen], return_inverse=True)
            if not 1 < len(kinds) < len(labels):
                return numpy.nan
        sizes = numpy.bincount(labels)
        sums = numpy.stack([self._sums(features, labels == k) for k in range(len(sizes))], axis=1)
        return _silhouettes(sums, labels, sizes).mean()

    def _sums(self, features: Array, members: Array) -> Array:
        """Each example's distances from the members of a cluster, added."""
        if self._distance is None:
            return features[:, members].sum(axis=1)
        return self._distance(features, features[members]).sum(axis=1)


def _silhouettes(sums: Array, labels: Array, sizes: Array) -> Array:
    """From the sums of distances to the members of each cluster (N, K)."""
    rows = numpy.arange(len(labels))
    others = sums / sizes
    others[rows, labels] = numpy.inf
    within, nearest = sums[rows, labels] / (sizes[labels] - 1), others.min(axis=1)
    value = (nearest - within) / numpy.maximum(nearest, within)
    return numpy.where(sizes[labels] > 1, numpy.nan_to_num(value), 0.0)
