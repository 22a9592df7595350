"""What holds for all metrics: batches, states, merges, resets. The metrics are in tests/metric_examples."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import warnings
from typing import Any

import numpy as np
import pytest

import sparkle
import sparkle.metrics
from sparkle.metrics import Metric, NotComputableError
from tests.metric_examples import EXAMPLES, Example

# Those whose values are made of the time and the machine have tests of their own.
OTHERS = {"Metric", "MetricsLambda", "Frequency", "GpuInfo"}

each = pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row.name.replace(" ", "-"))
mergeable = pytest.mark.parametrize(
    "row", [row for row in EXAMPLES if row.merges], ids=lambda row: row.name.replace(" ", "-")
)


def updated(row: Example, outputs: list[Any], metric: Any = None) -> Any:
    metric = metric or row.make()
    for output in outputs:
        metric.update(output)
    return metric


def same(a: Any, b: Any) -> None:
    """Equal but for the order of sums."""
    if isinstance(b, dict):
        assert list(a) == list(b)
        a, b = list(a.values()), list(b.values())
    if isinstance(b, (tuple, list)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(b, (str, type(None))):
        assert a == b
    else:
        a, b = (x.numpy() if isinstance(x, sparkle.Tensor) else np.asarray(x) for x in (a, b))
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def differs(a: Any, b: Any) -> bool:
    try:
        same(a, b)
    except AssertionError:
        return True
    return False


def public_metrics() -> set[str]:
    """The names of all metric classes that sparkle.metrics and its families export."""
    modules = [sparkle.metrics] + [
        importlib.import_module(f"sparkle.metrics.{info.name}")
        for info in pkgutil.iter_modules(sparkle.metrics.__path__)
        if info.ispkg
    ]
    found = [getattr(module, name) for module in modules for name in getattr(module, "__all__", ())]
    return {x.__name__ for x in found if inspect.isclass(x) and issubclass(x, Metric)}


def test_all_are_here() -> None:
    assert public_metrics() - OTHERS <= {row.name.split()[0] for row in EXAMPLES}


@each
def test_batches_do_not_matter(row: Example) -> None:
    if not row.by_batch:
        one = updated(row, row.batches(1)).compute()
        same(updated(row, row.batches(5)).compute(), one)


@each
def test_data_matters(row: Example) -> None:
    first, *others = (updated(row, row.batches(5, seed)).compute() for seed in range(4))
    assert any(differs(first, other) for other in others)


@each
def test_the_value_can_be_asked_for_at_any_time(row: Example) -> None:
    metric = row.make()
    for output in row.batches(5):
        metric.update(output)
        same(metric.compute(), metric.compute())
    same(metric.compute(), updated(row, row.batches(5)).compute())


def wipe(output: Any) -> None:
    """Overwrite the tensors of an output, and empty its lists."""
    if isinstance(output, sparkle.Tensor):
        output.zero_()
    elif isinstance(output, (list, tuple, dict)):
        for item in output.values() if isinstance(output, dict) else output:
            wipe(item)
        if isinstance(output, list):
            output.clear()


@each
def test_outputs_are_not_kept(row: Example) -> None:
    metric, memory = row.make(), row.batches(5)
    for output in memory:
        metric.update(output)
        wipe(output)
    same(metric.compute(), updated(row, row.batches(5)).compute())


@each
def test_state(row: Example) -> None:
    outputs = row.batches(6)
    metric, file = updated(row, outputs[:3]), io.BytesIO()
    sparkle.save(metric.state_dict(), file)
    file.seek(0)
    updated(row, outputs[3:], metric)
    resumed = updated(row, row.batches(6, seed=7))  # what it has seen is replaced
    resumed.compute()
    resumed.load_state_dict(sparkle.load(file))
    same(resumed.compute(), updated(row, outputs[:3]).compute())
    same(updated(row, outputs[3:], resumed).compute(), metric.compute())


@each
def test_a_state_is_a_copy(row: Example) -> None:
    outputs = row.batches(4)
    metric = updated(row, outputs[:2])
    state, other = metric.state_dict(), row.make()
    value = metric.compute()
    other.load_state_dict(state)
    updated(row, outputs[2:], metric)
    updated(row, outputs[2:], other)
    again = row.make()
    again.load_state_dict(state)
    same(again.compute(), value)


@each
def test_reset(row: Example) -> None:
    metric = updated(row, row.batches(3, seed=7))
    metric.compute()
    metric.reset()
    if not isinstance(metric, sparkle.metrics.VariableAccumulation) or isinstance(metric, sparkle.metrics.Average):
        with pytest.raises(NotComputableError, match=r"must have at least one example|must have at least one"):
            metric.compute()
    same(updated(row, row.batches(3), metric).compute(), updated(row, row.batches(3)).compute())


@mergeable
def test_merge(row: Example) -> None:
    outputs = row.batches(6)
    first, second = updated(row, outputs[:3]), updated(row, outputs[3:])
    first.compute()
    value = second.compute()
    first.merge(second)
    same(first.compute(), updated(row, outputs).compute())
    same(second.compute(), value)
    updated(row, outputs, first)
    same(second.compute(), value)


@mergeable
def test_merge_with_nothing(row: Example) -> None:
    outputs = row.batches(3)
    whole, filled, empty = updated(row, outputs).compute(), updated(row, outputs), row.make()
    filled.merge(row.make())
    same(filled.compute(), whole)
    empty.merge(filled)
    same(empty.compute(), whole)
    same(updated(row, outputs, empty).compute(), updated(row, outputs + outputs).compute())
    same(filled.compute(), whole)


@mergeable
def test_merge_after_a_state(row: Example) -> None:
    outputs = row.batches(4)
    parts = [row.make(), row.make()]
    parts[0].load_state_dict(updated(row, outputs[:2]).state_dict())
    parts[1].load_state_dict(updated(row, outputs[2:]).state_dict())
    parts[0].merge(parts[1])
    same(parts[0].compute(), updated(row, outputs).compute())


class Other(Metric):
    def reset(self) -> None: ...

    def update(self, output: Any) -> None: ...

    def compute(self) -> None: ...


@each
def test_merge_of_other_kinds_is_refused(row: Example) -> None:
    metric = updated(row, row.batches(2))
    value = metric.compute()
    for other in (Other(), 3):
        with pytest.raises(TypeError, match=r"\.merge: "):
            metric.merge(other)
    if not row.merges:
        with pytest.raises(TypeError, match=r"\.merge: "):
            metric.merge(row.make())
    same(metric.compute(), value)


# What these make of nothing is up to the function that they are given.
OF_NOTHING = {"RunningAverage", "VariableAccumulation largest"}


@pytest.mark.parametrize(
    "row", [row for row in EXAMPLES if row.name not in OF_NOTHING], ids=lambda row: row.name.replace(" ", "-")
)
def test_an_empty_batch_changes_nothing(row: Example) -> None:
    arrays = row.data(np.random.default_rng(0))
    empty = row.output(*(sparkle.from_numpy(array[:0].copy()) for array in arrays))
    outputs = row.batches(3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric = updated(row, [empty])
        with pytest.raises(NotComputableError):
            metric.compute()
        same(updated(row, [*outputs[:2], empty, outputs[2]], metric).compute(), updated(row, outputs).compute())
