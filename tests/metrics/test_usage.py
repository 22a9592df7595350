"""Usages: when a metric is reset, updated and computed; by name and by object."""

from __future__ import annotations

from typing import Any

import pytest

from sparkle.engine import Engine, Events
from sparkle.metrics import (
    Average,
    BatchFiltered,
    BatchWise,
    EpochWise,
    Metric,
    MetricUsage,
    RunningBatchWise,
    RunningEpochWise,
    SingleEpochRunningBatchWise,
)
from sparkle.metrics.usage import as_usage

DATA = [1.0, 3.0]  # two epochs
USAGES: list[tuple[Any, list[float | None], list[float | None]]] = [
    # usage, the value after each iteration, the value after each epoch
    (EpochWise(), [None, None, 2.0, 2.0], [2.0, 2.0]),
    (RunningEpochWise(), [None, None, 3.0, 3.0], [3.0, 3.0]),
    (BatchWise(), [1.0, 3.0, 1.0, 3.0], [3.0, 3.0]),
    (RunningBatchWise(), [1.0, 2.0, 5 / 3, 2.0], [2.0, 2.0]),
    (SingleEpochRunningBatchWise(), [1.0, 2.0, 1.0, 2.0], [2.0, 2.0]),
    (BatchFiltered(every=2), [None, None, 3.0, 3.0], [3.0, 3.0]),
    (BatchFiltered(lambda engine, count: count in (1, 3)), [None, None, 1.0, 1.0], [1.0, 1.0]),
]


def trace(metric: Metric, usage: Any) -> tuple[list[Any], list[Any]]:
    engine = Engine(lambda engine, batch: batch)
    metric.attach(engine, "m", usage=usage)
    assert metric.is_attached(engine, usage=usage)
    each_iteration: list[Any] = []
    each_epoch: list[Any] = []
    for event, values in ((Events.ITERATION_COMPLETED, each_iteration), (Events.EPOCH_COMPLETED, each_epoch)):
        engine.add_event_handler(event, lambda engine, values: values.append(engine.state.metrics.get("m")), values)
    engine.run(DATA, max_epochs=2)
    metric.detach(engine, usage=usage)
    assert not metric.is_attached(engine, usage=usage)
    return each_iteration, each_epoch


@pytest.mark.parametrize(("usage", "iterations", "epochs"), USAGES, ids=lambda value: getattr(value, "usage_name", ""))
def test_usage(usage: MetricUsage, iterations: list[Any], epochs: list[Any]) -> None:
    assert trace(Average(), usage) == (iterations, epochs)
    if usage.usage_name != "batch_filtered":
        assert trace(Average(), usage.usage_name) == (iterations, epochs)


def test_usage_of_ones_own() -> None:
    """The mean of the last two epochs of each three."""
    second, third = Events.EPOCH_STARTED(every=3, after=1), Events.EPOCH_COMPLETED(every=3)
    usage = MetricUsage(second, third, Events.ITERATION_COMPLETED)
    engine = Engine(lambda engine, batch: engine.state.epoch)
    Average().attach(engine, "mean", usage=usage)
    assert engine.run([0, 0], max_epochs=3).metrics == {"mean": 2.5}


def test_attached_by_one_usage_only() -> None:
    engine, metric = Engine(lambda engine, batch: batch), Average()
    metric.attach(engine, "m", usage=EpochWise())
    assert metric.is_attached(engine, EpochWise.usage_name)
    assert not metric.is_attached(engine, BatchWise())


def test_kinds() -> None:
    assert isinstance(as_usage("running_epoch_wise"), EpochWise)
    assert isinstance(as_usage("single_epoch_running_batch_wise"), BatchWise)
    assert as_usage(usage := MetricUsage(1, 2, 3)) is usage
    assert (usage.STARTED, usage.COMPLETED, usage.ITERATION_COMPLETED, repr(usage)) == (1, 2, 3, "MetricUsage()")
