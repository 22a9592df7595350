"""What metrics of clusters share."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy

from ..arrays import pair
from ..kept import KeepsExamples
from ..metric import same
from ..quiet import quiet

Array = numpy.ndarray


class ClusterMetric(KeepsExamples):
    """Base of scores of clusters. The output is features (N, D) and labels (N,), or a mapping with these keys.

    All examples are kept; the score is computed on the CPU in float64. It is nan for one cluster, for as many as
    examples, and where a feature is nan or infinite. check_compute_fn: taken as Ignite takes it; there is no function
    of the caller's that would have to be checked. Raises ValueError for other shapes.
    """

    required_output_keys = ("features", "labels")

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = True,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        features, labels = pair(output, self)
        name = type(self).__name__
        if features.ndim != 2:
            raise ValueError(f"{name}: Features should be of shape (batch_size, n_targets), got {features.shape}")
        if labels.shape != features.shape[:1]:
            raise ValueError(
                f"{name}: Labels should be of shape (batch_size,), got {labels.shape} and features {features.shape}"
            )
        if self._predictions and self._predictions[0].shape[1] != features.shape[1]:
            raise ValueError(
                f"{name}: features are {features.shape[1]} numbers, and were {self._predictions[0].shape[1]} before"
            )
        self._keep_examples(features, labels)

    def compute(self) -> float:
        features, labels = self._examples()
        kinds, labels = numpy.unique(labels, return_inverse=True)
        if not 1 < len(kinds) < len(labels) or not numpy.isfinite(features).all():
            return math.nan
        with quiet():
            return float(self._score(features, labels))

    @abstractmethod
    def _score(self, features: Array, labels: Array) -> Any:
        """The value of features (N, D) in clusters 0..K-1, 1 < K < N, each with an example."""


def centered(features: Array, labels: Array) -> tuple[Array, Array, Array]:
    """Features less their mean, the means of the clusters (K, D) of these, and the clusters' sizes (K,).

    Without it a constant offset would cost digits.
    """
    features = features - features[0]
    features = features - features.mean(axis=0)
    sizes = numpy.bincount(labels)
    sums = numpy.zeros((len(sizes), features.shape[1]))
    numpy.add.at(sums, labels, features)
    return features, sums / sizes[:, None], sizes
