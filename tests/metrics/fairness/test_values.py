"""Metrics by groups beside NumPy's, group after group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine
from sparkle.metrics import Accuracy, MeanSquaredError, NotComputableError, Precision
from sparkle.metrics.fairness import (
    DemographicParityDifference,
    SelectionRate,
    SubgroupAccuracyDifference,
    SubgroupDifference,
    SubgroupMetric,
)
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(6)
N = 40
GROUPS = random.integers(0, 4, size=N)
MULTICLASS = (random.normal(size=(N, 3)).astype("float32"), random.integers(0, 3, size=N), GROUPS)
BINARY = (random.integers(0, 2, size=N), random.integers(0, 2, size=N), GROUPS)
MULTILABEL = (random.integers(0, 2, size=(N, 4)), random.integers(0, 2, size=(N, 4)), GROUPS)
IMAGES = (random.normal(size=(N, 3, 2, 2)), random.integers(0, 3, size=(N, 2, 2)), GROUPS)


def rates(y_pred: np.ndarray, y: np.ndarray) -> np.ndarray:
    if y_pred.ndim > y.ndim:
        return np.array([(y_pred.argmax(1) == c).mean() for c in range(y_pred.shape[1])])
    if y_pred.ndim > 1:
        return y_pred.mean(axis=0)
    return np.array([(y_pred == 0).mean(), (y_pred == 1).mean()])


def accuracy(y_pred: np.ndarray, y: np.ndarray) -> float:
    if y_pred.ndim == y.ndim > 1:
        return float((y_pred == y).all(axis=1).mean())
    return float(((y_pred.argmax(1) if y_pred.ndim > y.ndim else y_pred) == y).mean())


def by_group(value: Callable[..., Any], groups: Any = (0, 1, 2)) -> Callable[..., Any]:
    return lambda p, y, g: {k: value(p[g == k], y[g == k]) for k in groups}


def difference(value: Callable[..., Any], groups: Any = (0, 1, 2)) -> Callable[..., float]:
    def found(p: np.ndarray, y: np.ndarray, g: np.ndarray) -> float:
        table = np.stack([np.asarray(x) for x in by_group(value, groups)(p, y, g).values()])
        return float(np.max(table.max(axis=0) - table.min(axis=0)))

    return found


def row(name: str, make: Callable[[], Any], arrays: Any, value: Callable[..., Any]) -> MetricRow:
    return MetricRow(name, make, arrays, value(*arrays))


ROWS = [
    row("rate multiclass", SelectionRate, MULTICLASS[:2], rates),
    row("rate binary", SelectionRate, BINARY[:2], rates),
    row("rate multilabel", lambda: SelectionRate(is_multilabel=True), MULTILABEL[:2], rates),
    row("rate images", SelectionRate, IMAGES[:2], rates),
    row("by group", lambda: SubgroupMetric(Accuracy(), [0, 1, 2]), MULTICLASS, by_group(accuracy)),
    row("by group tensors", lambda: SubgroupMetric(SelectionRate(), [2, 0]), IMAGES, by_group(rates, (2, 0))),
    row("by two names", lambda: SubgroupMetric(Accuracy(), [1, 1, 3]), BINARY, by_group(accuracy, (1, 3))),
    row("no such group", lambda: SubgroupMetric(Accuracy(), [1, 7]), BINARY, by_group(accuracy, (1,))),
    row("difference", lambda: SubgroupDifference(Accuracy(), [0, 1, 2]), MULTICLASS, difference(accuracy)),
    row(
        "difference of formulas", lambda: SubgroupDifference(1 - Accuracy(), [0, 1, 2]), BINARY, difference(accuracy),
    ),
    row("accuracies", lambda: SubgroupAccuracyDifference([0, 1, 2]), IMAGES, difference(
        lambda p, y: float((p.argmax(1) == y).mean()))),
    row(
        "accuracies multilabel", lambda: SubgroupAccuracyDifference([0, 1, 2], is_multilabel=True), MULTILABEL,
        difference(accuracy),
    ),
    row("parity", lambda: DemographicParityDifference([0, 1, 2]), MULTICLASS, difference(rates)),
    row("parity binary", lambda: DemographicParityDifference([0, 1, 2, 3]), BINARY, difference(rates, (0, 1, 2, 3))),
    row(
        "parity multilabel", lambda: DemographicParityDifference([0, 1, 2], is_multilabel=True), MULTILABEL,
        difference(rates),
    ),
]  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, row.abs)


def test_from_a_mapping() -> None:
    engine = Engine(lambda engine, batch: batch)
    SubgroupAccuracyDifference([0, 1]).attach(engine, "gap")
    SubgroupMetric(Accuracy(), [0, 1]).attach(engine, "each")
    y = sparkle.tensor([1, 0])
    engine.run([{"y_pred": sparkle.tensor([1, 1]), "y": y, "group_labels": sparkle.tensor([0, 1]), "more": 1}])
    assert engine.state.metrics["gap"] == 1.0
    assert engine.state.metrics["each"] == {0: 1.0, 1: 0.0}


def test_groups_have_metrics_of_their_own() -> None:
    base = Accuracy()
    metric = SubgroupMetric(base, [0, 1])
    metric.update((sparkle.tensor([1, 0]), sparkle.tensor([1, 1]), sparkle.tensor([0, 1])))
    assert metric.compute() == {0: 1.0, 1: 0.0}
    with pytest.raises(NotComputableError):
        base.compute()


def test_nan_makes_the_difference_nan() -> None:
    for values in ([float("nan"), 1.0], [1.0, float("nan")]):
        metric = SubgroupDifference(MeanSquaredError(), [0, 1])
        metric.update((sparkle.tensor(values), sparkle.zeros(2), sparkle.tensor([0, 1])))
        assert np.isnan(metric.compute())


def make_all() -> list[Any]:
    return [
        SubgroupMetric(Accuracy(), [0, 1]),
        SubgroupDifference(Precision(), [0, 1]),
        SubgroupAccuracyDifference([0, 1]),
        DemographicParityDifference([0, 1]),
    ]


@pytest.mark.parametrize("i", range(4))
def test_nothing_was_seen(i: int) -> None:
    metric = make_all()[i]
    for _ in range(2):
        with pytest.raises(NotComputableError, match=f"{type(metric).__name__} must have at least one example"):
            metric.compute()
        metric.update((sparkle.tensor([1]), sparkle.tensor([1]), sparkle.tensor([5])))  # of no group


@pytest.mark.parametrize("i", [1, 2, 3])
def test_one_group_makes_no_difference(i: int) -> None:
    metric = make_all()[i]
    metric.update((sparkle.tensor([1, 0]), sparkle.tensor([1, 0]), sparkle.tensor([1, 1])))
    with pytest.raises(NotComputableError, match=f"{type(metric).__name__}: .* at least two unique subgroups"):
        metric.compute()


@pytest.mark.parametrize("i", range(4))
def test_misuse(i: int) -> None:
    metric, y = make_all()[i], sparkle.tensor([1, 0])
    for labels in (sparkle.tensor([1]), sparkle.tensor([[1], [0]])):
        with pytest.raises(ValueError, match="must have the same batch size"):
            metric.update((y, y, labels))
    for output in ((y, y), y, (y, y, [0, 1])):
        with pytest.raises(TypeError, match=r"wanted the output \(y_pred, y, group_labels\)"):
            metric.update(output)


def test_a_metric_is_wanted() -> None:
    with pytest.raises(TypeError, match="base_metric should be a Metric, got int"):
        SubgroupMetric(3, [0])
