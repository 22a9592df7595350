"""MetricGroup, EpochMetric, Frequency and GpuInfo."""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.metrics import Accuracy, Average, EpochMetric, Frequency, GpuInfo, Loss, MetricGroup, NotComputableError
from sparkle.metrics.epoch_metric import EpochMetricWarning

ONES = sparkle.ones(2)


def run(metric: Any, *outputs: Any, **options: Any) -> dict[str, Any]:
    engine = Engine(lambda engine, index: outputs[index])
    metric.attach(engine, "m", **options)
    return engine.run(range(len(outputs))).metrics


# ---------------------------------------------------------------- groups


def test_group_of_mappings() -> None:
    group = MetricGroup(
        {
            "accuracy": Accuracy(),
            "loss": Average(lambda output: output["loss"]),
            "other": Accuracy(lambda output: (1 - output["y_pred"], output["y"])),
            "scaled": Loss(lambda y_pred, y, by: by * y_pred.mean(), lambda o: {**o, "criterion_kwargs": {"by": 3}}),
        }
    )
    found = run(group, {"y_pred": ONES, "y": ONES, "loss": 0.5}, {"y_pred": ONES, "y": 1 - ONES, "loss": 1.5})
    assert found["m"] == {"accuracy": 0.5, "loss": 1.0, "other": 0.5, "scaled": 3.0}
    assert found["loss"] == 1.0


def test_group_of_mapping_without_keys() -> None:
    with pytest.raises(ValueError, match=r"Accuracy: .*\['y'\] are missing"):
        run(MetricGroup({"a": Accuracy()}), {"y_pred": ONES})


def test_group_of_lists() -> None:
    group = MetricGroup({"a": Accuracy()})
    assert run(group, ([1, 0], [1, 1]))["a"] == 0.5
    with pytest.raises(TypeError, match="two tensors"):
        run(MetricGroup({"a": Accuracy()}, skip_unrolling=True), ([1, 0], [1, 1]))


def test_group_transform() -> None:
    group = MetricGroup({"a": Average(), "b": Average(lambda x: x * 10)}, output_transform=lambda o: o["x"])
    assert run(group, {"x": 1.0}, {"x": 3.0})["m"] == {"a": 2.0, "b": 20.0}


# ---------------------------------------------------------------- all at once


def test_epoch_metric_is_computed_once() -> None:
    calls = []
    metric = EpochMetric(lambda y_pred, y: calls.append(len(y)), check_compute_fn=False)
    metric._result = None
    metric.update((ONES, ONES))
    metric.update((ONES[:1], ONES[:1]))
    metric.compute()
    assert calls == [3]
    assert EpochMetric(lambda y_pred, y: 2.0, check_compute_fn=False)._result is None


def test_epoch_metric_keeps_a_result() -> None:
    calls = []

    def score(y_pred: Any, y: Any) -> float:
        calls.append(len(y))
        return 1.0

    metric = EpochMetric(score, check_compute_fn=False)
    metric.update((ONES, ONES))
    assert (metric.compute(), metric.compute(), calls) == (1.0, 1.0, [2])
    metric.update((ONES, ONES))
    metric.compute()
    assert calls == [2, 4]


def test_epoch_metric_tries_the_first_batch() -> None:
    def broken(y_pred: Any, y: Any) -> float:
        raise KeyError("no")

    metric = EpochMetric(broken)
    with pytest.warns(EpochMetricWarning, match="Probably, there can be a problem with `compute_fn`:\n 'no'"):
        metric.update((ONES, ONES))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric.update((ONES, ONES))
        EpochMetric(broken, check_compute_fn=False).update((ONES, ONES))
    with pytest.raises(KeyError):
        metric.compute()


def test_epoch_metric_of_columns() -> None:
    shapes = []
    metric = EpochMetric(lambda y_pred, y: shapes.append((tuple(y_pred.shape), tuple(y.shape))) or 0.0, str)
    metric.update((sparkle.ones(3, 1), sparkle.ones(3, 2)))
    assert shapes == [((3,), (3, 2))]


# ---------------------------------------------------------------- items per second


def test_frequency(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("sparkle.metrics.frequency.perf_counter", lambda: clock[0])
    metric = Frequency()
    for seconds, items in ((2.0, 10), (3.0, 40)):
        clock[0] += seconds
        metric.update(items)
    clock[0] += 100  # what comes after the last update does not count
    assert metric.compute() == 10.0
    resumed = Frequency()
    resumed.load_state_dict(metric.state_dict())
    assert resumed.compute() == 10.0
    clock[0] += 5
    resumed._last = clock[0] - 5
    resumed.update(0)
    assert resumed.compute() == 5.0
    metric.merge(resumed)
    assert metric.compute() == 100 / 15


def test_frequency_of_an_engine() -> None:
    engine = Engine(lambda engine, batch: time.sleep(0.001) or {"n": 3})
    metric = Frequency(output_transform=lambda output: output["n"])
    metric.attach(engine, "n/s", Events.ITERATION_COMPLETED(every=2))
    seen = []
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: seen.append(engine.state.metrics.get("n/s")))
    engine.run(range(2), max_epochs=2)
    assert seen[0] is None
    assert all(isinstance(value, int) and 0 < value < 3000 for value in seen[1:])
    assert metric.is_attached(engine, Events.ITERATION_COMPLETED(every=2))
    metric.detach(engine, Events.ITERATION_COMPLETED(every=2))
    engine.state.metrics.clear()
    assert engine.run(range(2), max_epochs=3).metrics == {}


def test_frequency_of_nothing() -> None:
    with pytest.raises(NotComputableError, match="Frequency"):
        Frequency().compute()


# ---------------------------------------------------------------- graphics cards


def with_program(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, status: int = 0) -> None:
    """An nvidia-smi that prints the text, and no pynvml."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")


def test_gpu_info_of_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_program(monkeypatch, tmp_path, "1000, 4000, 37\n2000, 4000, [N/A]")
    engine = Engine(lambda engine, batch: None)
    metric = GpuInfo()
    metric.attach(engine, "gpu", Events.ITERATION_COMPLETED(every=2))
    assert metric.is_attached(engine, Events.ITERATION_COMPLETED(every=2))
    assert engine.run([0, 1]).metrics == {"gpu:0 mem(%)": 25, "gpu:0 util(%)": 37, "gpu:1 mem(%)": 50}
    metric.detach(engine, Events.ITERATION_COMPLETED(every=2))
    engine.state.metrics.clear()
    assert engine.run([0, 1], max_epochs=2).metrics == {}
    assert metric.compute()[0] == {
        "fb_memory_usage": {"used": 1000.0, "total": 4000.0, "unit": "MiB"},
        "utilization": {"gpu_util": 37.0, "unit": "%"},
    }


def test_gpu_info_without_a_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_program(monkeypatch, tmp_path, "NVIDIA-SMI has failed", status=9)
    with pytest.raises(RuntimeError, match="no GPU"):
        GpuInfo()


def test_gpu_info_without_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match=r"nvidia-ml-py.*nvidia-smi"):
        GpuInfo()


class NVMLError(Exception):
    pass


def unknown(card: int) -> Any:
    raise NVMLError("not supported")


def test_gpu_info_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("pynvml")
    vars(module).update(
        NVMLError=NVMLError, nvmlInit=lambda: None, nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda i: i,
        nvmlDeviceGetMemoryInfo=lambda card: SimpleNamespace(used=2**30, total=2**32),
        nvmlDeviceGetUtilizationRates=lambda card: SimpleNamespace(gpu=5) if card else unknown(card),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "pynvml", module)
    engine = Engine(lambda engine, batch: None)
    GpuInfo().attach(engine)
    assert engine.run([0]).metrics == {"gpu:0 mem(%)": 25, "gpu:1 mem(%)": 25, "gpu:1 util(%)": 5}
    monkeypatch.setattr(module, "nvmlDeviceGetMemoryInfo", unknown)
    assert set(engine.run([0], max_epochs=2).metrics) == {"gpu:0 mem(%)", "gpu:1 mem(%)", "gpu:1 util(%)"}
    monkeypatch.setattr(module, "nvmlInit", lambda: unknown(0))
    with pytest.raises(RuntimeError, match="no GPU"):
        GpuInfo()
