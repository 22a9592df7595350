"""Metrics made of metrics: operators, methods, functions; attaching and updating what they are made of once."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest

import sparkle
from sparkle.engine import Engine
from sparkle.metrics import (
    Accuracy,
    Average,
    ConfusionMatrix,
    MetricsLambda,
    NotComputableError,
    Precision,
    Recall,
    RunningAverage,
)

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow]


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
@pytest.mark.parametrize(("a", "b"), [(7.0, 2.0), (0.5, 3.0)])
def test_operator(op: Callable[[Any, Any], Any], a: float, b: float) -> None:
    left, right = Average(), Average()
    derived = [op(left, right), op(left, b), op(a, right)]
    left.update(a)
    right.update(b)
    assert [metric.compute() for metric in derived] == [op(a, b)] * 3
    assert all(type(metric) is MetricsLambda for metric in derived)


def test_other_operators() -> None:
    matrix = ConfusionMatrix(2)
    row, cell, negative = matrix[1], matrix[0, 1], -matrix.sum()
    matrix.update((sparkle.eye(2), sparkle.tensor([1, 1])))
    assert (row.compute().tolist(), cell.compute().item(), negative.compute().item()) == ([1, 1], 0, -2)


@pytest.mark.parametrize(
    ("derive", "value"),
    [
        (lambda m: m.mean(), 0.75),
        (lambda m: m.sum(), 1.5),
        (lambda m: m.min(), 0.5),
        (lambda m: m.max(), 1.0),
        (lambda m: m.sum(dim=0), 1.5),
        (lambda m: m[0].item(), 1.0),
        (lambda m: (2 * m * m / (m + m)).mean(), 0.75),
    ],
    ids=["mean", "sum", "min", "max", "dim", "item", "formula"],
)
def test_method(derive: Callable[[Any], Any], value: float) -> None:
    recall = Recall()
    metric = derive(recall)
    recall.update((sparkle.eye(3)[:, :2], sparkle.tensor([0, 1, 1])))
    assert float(metric.compute()) == pytest.approx(value)


def test_diagonal() -> None:
    matrix = ConfusionMatrix(2)
    diagonal = matrix.diag()
    matrix.update((sparkle.eye(2), sparkle.tensor([0, 1])))
    assert diagonal.compute().tolist() == [1, 1]


def test_function_of_arguments() -> None:
    def f(a: float, b: float, c: float = 0.0, d: float = 0.0) -> tuple[float, ...]:
        return a, b, c, d

    first, last = Average(), Average()
    metric = MetricsLambda(f, first, 2.0, d=last)
    first.update(1.0)
    last.update(3.0)
    assert metric.compute() == (1.0, 2.0, 0.0, 3.0)


def engine() -> Engine:
    return Engine(lambda engine, batch: batch)


PAIRS = [
    (sparkle.tensor([1, 1, 0, 1]), sparkle.tensor([1, 0, 0, 1])),
    (sparkle.tensor([0, 1, 0, 0]), sparkle.tensor([1, 1, 1, 0])),
]
F1 = 2 * (3 / 4) * (3 / 5) / (3 / 4 + 3 / 5)


def test_attach_makes_its_parts_run() -> None:
    trainer, precision, recall = engine(), Precision(), Recall()
    f1 = 2 * precision * recall / (precision + recall)
    f1.attach(trainer, "f1")
    assert f1.is_attached(trainer)
    assert not precision.is_attached(trainer)
    assert trainer.run(PAIRS, max_epochs=2).metrics == {"f1": pytest.approx(F1)}
    precision.attach(trainer, "precision")
    assert trainer.run(PAIRS).metrics == {"f1": pytest.approx(F1), "precision": 0.75}
    recall.detach(trainer)
    assert not f1.is_attached(trainer)  # one of its parts is not updated any more


def test_detach_leaves_the_parts() -> None:
    trainer, accuracy = engine(), Accuracy()
    error = 1 - accuracy
    accuracy.attach(trainer, "accuracy")
    error.attach(trainer, "error")
    error.detach(trainer)
    assert not error.is_attached(trainer)
    assert trainer.run(PAIRS).metrics == {"accuracy": 0.625}


def test_with_usage_and_name_modes() -> None:
    trainer = engine()
    both = MetricsLambda(lambda a: {"a": a}, Average(), metrics_result_mode="named")
    both.attach(trainer, "both", usage="running_batch_wise")
    assert trainer.run([1.0, 3.0], max_epochs=2).metrics == {"both": {"a": 2.0}}


def test_running_average_among_the_parts() -> None:
    trainer = engine()
    (1 - RunningAverage(Accuracy(), alpha=0.5)).attach(trainer, "error", usage="running_batch_wise")
    assert trainer.run(PAIRS).metrics == {"error": 1 - (0.75 + 0.5) / 2}


def test_update_by_hand() -> None:
    precision, recall = Precision(), Recall()
    metric = (precision + recall) * (precision - recall)
    for pair in PAIRS:
        metric.update(pair)
    assert metric.compute() == pytest.approx(0.75**2 - 0.6**2)
    assert int(precision._denominator) == 4  # each part was updated once, though it occurs twice
    with pytest.raises(ValueError, match="already updated, can't attach MetricsLambda"):
        metric.attach(engine(), "m")
    metric.reset()
    with pytest.raises(NotComputableError, match="Precision"):
        metric.compute()
    trainer = engine()
    metric.attach(trainer, "m")
    with pytest.raises(ValueError, match="can't use update API while it's attached"):
        metric.update(PAIRS[0])
    metric.detach(trainer)
    metric.update(PAIRS[0])
