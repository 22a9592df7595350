"""What `engine.state.metrics` holds after each iteration and each epoch is what it holds in Ignite, for every usage."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

USAGES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "default": lambda m: {},
    "epoch wise": lambda m: {"usage": m.metric.EpochWise()},
    "epoch wise by name": lambda m: {"usage": "epoch_wise"},
    "running epoch wise": lambda m: {"usage": m.metric.RunningEpochWise()},
    "running epoch wise by name": lambda m: {"usage": m.metric.RunningEpochWise.usage_name},
    "batch wise": lambda m: {"usage": m.metric.BatchWise()},
    "batch wise by name": lambda m: {"usage": "batch_wise"},
    "running batch wise": lambda m: {"usage": m.metric.RunningBatchWise()},
    "running batch wise by name": lambda m: {"usage": "running_batch_wise"},
    "single epoch": lambda m: {"usage": m.metric.SingleEpochRunningBatchWise()},
    "single epoch by name": lambda m: {"usage": "single_epoch_running_batch_wise"},
    "filtered": lambda m: {"usage": m.metric.BatchFiltered(every=2)},
    "filtered by function": lambda m: {"usage": m.metric.BatchFiltered(lambda engine, count: count % 3 != 2)},
}

METRICS: dict[str, Callable[[Any], Any]] = {
    "accuracy": lambda m: m.Accuracy(),
    "of mapping": lambda m: m.Accuracy(lambda output: {"y": output[1], "y_pred": output[0]}),
    "precision": lambda m: m.Precision(average="macro"),
    "matrix": lambda m: m.ConfusionMatrix(3),
    "mean score": lambda m: m.Average(lambda output: output[0].mean().item()),
    "mean row": lambda m: m.Average(lambda output: output[0]),
    "derived": lambda m: 1 - m.Accuracy(),
    "f1": lambda m: (lambda p, r: (2 * p * r / (p + r + 1e-9)).mean())(m.Precision(), m.Recall()),
    "dictionary": lambda m: m.MetricsLambda(lambda a, b: {"a": a, "b": b}, m.Accuracy(), 3),
    "named": lambda m: m.MetricsLambda(lambda a: {"a": a}, m.Accuracy(), metrics_result_mode="named"),
    "flat": lambda m: m.MetricsLambda(lambda a: {"a": a}, m.Accuracy(), metrics_result_mode="flatten"),
    "average of number": lambda m: m.RunningAverage(output_transform=lambda output: output[0].mean().item(), alpha=0.7),
    "average of tensor": lambda m: m.RunningAverage(output_transform=lambda output: output[0].mean(), alpha=0.7),
    "average of vector": lambda m: m.RunningAverage(output_transform=lambda output: output[0][0]),
    "average of accuracy": lambda m: m.RunningAverage(m.Accuracy(), alpha=0.6),
    "average of matrix": lambda m: m.RunningAverage(m.ConfusionMatrix(3, average="samples"), alpha=0.6),
}

CASES = [(metric, usage) for metric in METRICS for usage in USAGES]


def data(lib: Any, batches: int = 4) -> list[Any]:
    random = np.random.default_rng(3)
    arrays = [(random.normal(size=(6, 3)).astype("float32"), random.integers(0, 3, size=6)) for _ in range(batches)]
    return [(lib.tensor(y_pred), lib.tensor(y)) for y_pred, y in arrays]


def trace(lib: Any, make: Callable[[Any], Any], usage: Callable[[Any], dict[str, Any]]) -> list[Any]:
    """The metrics after each event, over two runs; what is left when the metric was detached between them."""
    engine = lib.e.Engine(lambda engine, batch: batch)
    metric, arguments, seen = make(lib.m), usage(lib.m), []
    metric.attach(engine, "m", **arguments)
    if arguments:  # ignite looks for a running average at another usage than the one that attach takes
        seen.append(metric.is_attached(engine, **arguments))
    for event in ("ITERATION_STARTED", "ITERATION_COMPLETED", "EPOCH_COMPLETED", "COMPLETED"):
        engine.add_event_handler(
            getattr(lib.e.Events, event), lambda engine: seen.append(copy.deepcopy(engine.state.metrics))
        )
    batches = data(lib)
    engine.run(batches, max_epochs=2)
    engine.state.max_epochs = None
    engine.run(batches[:3], max_epochs=1)
    metric.detach(engine, **arguments)
    engine.state.metrics.clear()
    engine.run(batches[:2])
    return [*seen, metric.is_attached(engine, **arguments), dict(engine.state.metrics)]


@pytest.mark.parametrize(("metric", "usage"), CASES, ids=[f"{m} {u}".replace(" ", "-") for m, u in CASES])
def test_trace(metric: str, usage: str, ours: Any, theirs: Any, check_same: Any) -> None:
    check_same(trace(ours, METRICS[metric], USAGES[usage]), trace(theirs, METRICS[metric], USAGES[usage]))


@pytest.mark.parametrize("bound", [True, False])
@pytest.mark.filterwarnings("ignore:.*epoch_bound")
def test_epoch_bound(bound: bool, ours: Any, theirs: Any, check_same: Any) -> None:
    def make(m: Any) -> Any:
        return m.RunningAverage(output_transform=lambda output: output[0].mean().item(), epoch_bound=bound)

    check_same(trace(ours, make, USAGES["default"]), trace(theirs, make, USAGES["default"]))


def together(lib: Any) -> list[Any]:
    """Several metrics, some of them under several names, some sharing parts."""
    engine = lib.e.Engine(lambda engine, batch: batch)
    accuracy, precision = lib.m.Accuracy(), lib.m.Precision()
    accuracy.attach(engine, "accuracy")
    accuracy.attach(engine, "same")
    (1 - accuracy).attach(engine, "error")
    (precision.mean() * accuracy).attach(engine, "product")
    lib.m.RunningAverage(lib.m.Accuracy()).attach(engine, "running")
    lib.m.RunningAverage(output_transform=lambda output: output[0].sum().item()).attach(engine, "sum")
    seen: list[Any] = []
    engine.add_event_handler(lib.e.Events.ITERATION_COMPLETED, lambda engine: seen.append(dict(engine.state.metrics)))
    for epochs in (1, 2):
        seen.append(dict(engine.run(data(lib), max_epochs=epochs).metrics))
        engine.state.max_epochs = None
    return seen


def test_together(ours: Any, theirs: Any, check_same: Any) -> None:
    check_same(together(ours), together(theirs))


def lists(lib: Any, **options: Any) -> Any:
    engine = lib.e.Engine(lambda engine, batch: batch)
    lib.m.Accuracy(**options).attach(engine, "accuracy")
    lib.m.MeanSquaredError(**options).attach(engine, "error")
    ones, zeros = lib.L.tensor(1), lib.L.tensor(0)
    return engine.run([([1, 0, 1], [1, 1, 1]), ([ones, zeros], [zeros, zeros]), ((1, ones), (ones, 0))]).metrics


def test_lists_are_taken_item_by_item(ours: Any, theirs: Any, check_same: Any) -> None:
    check_same(lists(ours), lists(theirs))
