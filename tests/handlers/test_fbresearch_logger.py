"""FBResearchLogger: the lines, their numbers, several engines."""

from __future__ import annotations

import re
import sys
from types import SimpleNamespace

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import FBResearchLogger


class Lines:
    """A logger that keeps its lines, without the times in them."""

    def __init__(self):
        self.raw = []

    def info(self, line):
        self.raw.append(line)

    @property
    def texts(self):
        return [re.sub(r"\d+\.\d{4} s", "_ s", re.sub(r"\d+:\d\d:\d\d", "_", line)) for line in self.raw]


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def trainer():
    return Engine(lambda engine, batch: {"loss": batch, "parts": {"a": [1, 2.5], "b": None}})


TIMES = "Iter time: _ s  Data prep time: _ s"


def test_lines_of_a_run(lines, trainer, optimizer):
    trainer.state.alpha = 0.125
    logger = FBResearchLogger(lines, show_output=True)
    logger.attach(trainer, "Train", every=2, state_attributes=["alpha", "none"], optimizer=optimizer)
    trainer.run([0.5, 0.25, 1.0], max_epochs=2)
    shown = f"lr [g0]: 0.50000  lr [g1]: 0.25000  loss: 0.2500  a: 1.0000, 2.5000  b:   alpha: 0.1250 none:   {TIMES}"
    assert lines.texts == [
        "Train: start epoch [1/2]",
        f"Epoch [1/2]  [2/3]:  ETA: _  {shown}",
        "Train: Epoch [1/2]  Total time: _  (_ s / it)",
        "Train: start epoch [2/2]",
        f"Epoch [2/2]  [1/3]:  ETA: _  {shown.replace('0.2500  a', '0.5000  a')}",
        f"Epoch [2/2]  [3/3]:  ETA: _  {shown.replace('0.2500  a', '1.0000  a')}",
        "Train: Epoch [2/2]  Total time: _  (_ s / it)",
        "Train: run completed  Total time: _",
    ]


def test_one_learning_rate_and_a_transform(lines, trainer):
    optimizer = SimpleNamespace(param_groups=[{"lr": 0.1}])
    logger = FBResearchLogger(lines, delimiter=" | ", show_output=True)
    logger.attach(trainer, "T", output_transform=lambda output: output["loss"], optimizer=optimizer)
    trainer.run([0.5])
    assert (
        lines.texts[1] == "Epoch [1/1] | [1/1]: | ETA: _ | lr: 0.10000 | 0.5000 | Iter time: _ s | Data prep time: _ s"
    )


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (3, "3.0000"),
        ([1, (2.0, 3)], "1.0000, 2.0000, 3.0000"),
        ("text", "text"),
        (None, ""),
        ({}, ""),
        ({"a": {"b": 1}}, "b: 1.0000"),
        ({"a": []}, "a: "),
    ],
)
def test_outputs(output, text, lines):
    trainer = Engine(lambda engine, batch: output)
    FBResearchLogger(lines, show_output=True).attach(trainer, "T")
    trainer.run([0])
    expected = f"Epoch [1/1]  [1/1]:  ETA: _  {text}  {TIMES}" if text else f"Epoch [1/1]  [1/1]:  ETA: _  {TIMES}"
    assert lines.texts[1] == expected


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, 2.0], "[1.0000, 2.0000]"),
        (list(range(11)), "9.0000, ...]"),
        ([[1.0], [2.0]], "Shape[2, 1]"),
        (7.0, "7.0000"),
    ],
)
def test_arrays(values, text, lines):
    import numpy as np

    trainer = Engine(lambda engine, batch: np.asarray(values, dtype=float))
    FBResearchLogger(lines, show_output=True).attach(trainer, "T")
    trainer.run([0])
    assert text in lines.texts[1]


def test_unknown_length_and_limit(lines):
    trainer = Engine(lambda engine, batch: batch)
    FBResearchLogger(lines).attach(trainer, "T")
    trainer.run(iter([1, 2, 3]), max_iters=2)
    assert lines.texts[:2] == ["T: start epoch [1/?]", f"Epoch [1/?]  [1/?]:  ETA: ?  {TIMES}"]
    assert lines.texts[-1] == "T: run completed  Total time: _"


def test_one_logger_for_two_engines(lines, trainer):
    evaluator = Engine(lambda engine, batch: batch)
    logger = FBResearchLogger(lines, show_output=True)
    logger.attach(trainer, "Train", output_transform=lambda output: {"loss": output["loss"]})
    logger.attach(evaluator, "Val", output_transform=lambda output: {"acc": output})
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([7]))
    trainer.run([0.5])
    assert f"Epoch [1/1]  [1/1]:  ETA: _  loss: 0.5000  {TIMES}" in lines.texts
    assert f"Epoch [1/1]  [1/1]:  ETA: _  acc: 7.0000  {TIMES}" in lines.texts


def test_clocks_count_only_their_own(lines, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("sparkle.handlers.timing.perf_counter", lambda: now[0])

    def batches():
        for _ in range(2):
            now[0] += 3.0
            yield 0

    def step(engine, batch):
        now[0] += 5.0

    trainer = Engine(step)

    def pause():
        now[0] += 100.0  # other handlers' time is nobody's

    trainer.add_event_handler(Events.EPOCH_STARTED, pause)
    FBResearchLogger(lines).attach(trainer, "T")
    trainer.add_event_handler(Events.EPOCH_STARTED, pause)
    trainer.run(batches(), epoch_length=2)
    assert all("Iter time: 5.0000 s  Data prep time: 3.0000 s" in line for line in lines.raw[1:3])


def test_memory_of_a_gpu(lines, trainer, monkeypatch):
    pool = SimpleNamespace(total_bytes=lambda: 3 * 2**20)
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(get_default_memory_pool=lambda: pool))
    FBResearchLogger(lines).attach(trainer, "T")
    trainer.run([1.0])
    assert lines.texts[1].endswith("GPU Mem: 3 MB")
