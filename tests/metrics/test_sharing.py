"""What is computed once for several metrics, and when it must not be."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.metrics import Accuracy, ConfusionMatrix, Loss, Metric, MetricGroup, Precision, Recall
from sparkle.metrics.sharing import Batch, sharing

random = np.random.default_rng(0)


def batch(seed: int = 0) -> tuple[sparkle.Tensor, sparkle.Tensor]:
    random = np.random.default_rng(seed)
    return sparkle.from_numpy(random.normal(size=(8, 3))), sparkle.from_numpy(random.integers(0, 3, 8))


def metrics() -> dict[str, Metric]:
    return {"a": Accuracy(), "p": Precision(), "r": Recall(), "c": ConfusionMatrix(3)}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """The batches that are made."""
    seen: list[Batch] = []
    init = Batch.__init__
    monkeypatch.setattr(Batch, "__init__", lambda self, *args: (seen.append(self), init(self, *args))[1])
    return seen


def attached(outputs: Any) -> Engine:
    engine = Engine(lambda engine, index: outputs[index])
    for name, metric in metrics().items():
        metric.attach(engine, name)
    return engine


def test_an_engine_shares(made: list[Batch]) -> None:
    outputs = [batch(0), batch(1), batch(2)]
    attached(outputs).run(range(3))
    assert len(made) == 3


def test_metrics_by_hand_do_not(made: list[Batch]) -> None:
    output = batch()
    for metric in metrics().values():
        metric.update(output)
    assert len(made) == 4


def test_groups_and_formulas_share(made: list[Batch]) -> None:
    MetricGroup(metrics()).update(batch())
    assert len(made) == 1
    (Precision() * Recall() + Accuracy()).update(batch())
    assert len(made) == 2


def test_memory_that_is_filled_anew() -> None:
    y_pred, y = np.zeros((8, 3)), np.zeros(8, dtype=int)
    output = sparkle.from_numpy(y_pred), sparkle.from_numpy(y)

    def step(engine: Any, seed: int) -> Any:
        a, b = batch(seed)
        y_pred[:], y[:] = a.numpy(), b.numpy()  # no tensor knows of it
        return output

    engine = Engine(step)
    for name, metric in metrics().items():
        metric.attach(engine, name)
    found = engine.run([1, 2, 3]).metrics
    wanted = attached({i: batch(i) for i in (1, 2, 3)}).run([1, 2, 3]).metrics
    assert found["a"] == wanted["a"]
    assert found["c"].tolist() == wanted["c"].tolist()
    # The only iteration of each run has the same number.
    matrices = [engine.run([seed]).metrics["c"].tolist() for seed in (4, 5, 6)]
    assert matrices == [attached({i: batch(i)}).run([i]).metrics["c"].tolist() for i in (4, 5, 6)]


def test_a_tensor_that_is_written_to_between() -> None:
    output, second = batch(0), ConfusionMatrix(3)
    engine = Engine(lambda engine, _: output)
    ConfusionMatrix(3).attach(engine, "before")
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: output[0].neg_(), priority=20)
    second.attach(engine, "after")
    found = engine.run([0]).metrics
    by_hand = ConfusionMatrix(3)
    by_hand.update(output)
    assert found["after"].tolist() == by_hand.compute().tolist() != found["before"].tolist()


def test_engines_inside_each_other() -> None:
    outer = attached([batch(0)])
    inner = attached([batch(1)])
    outer.add_event_handler(Events.ITERATION_COMPLETED, lambda: inner.run([0]))
    last = Accuracy()
    last.attach(outer, "last")
    found = outer.run([0]).metrics
    assert found["last"] == found["a"]
    assert inner.state.metrics["a"] == attached([batch(1)]).run([0]).metrics["a"]


def test_outputs_are_not_held() -> None:
    kept: list[Any] = []

    def step(engine: Any, seed: int) -> Any:
        output = batch(seed)
        kept.append(weakref.ref(output[0]))
        return output

    engine = Engine(step)
    for name, metric in metrics().items():
        metric.attach(engine, name)
    engine.run([0, 1])
    engine.state.output = None
    gc.collect()
    assert [ref() for ref in kept] == [None, None]
    assert sharing.batch is None


def test_an_error_ends_the_sharing() -> None:
    engine = Engine(lambda engine, _: (sparkle.zeros(2, 3), sparkle.zeros(3)))
    Accuracy().attach(engine, "a")
    with pytest.raises(ValueError, match="compatible shapes"):
        engine.run([0])
    assert sharing.scope is None


def test_different_transforms() -> None:
    engine = Engine(lambda engine, _: batch(0))
    Accuracy().attach(engine, "plain")
    Accuracy(lambda output: (-output[0], output[1])).attach(engine, "negated")
    Loss(lambda y_pred, y: y_pred.mean()).attach(engine, "loss")
    found = engine.run([0, 0]).metrics
    y_pred, y = batch(0)
    assert found["plain"] == (y_pred.argmax(1) == y).double().mean().item()
    assert found["negated"] == (y_pred.argmin(1) == y).double().mean().item()


@pytest.mark.parametrize("classes", [3, 100])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64"])
def test_counts(classes: int, dtype: str) -> None:
    y_pred, y = random.normal(size=(200, classes)), random.integers(0, classes, 200)
    shared = Batch(sparkle.from_numpy(y_pred), sparkle.from_numpy(y.astype(dtype)))
    hits, predicted, true = shared.counts_of_classes(classes)
    labels = y_pred.argmax(axis=1)
    assert hits.tolist() == [((labels == c) & (y == c)).sum() for c in range(classes)]
    assert predicted.tolist() == [(labels == c).sum() for c in range(classes)]
    assert true.tolist() == [(y == c).sum() for c in range(classes)]
    assert shared.labels_in_range(classes)
    assert shared.matrix(classes).reshape(classes, classes).trace() == hits.sum()


@pytest.mark.parametrize("label", [-1, 3, 255, -(2**60)])
@pytest.mark.parametrize("classes", [3, 100])
def test_labels_that_are_no_class(label: int, classes: int) -> None:
    y = np.array([0, 1, label if label < 0 else label + classes])
    shared = Batch(sparkle.from_numpy(np.zeros((3, classes))), sparkle.from_numpy(y))
    assert not shared.labels_in_range(classes)
    assert shared.matrix(classes).sum() == 2
    with pytest.raises(ValueError, match=r"y must be one of 0\.\."):
        Precision().update((sparkle.zeros(3, classes), sparkle.from_numpy(y)))
