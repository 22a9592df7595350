"""Scores of clusters beside loops over examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine
from sparkle.metrics import NotComputableError
from sparkle.metrics.clustering import CalinskiHarabaszScore, DaviesBouldinScore, SilhouetteScore
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(9)
LABELS = random.integers(0, 4, size=40) * 3 - 2
SINGLE = np.r_[LABELS[:-1], 50]
BLOBS = (random.normal(size=(40, 3)) + LABELS[:, None]).astype("float32")
DATA = {
    "blobs": (BLOBS, LABELS),
    "noise": (random.normal(size=(40, 3)), LABELS),
    "one alone": (BLOBS, SINGLE),
    "far": (BLOBS.astype(float) + 1e6, LABELS),
    "far apart": (random.normal(size=(40, 3)) + 1e7 * LABELS[:, None], LABELS),
    "equal": (np.repeat(BLOBS[:10], 4, axis=0), np.repeat(LABELS[:10], 4)),
    "labels of floats": (BLOBS, LABELS.astype("float32")),
}


def norm(x: np.ndarray) -> float:
    return float(np.sqrt((x * x).sum()))


def euclidean(a: np.ndarray, b: np.ndarray) -> float:
    return norm(a - b)


def silhouette(apart: Callable[..., float]) -> Callable[..., float]:
    def value(x: np.ndarray, labels: np.ndarray) -> float:
        found = []
        for i, k in enumerate(labels):
            own = [apart(x[i], x[j]) for j in np.flatnonzero(labels == k) if j != i]
            if not own:
                found.append(0.0)
                continue
            a = np.mean(own)
            b = min(np.mean([apart(x[i], y) for y in x[labels == other]]) for other in set(labels) - {k})
            found.append((b - a) / max(a, b) if max(a, b) else 0.0)
        return float(np.mean(found))

    return value


def calinski_harabasz(x: np.ndarray, labels: np.ndarray) -> float:
    groups, mean = [x[labels == k] for k in sorted(set(labels))], x.mean(axis=0)
    between = sum(len(g) * norm(g.mean(axis=0) - mean) ** 2 for g in groups)
    within = sum(norm(row - g.mean(axis=0)) ** 2 for g in groups for row in g)
    return between / (len(groups) - 1) / (within / (len(x) - len(groups)))


def davies_bouldin(x: np.ndarray, labels: np.ndarray) -> float:
    groups = [x[labels == k] for k in sorted(set(labels))]
    spread = [np.mean([norm(row - g.mean(axis=0)) for row in g]) for g in groups]
    worst = [
        max((spread[i] + spread[j]) / norm(a.mean(axis=0) - b.mean(axis=0)) for j, b in enumerate(groups) if j != i)
        for i, a in enumerate(groups)
    ]
    return float(np.mean(worst))


def absolute(a: np.ndarray, b: np.ndarray) -> float:
    return float(abs(a - b).sum())


APART: dict[Any, Callable[..., float]] = {
    "euclidean": euclidean,
    "l2": euclidean,
    "manhattan": absolute,
    "cityblock": absolute,
    "l1": absolute,
    "sqeuclidean": lambda a, b: norm(a - b) ** 2,
    "chebyshev": lambda a, b: float(abs(a - b).max()),
    "cosine": lambda a, b: float(1 - a @ b / (norm(a) * norm(b))),
}
MADE: dict[str, tuple[Callable[[], Any], Callable[..., float]]] = {
    "calinski": (CalinskiHarabaszScore, calinski_harabasz),
    "davies": (DaviesBouldinScore, davies_bouldin),
    "silhouette": (SilhouetteScore, silhouette(euclidean)),
    **{
        f"silhouette {name}": (lambda name=name: SilhouetteScore(silhouette_kwargs={"metric": name}), silhouette(f))
        for name, f in APART.items()
    },
    "silhouette of function": (lambda: SilhouetteScore(silhouette_kwargs={"metric": absolute}), silhouette(absolute)),
}
ROWS = [
    MetricRow(f"{name} {data}", make, DATA[data], value(*(x.astype(float) for x in DATA[data])), rel=1e-7)
    for name, (make, value) in MADE.items()
    for data in (DATA if "silhouette " not in name else ["blobs", "noise"])
]


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, row.abs)


CLASSES = pytest.mark.parametrize("make", [SilhouetteScore, CalinskiHarabaszScore, DaviesBouldinScore])


def score(make: Callable[[], Any], features: Any, labels: Any) -> float:
    metric = make()
    metric.update((sparkle.tensor(features), sparkle.tensor(labels)))
    value = metric.compute()
    assert type(value) is float
    return value


@CLASSES
def test_nothing_was_seen(make: Any) -> None:
    metric = make()
    for _ in range(2):
        with pytest.raises(NotComputableError, match=f"{make.__name__} must have at least one example"):
            metric.compute()
        metric.update((sparkle.zeros(0, 3), sparkle.zeros(0)))


@CLASSES
@pytest.mark.parametrize("labels", [[1, 1, 1], [1, 2, 3]])
def test_wrong_numbers_of_clusters(make: Any, labels: list[int]) -> None:
    assert np.isnan(score(make, [[1.0], [2.0], [3.0]], labels))
    assert np.isnan(score(make, [[1.0]], [1]))


@CLASSES
@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_nan(make: Any, wrong: float) -> None:
    assert np.isnan(score(make, [[1.0], [wrong], [3.0], [4.0]], [0, 0, 1, 1]))


def test_clusters_of_equal_examples() -> None:
    features = [[1.0], [1.0], [3.0], [3.0]]
    assert score(SilhouetteScore, features, [0, 0, 1, 1]) == 1.0
    assert score(CalinskiHarabaszScore, features, [0, 0, 1, 1]) == 1.0
    assert score(DaviesBouldinScore, features, [0, 0, 1, 1]) == 0.0
    for make, value in ((SilhouetteScore, 0.0), (CalinskiHarabaszScore, 1.0), (DaviesBouldinScore, 0.0)):
        assert score(make, [[2.0]] * 4, [0, 0, 1, 1]) == value


def test_an_offset_changes_nothing() -> None:
    near, far = BLOBS.astype(float).round(3), BLOBS.astype(float).round(3) + 2.0**20
    for make in (SilhouetteScore, CalinskiHarabaszScore, DaviesBouldinScore):
        assert score(make, far, LABELS) == pytest.approx(score(make, near, LABELS), rel=1e-9)


def test_large_data_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from sparkle.metrics.clustering import distances

    make = lambda: SilhouetteScore(silhouette_kwargs={"metric": "manhattan"})  # noqa: E731
    whole = score(make, BLOBS, LABELS)
    monkeypatch.setattr(distances, "ELEMENTS", 70)
    assert score(make, BLOBS, LABELS) == whole


def test_from_a_mapping() -> None:
    engine = Engine(lambda engine, batch: batch)
    DaviesBouldinScore().attach(engine, "score")
    features = sparkle.tensor([[0.0], [2.0], [8.0], [10.0]])
    assert engine.run([{"features": features, "labels": sparkle.tensor([0, 0, 1, 1])}]).metrics == {"score": 0.25}


@CLASSES
def test_wrong_shapes(make: Any) -> None:
    with pytest.raises(ValueError, match=f"{make.__name__}: Features should be of shape"):
        make().update((sparkle.zeros(3), sparkle.zeros(3)))
    for labels in ((3, 1), (4,)):
        with pytest.raises(ValueError, match=f"{make.__name__}: Labels should be of shape"):
            make().update((sparkle.zeros(3, 2), sparkle.zeros(*labels)))
    metric = make()
    metric.update((sparkle.zeros(3, 2), sparkle.zeros(3)))
    with pytest.raises(ValueError, match="features are 3 numbers, and were 2 before"):
        metric.update((sparkle.zeros(3, 3), sparkle.zeros(3)))


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="metric should be a function or one of euclidean"):
        SilhouetteScore(silhouette_kwargs={"metric": "far"})
    with pytest.raises(ValueError, match=r"silhouette_kwargs may hold .* got \['p'\]"):
        SilhouetteScore(silhouette_kwargs={"p": 3})
    with pytest.raises(ValueError, match="precomputed distances should be square"):
        score(lambda: SilhouetteScore(silhouette_kwargs={"metric": "precomputed"}), [[1.0]] * 3, [0, 0, 1])
