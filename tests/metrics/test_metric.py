"""What all metrics share: attaching and detaching, transforming outputs, results, states."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine, Events, Serializable
from sparkle.metrics import (
    Accuracy,
    Average,
    ConfusionMatrix,
    Loss,
    MeanSquaredError,
    Metric,
    Precision,
    RunningAverage,
)
from sparkle.metrics.metric import reinit__is_reduced, sync_all_reduce


class Seen(Metric):
    """Remembers what was called."""

    required_output_keys: tuple[str, ...] | None = ("y_pred", "y")

    def reset(self) -> None:
        self.calls = [*getattr(self, "calls", []), "reset"]

    def update(self, output: Any) -> None:
        self.calls.append(output)

    def compute(self) -> int:
        return len(self.calls)


class Constant(Metric):
    """Computes what it is given."""

    def __init__(self, value: Any, **options: Any) -> None:
        self.value = value
        super().__init__(**options)

    def reset(self) -> None: ...

    def update(self, output: Any) -> None: ...

    def compute(self) -> Any:
        return self.value


def echo() -> Engine:
    return Engine(lambda engine, batch: batch)


def updates(output: Any, **options: Any) -> list[Any]:
    """What a metric is updated with when an engine puts this out."""
    engine, metric = echo(), Seen(**options)
    metric.attach(engine, "seen")
    engine.run([output])
    return metric.calls[2:]


# ---------------------------------------------------------------- attaching


def test_attach_and_detach() -> None:
    engine, metric = echo(), Average()
    assert not metric.is_attached(engine)
    metric.attach(engine, "mean")
    assert metric.is_attached(engine)
    assert not metric.is_attached(echo())
    assert engine.run([1.0, 3.0]).metrics == {"mean": 2.0}
    metric.detach(engine)
    assert not metric.is_attached(engine)
    engine.state.metrics.clear()
    assert engine.run([1.0]).metrics == {}
    metric.detach(engine)  # once more does nothing
    assert not any(engine.has_event_handler(h) for h in (metric.started, metric.iteration_completed, metric.completed))


def test_several_names_one_update() -> None:
    engine, metric = echo(), Seen()
    metric.attach(engine, "a")
    metric.attach(engine, "b")
    assert engine.run([(1, 2)]).metrics == {"a": 3, "b": 3}
    assert metric.calls == ["reset", "reset", (1, 2)]
    metric.detach(engine)
    engine.state.metrics.clear()
    assert engine.run([1]).metrics == {}


def test_one_metric_on_two_engines() -> None:
    first, second, metric = echo(), echo(), Average()
    metric.attach(first, "mean")
    metric.attach(second, "mean")
    assert first.run([1.0, 2.0]).metrics == {"mean": 1.5}
    assert second.run([5.0]).metrics == {"mean": 5.0}


def test_each_epoch_anew() -> None:
    engine, values = echo(), []
    Average().attach(engine, "mean")
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: values.append(engine.state.metrics["mean"]))
    engine.run(iter([1.0, 3.0, 5.0, 9.0]), max_epochs=2, epoch_length=2)
    assert values == [2.0, 7.0]


def test_gradients_are_recorded_again_afterwards() -> None:
    seen = []

    def transform(output: Any) -> Any:
        seen.append(sparkle.is_grad_enabled())
        if len(seen) == 2:
            raise KeyError("broken")
        return output

    engine = echo()
    Average(output_transform=transform).attach(engine, "mean")
    with pytest.raises(KeyError):
        engine.run([1.0, 2.0])
    assert seen == [False, False]
    assert sparkle.is_grad_enabled()


# ---------------------------------------------------------------- outputs

Pair = namedtuple("Pair", ["y_pred", "y"])
x, y = sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0])

OUTPUTS: list[tuple[str, Any, dict[str, Any], list[Any]]] = [
    ("pair", (x, y), {}, [(x, y)]),
    ("list", [x, y], {}, [[x, y]]),
    ("named", Pair(x, y), {}, [Pair(x, y)]),
    ("mapping", {"y": y, "y_pred": x, "loss": 3}, {}, [(x, y)]),
    ("transform", {"a": x, "b": y}, {"output_transform": lambda o: (o["b"], o["a"])}, [(y, x)]),
    ("to mapping", (x, y), {"output_transform": lambda o: {"y_pred": o[1], "y": o[0]}}, [(y, x)]),
    ("number", 3.0, {}, [3.0]),
    ("tensor", x, {}, [x]),
    ("numbers", (1.0, 2), {}, [(1.0, 2)]),
    ("none", None, {}, [None]),
    ("text", "ab", {}, ["ab"]),
    ("three", (x, y, {"weight": 2}), {}, [(x, y, {"weight": 2})]),
    ("no items", ([], []), {}, []),
    ("mixed", ([x], y), {}, [([x], y)]),
    ("skipped", ([x], [y]), {"skip_unrolling": True}, [([x], [y])]),
]


@pytest.mark.parametrize(("name", "output", "options", "wanted"), OUTPUTS, ids=[name for name, *_ in OUTPUTS])
def test_output(name: str, output: Any, options: dict[str, Any], wanted: list[Any]) -> None:
    met = updates(output, **options)
    assert len(met) == len(wanted)
    for a, b in zip(met, wanted, strict=True):
        assert type(a) is type(b)
        items = zip(a, b, strict=True) if isinstance(b, (tuple, list)) else [(a, b)]
        assert all(p is q or p == q for p, q in items)


@pytest.mark.parametrize("container", [list, tuple])
def test_lists_are_taken_item_by_item(container: Callable[..., Any]) -> None:
    met = updates(container([container([x, y]), container([1, 0])]))
    assert [(a.tolist(), b.tolist()) for a, b in met] == [([[1.0, 2.0]], [1]), ([[3.0]], [0])]
    assert met[0][1].dtype == sparkle.int64


def test_lists_of_numbers() -> None:
    engine = echo()
    Accuracy().attach(engine, "accuracy")
    MeanSquaredError().attach(engine, "error")
    assert engine.run([([1, 0, 1], [1, 1, 1])]).metrics == {"accuracy": 2 / 3, "error": 1 / 3}


def test_keyword_arguments_of_a_loss_in_a_mapping() -> None:
    def scaled(y_pred: Any, y: Any, scale: float = 1.0) -> Any:
        return (y_pred - y).abs().mean() * scale

    engine = echo()
    Loss(scaled).attach(engine, "loss")
    output = {"y_pred": sparkle.ones(2), "y": sparkle.zeros(2)}
    assert engine.run([output]).metrics == {"loss": 1.0}
    assert engine.run([{**output, "criterion_kwargs": {"scale": 3.0}}]).metrics == {"loss": 3.0}


# ---------------------------------------------------------------- results

RESULTS: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = [
    ("number", 0.5, {}, {"m": 0.5}),
    ("text", "fine", {}, {"m": "fine"}),
    ("0-d", sparkle.tensor(2), {}, {"m": 2}),
    ("flatten", {"a": 1, "b": 2}, {"metrics_result_mode": "flatten"}, {"a": 1, "b": 2}),
    ("named", {"a": 1, "b": 2}, {"metrics_result_mode": "named"}, {"m": {"a": 1, "b": 2}}),
    ("both", {"a": 1, "b": 2}, {}, {"a": 1, "b": 2, "m": {"a": 1, "b": 2}}),
    ("flatten clash", {"m": 1}, {"metrics_result_mode": "flatten"}, {"m": 1}),
]


@pytest.mark.parametrize(("name", "value", "options", "wanted"), RESULTS, ids=[name for name, *_ in RESULTS])
def test_result(name: str, value: Any, options: dict[str, Any], wanted: dict[str, Any]) -> None:
    engine = echo()
    Constant(value, **options).attach(engine, "m")
    found = engine.run([0]).metrics
    assert found == wanted
    assert [type(v) for v in found.values()] == [type(v) for v in wanted.values()]


def test_tensors_stay_tensors() -> None:
    engine = echo()
    Constant(x).attach(engine, "m")
    assert engine.run([0]).metrics["m"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("mode", ["named", "both"])
def test_name_among_the_keys(mode: str) -> None:
    engine = echo()
    Constant({"m": 1}, metrics_result_mode=mode).attach(engine, "m")
    with pytest.raises(ValueError, match="'m' is conflicting with mapping keys: \\['m'\\]"):
        engine.run([0])


def test_result_mode() -> None:
    with pytest.raises(ValueError, match=r"metrics_result_mode should be one of .* got 'all'"):
        Constant(1, metrics_result_mode="all")


def test_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Metric()


# ---------------------------------------------------------------- states


class Gathered(Metric):
    """State of every kind."""

    _state_dict_all_req_keys = ("value",)

    def __init__(self, value: Any = None, device: Any = None) -> None:
        super().__init__(device=device)
        self.value = value

    def reset(self) -> None:
        self.value: Any = None

    def update(self, output: Any) -> None: ...

    def compute(self) -> Any:
        return self.value


def plain(value: Any) -> Any:
    """A value in terms that can be compared."""
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return (type(value).__name__, str(value.dtype), value.tolist()) if hasattr(value, "dtype") else value


STATES = [
    None, 3, 0.5, True, x, sparkle.tensor(1), np.arange(3), [1, x], (x, None), {"a": x, "b": [np.zeros((2, 2))]},
]  # fmt: skip


@pytest.mark.parametrize("value", STATES, ids=lambda value: f"{type(value).__name__}-{len(str(value))}")
def test_state_round_trip(value: Any, tmp_path: Any) -> None:
    metric, other = Gathered(value), Gathered(device="cpu")
    sparkle.save(metric.state_dict(), tmp_path / "state")
    other.load_state_dict(sparkle.load(tmp_path / "state"))
    assert plain(other.value) == plain(value)
    assert list(metric.state_dict()) == ["value"]


def test_sums_become_numbers() -> None:
    assert Gathered(np.arange(4.0).sum()).state_dict() == {"value": 6.0}
    assert type(Gathered(np.asarray(2)).state_dict()["value"]) is int


def test_state_is_a_copy() -> None:
    held = sparkle.zeros(2)
    metric, other = Gathered(held), Gathered()
    state = metric.state_dict()
    other.load_state_dict(state)
    held += 1
    state["value"] += 2
    assert (metric.value.tolist(), state["value"].tolist(), other.value.tolist()) == ([1, 1], [2, 2], [0, 0])


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (3, TypeError, "should be a dictionary, but given <class 'int'>"),
        ({}, ValueError, "'_value' is absent"),
        ({"_value": 1.0, "src": {"_sum": 1.0}}, ValueError, "'_num_examples' is absent"),
        ({"_value": 1.0, "src": 3}, TypeError, "should be a dictionary"),
        (
            {"_value": "1", "src": {"_sum": 1.0, "_num_examples": 2}},
            ValueError,
            r"RunningAverage\._value is of type str",
        ),
        ({"_value": 1, "src": {"_sum": [object()], "_num_examples": 2}}, ValueError, r"Accuracy\._sum\[0\] .* object"),
    ],
    ids=["number", "empty", "part missing", "part", "text", "object"],
)
def test_what_is_refused_changes_nothing(state: Any, error: type[Exception], message: str) -> None:
    metric = RunningAverage(Accuracy())
    metric.src.update((sparkle.tensor([1, 0]), sparkle.tensor([1, 1])))
    metric.update(None)
    metric.src.update((sparkle.tensor([1, 0]), sparkle.tensor([1, 1])))
    before = metric.state_dict()
    with pytest.raises(error, match=message):
        metric.load_state_dict(state)
    assert metric.state_dict() == before == {"_value": 0.5, "src": {"_sum": 1.0, "_num_examples": 2}}


def test_state_of_derived_metrics() -> None:
    precision = Precision()
    metric = (precision + 1) * (precision + 2)
    precision.update((sparkle.tensor([1, 1]), sparkle.tensor([1, 0])))
    state = metric.state_dict()
    assert len(state["_metrics"]) == 1  # saved once
    precision.reset()
    metric.load_state_dict(state)
    assert metric.compute() == 1.5 * 2.5
    for wrong in ([], 3, [1, 2]):
        with pytest.raises(ValueError, match="_metrics should be a list of 1 states"):
            metric.load_state_dict({"_metrics": wrong})


def test_state_that_cannot_be_saved() -> None:
    with pytest.raises(TypeError, match=r"Gathered\.value\[1\] is of type object"):
        Gathered([1, object()]).state_dict()


def test_metrics_are_serializable() -> None:
    assert isinstance(Average(), Serializable)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_duplicates(duplicate: Callable[[Any], Any]) -> None:
    for metric in (Average(), ConfusionMatrix(2), RunningAverage(Accuracy()), Precision() + 1):
        assert type(duplicate(metric)) is type(metric)
    average = Average()
    average.update(1.0)
    other = duplicate(average)
    other.update(3.0)
    assert (average.compute(), other.compute()) == (1.0, 2.0)


# ---------------------------------------------------------------- a metric of one's own


class Largest(Metric):
    """Written as for several processes."""

    _state_dict_all_req_keys = ("_largest",)

    def __init__(self, output_transform: Any = lambda x: x, device: Any = "cpu") -> None:
        super().__init__(output_transform=output_transform, device=device)

    @reinit__is_reduced
    def reset(self) -> None:
        self._result = self._largest = sparkle.tensor(-1.0, device=self._device)

    @reinit__is_reduced
    def update(self, output: Any) -> None:
        y_pred, _ = output[0].detach(), output[1].detach()
        self._largest = sparkle.maximum(self._largest, y_pred.max().to(self._device))

    @sync_all_reduce("_largest:MAX", "_count")
    def compute(self) -> Any:
        return self._largest


def test_own_metric() -> None:
    engine, metric = echo(), Largest()
    metric.attach(engine, "largest")
    assert engine.run([(x, y), (y, x), (x, y)]).metrics == {"largest": 3.0}
    assert metric._result is None
    assert Largest.compute.reduced_attributes == {"_largest": "MAX", "_count": "SUM"}
    assert metric._device == sparkle.device("cpu")
    assert Largest.compute.__name__ == "compute"
