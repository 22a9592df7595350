"""Metrics of ranked items beside countings of one list after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.metrics import NotComputableError
from sparkle.metrics.rec_sys import MAP, MRR, NDCG, HitRate
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(4)
SCORES = random.normal(size=(30, 8)).astype("float32")
TIES = random.integers(0, 3, size=(30, 8)).astype("float32")
RELEVANCE = random.integers(0, 4, size=(30, 8)) * random.integers(0, 2, size=(30, 8))
RELEVANCE[::7] = 0
FEW = (random.random((30, 8)) < 0.1).astype("float32")
DATA = {"scores": (SCORES, RELEVANCE), "ties": (TIES, RELEVANCE), "few": (SCORES, FEW)}
KS = (1, 2, 5, 8, 20)


def hit(ranked: list[float], k: int) -> float:
    return float(any(y > 0 for y in ranked[:k]))


def reciprocal(ranked: list[float], k: int) -> float:
    return next((1 / (i + 1) for i, y in enumerate(ranked[:k]) if y > 0), 0.0)


def average_precision(ranked: list[float], k: int) -> float:
    precisions = [sum(y > 0 for y in ranked[: i + 1]) / (i + 1) for i, y in enumerate(ranked[:k]) if y > 0]
    return sum(precisions) / max(1, min(k, sum(y > 0 for y in ranked)))


def ndcg(gain: Callable[[float], float], threshold: float) -> Callable[..., float]:
    def dcg(ranked: list[float], k: int) -> float:
        return sum(gain(y) / math.log2(i + 2) for i, y in enumerate(ranked[:k]) if y >= threshold)

    def value(ranked: list[float], k: int) -> float:
        best = dcg(sorted(ranked, reverse=True), k)
        return dcg(ranked, k) / best if best else 0.0

    return value


def mean(one: Callable[..., float], ignore: bool, least: float = 1e-30) -> Callable[..., list[float]]:
    def value(scores: np.ndarray, y: np.ndarray) -> list[float]:
        orders = [sorted(range(8), key=lambda i, s=s: -s[i]) for s in scores]
        lists = [[row[i] for i in order] for order, row in zip(orders, y.tolist(), strict=True)]
        lists = [x for x in lists if not ignore or max(x) >= least]
        return [float(np.mean([one(x, k) for x in lists])) for k in KS]

    return value


METRICS: dict[str, tuple[Callable[..., Any], Callable[..., float], float]] = {
    "hit rate": (HitRate, hit, 1e-30),
    "mrr": (MRR, reciprocal, 1e-30),
    "map": (MAP, average_precision, 1e-30),
    "ndcg": (NDCG, ndcg(lambda y: 2**y - 1, 1), 1),
    "ndcg linear": (lambda **o: NDCG(gain_function="linear_rank", **o), ndcg(lambda y: y, 1), 1),
    "ndcg threshold": (lambda **o: NDCG(relevance_threshold=2, **o), ndcg(lambda y: 2**y - 1, 2), 2),
    "ndcg of all": (lambda **o: NDCG(relevance_threshold=0, **o), ndcg(lambda y: 2**y - 1, 0), 0),
}
ROWS = [
    MetricRow(
        f"{name} {data} {ignore}",
        lambda make=make, ignore=ignore: make(top_k=list(KS), ignore_zero_hits=ignore),
        arrays,
        mean(one, ignore, least)(*arrays),
    )
    for name, (make, one, least) in METRICS.items()
    for data, arrays in DATA.items()
    for ignore in (True, False)
    if not (data == "few" and least == 2 and ignore)  # no example at all
]
CLASSES = pytest.mark.parametrize("make", [HitRate, NDCG, MRR, MAP])


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, row.abs)


@CLASSES
def test_nothing_was_seen(make: Any) -> None:
    metric = make(top_k=[1])
    for y in (None, sparkle.zeros(0, 3), sparkle.zeros(2, 3), sparkle.zeros(2, 0)):
        if y is not None:
            metric.update((y, y))
        with pytest.raises(NotComputableError, match=f"{make.__name__} must have at least one example"):
            metric.compute()


@CLASSES
def test_without_relevant_items(make: Any) -> None:
    metric = make(top_k=2, ignore_zero_hits=False)
    metric.update((sparkle.zeros(2, 3), sparkle.zeros(2, 3)))
    assert metric.compute() == [0.0]


@CLASSES
def test_nan_is_the_best_score(make: Any) -> None:
    metric = make(top_k=1)
    metric.update((sparkle.tensor([[1.0, float("nan"), float("inf")]]), sparkle.tensor([[0.0, 1.0, 0.0]])))
    assert metric.compute() == [1.0]


@CLASSES
def test_the_list_is_sorted(make: Any) -> None:
    metric = make(top_k=[3, 1])
    metric.update((sparkle.tensor([[1.0, 2.0, 3.0]]), sparkle.tensor([[1.0, 0.0, 0.0]])))
    assert metric.compute() == sorted(metric.compute())


@CLASSES
@pytest.mark.parametrize("top_k", [[], [0], -1, [3, -2], "3", None])
def test_wrong_k(make: Any, top_k: Any) -> None:
    with pytest.raises(ValueError, match="top_k must"):
        make(top_k=top_k)


@CLASSES
@pytest.mark.parametrize("shapes", [((2, 3), (2, 4)), ((3,), (3,)), ((2, 2, 2), (2, 2, 2))])
def test_wrong_shapes(make: Any, shapes: Any) -> None:
    with pytest.raises(ValueError, match=f"{make.__name__}: y_pred and y must be in the same shape"):
        make(top_k=1).update(tuple(sparkle.zeros(*shape) for shape in shapes))


def test_wrong_gain() -> None:
    with pytest.raises(ValueError, match="gain_function must be either"):
        NDCG([1], gain_function="square")
