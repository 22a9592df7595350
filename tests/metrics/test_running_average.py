"""Running averages of outputs and of metrics."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.metrics import Accuracy, Average, RunningAverage, SingleEpochRunningBatchWise


def decayed(values: list[float], alpha: float) -> list[float]:
    found = [values[0]]
    for value in values[1:]:
        found.append(alpha * found[-1] + (1 - alpha) * value)
    return found


def trace(engine: Engine, data: Any, epochs: int = 1) -> list[Any]:
    values: list[Any] = []
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: values.append(engine.state.metrics.get("a")))
    engine.run(data, max_epochs=epochs)
    return values


def echo() -> Engine:
    return Engine(lambda engine, batch: batch)


VALUES = [4.0, 2.0, -1.0]


@pytest.mark.parametrize(
    "kind", [float, int, np.float64, np.float32, sparkle.tensor, lambda v: sparkle.tensor([v]).mean()],
    ids=["float", "int", "float64", "float32", "tensor", "mean"],
)  # fmt: skip
def test_numbers(kind: Any) -> None:
    engine = echo()
    RunningAverage(alpha=0.75, output_transform=lambda x: x).attach(engine, "a")
    assert trace(engine, [kind(v) for v in VALUES]) == pytest.approx(decayed(VALUES, 0.75))


def test_vectors() -> None:
    engine = echo()
    RunningAverage(alpha=0.5, output_transform=lambda x: x["v"]).attach(engine, "a")
    found = trace(engine, [{"v": sparkle.tensor([v, 2 * v])} for v in VALUES])
    for value, wanted in zip(found, decayed(VALUES, 0.5), strict=True):
        assert value.tolist() == pytest.approx([wanted, 2 * wanted])


def test_memory_of_the_output_may_be_used_again() -> None:
    output = sparkle.zeros(2)

    def process(engine: Engine, batch: float) -> sparkle.Tensor:
        return output.fill_(batch)

    engine = Engine(process)
    RunningAverage(alpha=1.0, output_transform=lambda x: x).attach(engine, "a")
    assert [value.tolist() for value in trace(engine, [1.0, 2.0])] == [[1.0, 1.0], [1.0, 1.0]]


def test_graphs_are_not_kept() -> None:
    weight = sparkle.ones(1, requires_grad=True)
    engine = Engine(lambda engine, batch: (weight * batch).sum())
    average = RunningAverage(output_transform=lambda x: x)
    average.attach(engine, "a")
    engine.run([1.0, 2.0])
    assert not average.compute().requires_grad


def test_the_run_is_one_average_and_the_epoch_is_one() -> None:
    for usage, wanted in (
        (None, decayed(VALUES * 2, 0.5)),
        ("running_batch_wise", decayed(VALUES * 2, 0.5)),
        (SingleEpochRunningBatchWise(), decayed(VALUES, 0.5) * 2),
        ("running_epoch_wise", [None] * 3 + [-1.0] * 3),
    ):
        engine = echo()
        average = RunningAverage(alpha=0.5, output_transform=lambda x: x)
        average.attach(engine, "a", **({} if usage is None else {"usage": usage}))
        assert trace(engine, VALUES, epochs=2) == wanted


def test_of_a_metric() -> None:
    batches = [[1.0, 3.0], [5.0], [0.0, 1.0, 2.0]]
    engine = Engine(lambda engine, batch: sparkle.tensor(batch)[:, None])
    source = Average()
    average = RunningAverage(source, alpha=0.5)
    average.attach(engine, "a")
    assert average.is_attached(engine)
    assert trace(engine, batches) == pytest.approx(decayed([2.0, 5.0, 1.0], 0.5))
    average.detach(engine)
    assert not average.is_attached(engine)
    assert not engine.has_event_handler(source.iteration_completed)


def test_of_a_metric_by_epoch() -> None:
    """The source gathers the whole epoch."""
    engine = Engine(lambda engine, batch: batch * engine.state.epoch)
    RunningAverage(Average(), alpha=0.5).attach(engine, "a", usage="running_epoch_wise")
    assert trace(engine, [1.0, 3.0], epochs=3) == [None, None, 2.0, 2.0, 3.0, 3.0]
    assert engine.state.metrics["a"] == 4.5


@pytest.mark.parametrize(("epoch_bound", "wanted"), [(True, [4.0, 3.0] * 2), (False, [4.0, 3.0, 3.5, 2.75])])
def test_epoch_bound(epoch_bound: bool, wanted: list[float]) -> None:
    with pytest.warns(UserWarning, match="`epoch_bound` is deprecated"):
        average = RunningAverage(alpha=0.5, output_transform=lambda x: x, epoch_bound=epoch_bound)
    engine = echo()
    average.attach(engine, "a", usage="running_epoch_wise")  # the old argument decides
    assert trace(engine, [4.0, 2.0], epochs=2) == wanted
    average.detach(engine)
    assert not average.is_attached(engine)


def test_no_warning_without_the_old_argument() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RunningAverage(Accuracy())


def test_two_names_and_one_update_of_the_source() -> None:
    class Sum(Average):
        def compute(self) -> Any:
            return self.accumulator

    engine, average = echo(), RunningAverage(Sum(), alpha=0.5)
    average.attach(engine, "a")
    average.attach(engine, "b")
    assert engine.run([1.0, 3.0]).metrics == {"a": 2.0, "b": 2.0}
