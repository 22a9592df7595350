"""Each metric of predicted numbers beside NumPy's formula, on ordinary and on hard numbers, in every situation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from sparkle.metrics import MeanPairwiseDistance, Metric
from sparkle.metrics.regression import (
    MAPE,
    SMAPE,
    CanberraMetric,
    ExplainedVariance,
    FractionalAbsoluteError,
    FractionalBias,
    GeometricMeanAbsoluteError,
    GeometricMeanRelativeAbsoluteError,
    KendallRankCorrelation,
    ManhattanDistance,
    MaximumAbsoluteError,
    MeanAbsoluteRelativeError,
    MeanError,
    MeanNormalizedBias,
    MedianAbsoluteError,
    MedianAbsolutePercentageError,
    MedianRelativeAbsoluteError,
    PearsonCorrelation,
    QuantileLoss,
    R2Score,
    SpearmanRankCorrelation,
    WaveHedgesDistance,
)
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(11)


def numbers(*shape: int) -> np.ndarray:
    return random.normal(size=shape).astype("float32")


NORMAL = (numbers(23), numbers(23))
NEAR = (lambda y: (y + 0.3 * numbers(23), y))(numbers(23))
COLUMN = (numbers(23, 1), numbers(23, 1))
POSITIVE = (np.exp(numbers(23)), np.exp(numbers(23)))
TIES = (random.integers(0, 4, 23).astype("float32"), random.integers(1, 4, 23).astype("float32"))
FAR = (lambda y: (y + numbers(23), y))((1e6 + numbers(23)).astype("float32"))
HUGE = (numbers(23) * np.float32(1e38), numbers(23) * np.float32(1e38))
TINY = (numbers(23) * np.float32(1e-38), numbers(23) * np.float32(1e-38))
DOUBLE = (1e9 + random.normal(size=23), 1e9 + random.normal(size=23))
HALF = (numbers(23).astype("float16"), numbers(23).astype("float16"))
FEW = (numbers(2), numbers(2))
DATA = {
    "normal": NORMAL,
    "near": NEAR,
    "column": COLUMN,
    "positive": POSITIVE,
    "ties": TIES,
    "far": FAR,
    "huge": HUGE,
    "tiny": TINY,
    "double": DOUBLE,
    "half": HALF,
    "few": FEW,
}


# ---------------------------------------------------------------- NumPy's formulas, of float64 vectors


def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=(a != 0) | (b != 0))


def pinball(q: float) -> Callable[..., float]:
    return lambda p, y: float(np.mean(np.where(y >= p, q * (y - p), (1 - q) * (p - y))))


def pearson(p: np.ndarray, y: np.ndarray) -> float:
    p, y = p - p.mean(), y - y.mean()
    return float((p * y).mean() / max(np.sqrt((p * p).mean() * (y * y).mean()), 1e-8))


def r2(p: np.ndarray, y: np.ndarray) -> float:
    return float(1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2))


def mean_ranks(x: np.ndarray) -> np.ndarray:
    return np.array([(x < a).sum() + ((x == a).sum() + 1) / 2 for a in x])


def spearman(p: np.ndarray, y: np.ndarray) -> float:
    return float(np.corrcoef(mean_ranks(p), mean_ranks(y))[0, 1])


def kendall(variant: str) -> Callable[..., float]:
    def value(p: np.ndarray, y: np.ndarray) -> float:
        signs = [(np.sign(p[i] - p[j]), np.sign(y[i] - y[j])) for i, j in combinations(range(len(p)), 2)]
        surplus = sum(a * b for a, b in signs)
        if variant == "b":
            return float(surplus / np.sqrt(sum(abs(a) for a, _ in signs) * sum(abs(b) for _, b in signs)))
        fewest = min(len(set(p)), len(set(y)))
        return float(2 * surplus / (len(p) ** 2 * (fewest - 1) / fewest))

    return value


def pairwise(p: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean(np.sum(np.abs(p - y + 1e-6) ** 3, axis=1) ** (1 / 3)))


FORMULAS: dict[str, tuple[Callable[[], Metric], Callable[..., float]]] = {
    "canberra": (CanberraMetric, lambda p, y: ratio(abs(y - p), abs(y) + abs(p)).sum()),
    "fractional absolute error": (
        FractionalAbsoluteError,
        lambda p, y: 2 * ratio(abs(y - p), abs(y) + abs(p)).mean(),
    ),
    "smape": (SMAPE, lambda p, y: 200 * ratio(abs(y - p), abs(y) + abs(p)).mean()),
    "fractional bias": (FractionalBias, lambda p, y: 2 * ratio(y - p, y + p).mean()),
    "geometric": (GeometricMeanAbsoluteError, lambda p, y: np.exp(np.log(abs(y - p)).mean())),
    "geometric relative": (
        GeometricMeanRelativeAbsoluteError,
        lambda p, y: np.exp(np.log(abs(y - p) / abs(y - y.mean())).mean()),
    ),
    "kendall": (KendallRankCorrelation, kendall("b")),
    "kendall c": (lambda: KendallRankCorrelation("c"), kendall("c")),
    "manhattan": (ManhattanDistance, lambda p, y: abs(y - p).sum()),
    "maximum": (MaximumAbsoluteError, lambda p, y: abs(y - p).max()),
    "relative": (MeanAbsoluteRelativeError, lambda p, y: (abs(y - p) / abs(y)).mean()),
    "mape": (MAPE, lambda p, y: 100 * (abs(y - p) / abs(y)).mean()),
    "mean error": (MeanError, lambda p, y: (y - p).mean()),
    "normalized bias": (MeanNormalizedBias, lambda p, y: ((y - p) / y).mean()),
    "median": (MedianAbsoluteError, lambda p, y: np.median(abs(y - p))),
    "median percentage": (MedianAbsolutePercentageError, lambda p, y: 100 * np.median(abs(y - p) / abs(y))),
    "median relative": (MedianRelativeAbsoluteError, lambda p, y: np.median(ratio(abs(y - p), abs(y - y.mean())))),
    "pearson": (PearsonCorrelation, pearson),
    "r2": (R2Score, r2),
    "explained variance": (ExplainedVariance, lambda p, y: 1 - np.var(y - p) / np.var(y)),
    "spearman": (SpearmanRankCorrelation, spearman),
    "wave hedges": (WaveHedgesDistance, lambda p, y: ratio(abs(y - p), np.maximum(y, p)).sum()),
    "median loss": (QuantileLoss, pinball(0.5)),
    "quantile loss": (lambda: QuantileLoss(0.9), pinball(0.9)),
}


def rows() -> list[MetricRow]:
    found = []
    for name, (make, formula) in FORMULAS.items():
        for data, (p, y) in DATA.items():
            with np.errstate(all="ignore"):
                value = float(formula(p.astype(float).ravel(), y.astype(float).ravel()))
            found.append(
                MetricRow(f"{name} {data}", make, (p, y), value, rel={"double": 1e-6, "far": 1e-8}.get(data, 1e-9))
            )
    vectors = (numbers(23, 5), numbers(23, 5))
    value = pairwise(*(x.astype(float) for x in vectors))
    return [*found, MetricRow("pairwise", lambda: MeanPairwiseDistance(p=3), vectors, value)]


def pairs() -> list[Any]:
    """Every situation with ordinary numbers, those that the arithmetic depends on with hard ones."""
    hard = ("one_batch", "many_batches", "merged")
    return [
        pytest.param(row, situation, id=f"{row}-{situation}")
        for row in rows()
        for situation in (SITUATIONS if row.name.endswith(("normal", "ties", "pairwise")) else hard)
    ]


@pytest.mark.parametrize(("row", "situation"), pairs())
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, row.abs)
