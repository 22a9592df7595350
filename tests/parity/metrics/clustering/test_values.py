"""Scores of clusters beside Ignite's, which are scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.metrics

import sparkle
from sparkle.metrics.clustering import SilhouetteScore

random = np.random.default_rng(1)
LABELS = random.integers(0, 5, size=200)
DATA: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "blobs": ((random.normal(size=(200, 6)) + LABELS[:, None]).astype("float32"), LABELS),
    "noise": (random.normal(size=(200, 6)), LABELS),
    "many": (random.normal(size=(200, 6)), np.arange(200) // 2),
    "one cluster": (random.normal(size=(9, 6)), np.zeros(9, int)),
    "all alone": (random.normal(size=(9, 6)), np.arange(9)),
    "one example": (random.normal(size=(1, 6)), np.zeros(1, int)),
    "equal": (np.ones((8, 2)), np.arange(8) % 2),
    "tight": (np.repeat([[0.0, 1.0], [3.0, 4.0]], 4, axis=0), np.repeat([0, 1], 4)),
}


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("name", ["SilhouetteScore", "CalinskiHarabaszScore", "DaviesBouldinScore"])
def test_as_ignite(name: str, data: str, ours: Any, theirs: Any, check_same: Any) -> None:
    values = []
    for lib in (ours, theirs):
        metric = getattr(lib.m.clustering, name)(check_compute_fn=False)
        for parts in zip(*(np.array_split(x, 3 if len(x) > 3 else 1) for x in DATA[data]), strict=True):
            metric.update(tuple(lib.tensor(part) for part in parts))
        values.append(metric.compute())
    check_same(*values)


@pytest.mark.parametrize(
    "options",
    [
        *({"metric": m} for m in ("euclidean", "manhattan", "cosine", "sqeuclidean", "chebyshev", "l1", "l2")),
        {"metric": lambda a, b: float(abs(a - b).sum())},
        {"sample_size": 50, "random_state": 3},
        {"sample_size": 90, "random_state": 0, "metric": "cosine"},
    ],
    ids=range(10),
)
def test_options_as_sklearn(options: dict[str, Any]) -> None:
    features, labels = DATA["noise"]
    metric = SilhouetteScore(silhouette_kwargs=options)
    metric.update((sparkle.from_numpy(features), sparkle.from_numpy(labels)))
    assert metric.compute() == pytest.approx(sklearn.metrics.silhouette_score(features, labels, **options))


def test_precomputed_as_sklearn() -> None:
    features, labels = DATA["noise"]
    apart = sklearn.metrics.pairwise_distances(features)
    for options in ({}, {"sample_size": 60, "random_state": 1}):
        metric = SilhouetteScore(silhouette_kwargs={"metric": "precomputed", **options})
        for rows in np.array_split(np.arange(200), 3):
            metric.update((sparkle.from_numpy(apart[rows]), sparkle.from_numpy(labels[rows])))
        wanted = sklearn.metrics.silhouette_score(apart, labels, metric="precomputed", **options)
        assert metric.compute() == pytest.approx(wanted)


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((3, 2), (3, 1)), ((2, 3, 4), (2,))])
def test_same_errors(shapes: Any, ours: Any, theirs: Any) -> None:
    for lib in (ours, theirs):
        with pytest.raises(ValueError, match="should be of shape"):
            lib.m.clustering.SilhouetteScore().update(tuple(lib.L.zeros(*shape) for shape in shapes))
