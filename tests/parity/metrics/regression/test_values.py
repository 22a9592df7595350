"""Metrics of predicted numbers beside Ignite's, SciPy's and scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats
import sklearn.metrics

import sparkle
from sparkle.metrics import regression

random = np.random.default_rng(5)


def numbers(n: int, scale: float = 1.0, offset: float = 0.0) -> np.ndarray:
    return (offset + scale * random.normal(size=n)).astype("float32")


DATA: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "normal": (numbers(50), numbers(50)),
    "one": (numbers(1), numbers(1)),
    "two": (numbers(2), numbers(2)),
    "column": (numbers(50)[:, None], numbers(50)[:, None]),
    "positive": (np.exp(numbers(50)), np.exp(numbers(50))),
    "ties": (random.integers(0, 5, 50).astype("float32"), random.integers(1, 6, 50).astype("float32")),
    "many ties": (random.integers(0, 2, 50).astype("float32"), random.integers(1, 3, 50).astype("float32")),
    "far": (numbers(50, offset=1e6), numbers(50, offset=1e6)),
    "large": (numbers(50, 1e15), numbers(50, 1e15)),
    "small": (numbers(50, 1e-3), numbers(50, 1e-3)),
    "sorted": (np.arange(1, 51, dtype="float32"), np.arange(1, 51, dtype="float32") ** 2),
    "reversed": (np.arange(1, 51, dtype="float32"), -np.arange(1, 51, dtype="float32") - 0.5),
    "constant": (numbers(50), np.full(50, 3.0, "float32")),
    "infinite": (np.r_[numbers(49), np.float32(np.inf)], numbers(50)),
}


def ours(make: Callable[[], Any], data: str, batches: int = 1) -> float:
    metric = make()
    for parts in zip(*(np.array_split(x, batches) for x in DATA[data]), strict=True):
        metric.update(tuple(sparkle.from_numpy(part.copy()) for part in parts))
    return metric.compute()


# ---------------------------------------------------------------- Ignite

IGNITE = [
    name
    for name in regression.__all__
    if name not in {"MAPE", "SMAPE", "QuantileLoss", "ExplainedVariance"} and "MeanAbsolutePercentage" not in name
]
# What float32 sums and subtraction of squares lose there, and what differs on purpose (see test_differences).
LOST = {
    "PearsonCorrelation": {"far", "large", "infinite", "small", "constant"},
    "R2Score": {"far", "large", "constant", "one", "infinite"},
    "GeometricMeanRelativeAbsoluteError": {"far", "constant", "one"},
    "MedianRelativeAbsoluteError": {"far", "one"},
}


@pytest.mark.parametrize("name", IGNITE)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.filterwarnings("ignore")
def test_as_ignite(name: str, data: str, theirs: Any) -> None:
    if data in LOST.get(name, ()):
        return
    metric = getattr(theirs.m.regression, name)()
    metric.update(tuple(theirs.tensor(x) for x in DATA[data]))
    wanted = metric.compute()
    for batches in (1, 3):
        value = ours(getattr(regression, name), data, batches)
        np.testing.assert_allclose(value, wanted, rtol=2e-5, atol=1e-6)


WRONG = {
    "shape": lambda L: (L.zeros(2, 3), L.zeros(2, 3)),
    "shape of y": lambda L: (L.zeros(2), L.zeros(2, 3)),
    "other shapes": lambda L: (L.zeros(2), L.zeros(2, 1)),
    "types": lambda L: (L.zeros(2), L.zeros(2, dtype=L.int64)),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", [name for name in IGNITE if not name.startswith("Median")])
def test_same_errors(name: str, wrong: str, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            getattr(lib.m.regression, name)().update(WRONG[wrong](lib.L))
        raised.append(error.type)
    assert raised[0] is raised[1]


def test_pairwise_distance(theirs: Any) -> None:
    x, y = random.normal(size=(2, 20, 7)).astype("float32")
    for p in (1, 2, 3.5, 0, float("inf"), 0.5):
        metric, wanted = sparkle.metrics.MeanPairwiseDistance(p=p), theirs.m.MeanPairwiseDistance(p=p)
        for a, b in zip(np.split(x, 4), np.split(y, 4), strict=True):
            metric.update((sparkle.tensor(a), sparkle.tensor(b)))
        wanted.update((theirs.tensor(x), theirs.tensor(y)))
        assert metric.compute() == pytest.approx(wanted.compute(), rel=1e-5)


# ---------------------------------------------------------------- SciPy and scikit-learn, in float64


def sklearn_of(name: str, factor: float = 1.0, **options: Any) -> Callable[..., float]:
    return lambda p, y: factor * getattr(sklearn.metrics, name)(y, p, **options)


def scipy_of(name: str, **options: Any) -> Callable[..., float]:
    return lambda p, y: getattr(scipy.stats, name)(p, y, **options).statistic


OTHERS: dict[str, tuple[Callable[[], Any], Callable[..., float]]] = {
    "r2": (regression.R2Score, sklearn_of("r2_score")),
    "explained variance": (regression.ExplainedVariance, sklearn_of("explained_variance_score")),
    "mape": (regression.MAPE, sklearn_of("mean_absolute_percentage_error", 100.0)),
    "median": (regression.MedianAbsoluteError, sklearn_of("median_absolute_error")),
    "max": (regression.MaximumAbsoluteError, sklearn_of("max_error")),
    "pinball": (lambda: regression.QuantileLoss(0.3), sklearn_of("mean_pinball_loss", alpha=0.3)),
    "spearman": (regression.SpearmanRankCorrelation, scipy_of("spearmanr")),
    "kendall": (regression.KendallRankCorrelation, scipy_of("kendalltau")),
    "kendall c": (lambda: regression.KendallRankCorrelation("c"), scipy_of("kendalltau", variant="c")),
    "pearson": (lambda: regression.PearsonCorrelation(eps=0.0), scipy_of("pearsonr")),
    "canberra": (regression.CanberraMetric, scipy.spatial.distance.canberra),
    "manhattan": (regression.ManhattanDistance, scipy.spatial.distance.cityblock),
}
NO_VALUE_THERE = {("pearson", "one")}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("data", [name for name in DATA if name != "infinite"])
@pytest.mark.filterwarnings("ignore")
def test_as_scipy_and_sklearn(name: str, data: str) -> None:
    if (name, data) in NO_VALUE_THERE:
        return
    make, oracle = OTHERS[name]
    wanted = oracle(*(x.astype(float).ravel() for x in DATA[data]))
    if name == "explained variance" and data == "one":
        wanted = np.nan  # as R2Score: one example has no variance
    for batches in (1, 4):
        np.testing.assert_allclose(ours(make, data, batches), wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("levels", [2, 10, 10**9])
def test_kendall_of_many(levels: int) -> None:
    p, y = random.integers(0, levels, size=(2, 20_000)).astype(float)
    y = np.where(random.random(20_000) < 0.5, p, y)
    for variant in ("b", "c"):
        metric = regression.KendallRankCorrelation(variant)
        metric.update((sparkle.from_numpy(p), sparkle.from_numpy(y)))
        assert metric.compute() == pytest.approx(scipy.stats.kendalltau(p, y, variant=variant).statistic, rel=1e-12)
