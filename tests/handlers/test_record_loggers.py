"""Loggers of records: what they write, in files that are read back."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import ConsoleLogger, CSVLogger, JSONLinesLogger, ProgressBar, RecordLogger
from sparkle.handlers.record_logger import (
    GradsScalarHandler,
    OptimizerParamsHandler,
    OutputHandler,
    WeightsScalarHandler,
)

NAN, INF = math.nan, math.inf


class Memory(RecordLogger):
    def __init__(self):
        self.records = []

    def log(self, record, step):
        self.records.append((step, dict(record)))


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def trainer():
    return Engine(lambda engine, batch: batch)


# ---------------------------------------------------------------- what can be attached to any of them


def test_outputs_metrics_and_attributes(memory, trainer):
    trainer.state.metrics.update(acc=0.5, name="text")
    trainer.state.alpha = [1, 2]
    memory.attach_output_handler(
        trainer,
        Events.EPOCH_COMPLETED,
        tag="train",
        metric_names="all",
        output_transform=lambda loss: {"loss": loss},
        state_attributes=["alpha"],
    )
    trainer.run([0.5, 0.25])
    values = {"train/acc": 0.5, "train/name": "text", "train/loss": 0.25, "train/alpha/0": 1, "train/alpha/1": 2}
    assert memory.records == [(1, values)]


def test_tensors_become_numbers(memory, trainer):
    memory.attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="t", output_transform=lambda x: {"x": x})
    trainer.run([sparkle.tensor(0.5), sparkle.tensor([1.0, 2.0])])
    assert memory.records == [(1, {"t/x": 0.5}), (2, {"t/x/0": 1.0, "t/x/1": 2.0})]
    assert all(type(value) is float for _, record in memory.records for value in record.values())


def test_settings_of_optimizers(memory, trainer, optimizer):
    memory.attach_opt_params_handler(trainer, Events.ITERATION_STARTED(every=2), optimizer, tag="gan")
    trainer.run(range(4))
    values = {"gan/lr/group_0": 0.5, "gan/lr/group_1": 0.25}
    assert memory.records == [(2, values), (4, values)]


def test_weights_and_gradients(memory, trainer, model):
    memory.attach(trainer, WeightsScalarHandler(model, tag="m"), Events.COMPLETED)
    memory.attach(trainer, GradsScalarHandler(model, whitelist=["fc"]), Events.COMPLETED)
    trainer.run([0])
    weights = {"m/weights_norm/fc/weight": 5.0, "m/weights_norm/fc/bias": 1.0, "m/weights_norm/frozen": 2.0}
    assert memory.records == [(1, weights), (1, {"grads_norm/fc/weight": 10.0, "grads_norm/fc/bias": 2.0})]


def test_step_of_another_engine(memory, trainer):
    evaluator = Engine(lambda engine, batch: batch)
    evaluator.state.metrics["acc"] = 1.0
    memory.attach_output_handler(
        evaluator,
        Events.COMPLETED,
        tag="val",
        metric_names=["acc"],
        global_step_transform=lambda *_: trainer.state.iteration,
    )
    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=2), lambda: evaluator.run([0]))
    trainer.run(range(4))
    assert [step for step, _ in memory.records] == [2, 4]


@pytest.mark.parametrize(
    "make",
    [
        lambda model, optimizer: OutputHandler("t", metric_names="all"),
        lambda model, optimizer: OptimizerParamsHandler(optimizer),
        lambda model, optimizer: WeightsScalarHandler(model),
        lambda model, optimizer: GradsScalarHandler(model),
    ],
)
def test_other_loggers_are_refused(make, model, optimizer, trainer):
    with pytest.raises(RuntimeError, match="works with a RecordLogger only, met a ProgressBar"):
        make(model, optimizer)(trainer, ProgressBar(disable=True), Events.STARTED)


# ---------------------------------------------------------------- files

FILES = [(CSVLogger, "run.csv"), (JSONLinesLogger, "run.jsonl")]
RECORDS = [
    (1, {"loss": 0.1 + 0.2, "count": 3}),
    (2, {"loss": NAN}),
    (2, {"val/loss": INF, "note": 'a "quoted", text'}),
    (3, {"loss": -INF, "count": 10**15}),
]
SERIES = {
    "loss": [(1, 0.1 + 0.2), (2, NAN), (3, -INF)],
    "count": [(1, 3), (3, 10**15)],
    "val/loss": [(2, INF)],
    "note": [(2, 'a "quoted", text')],
}


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_everything_is_read_back(kind, name, tmp_path):
    path = tmp_path / "new" / name
    with kind(path) as logger:
        for step, record in RECORDS:
            logger.log(record, step)
    assert repr(kind.read(path)) == repr(SERIES)


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_each_record_is_there_at_once(kind, name, tmp_path):
    logger = kind(tmp_path / name)
    for step in range(3):
        logger.log({"x": step}, step)
        assert kind.read(tmp_path / name)["x"][-1] == (step, step)
    logger.close()
    logger.close()


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_going_on(kind, name, tmp_path):
    path = tmp_path / name
    for step, value in enumerate(["a", "b"]):
        with kind(str(path)) as logger:
            logger.log({"x": step, value: 1.5}, step)
    assert kind.read(path) == {"x": [(0, 0), (1, 1)], "a": [(0, 1.5)], "b": [(1, 1.5)]}
    with kind(path, mode="w") as logger:
        logger.log({"y": 1}, 0)
    assert kind.read(path) == {"y": [(0, 1)]}
    with pytest.raises(FileExistsError):
        kind(path, mode="x")
    with pytest.raises(ValueError, match="mode: met 'r'"):
        kind(path, mode="r")
    assert kind.read(path) == {"y": [(0, 1)]}


@pytest.mark.parametrize("torn", [1, 5, 10])
@pytest.mark.parametrize(("kind", "name"), FILES)
def test_torn_line_is_cut_off(kind, name, torn, tmp_path):
    path = tmp_path / name
    with kind(path) as logger:
        logger.log({"x": 1.5}, 1)
        logger.log({"x": 2.5}, 2)
    path.write_bytes(path.read_bytes()[:-torn])
    assert kind.read(path) == {"x": [(1, 1.5)]}
    with kind(path) as logger:
        logger.log({"x": 3.5}, 3)
    assert kind.read(path) == {"x": [(1, 1.5), (3, 3.5)]}


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_full_disk_leaves_whole_lines(kind, name, tmp_path, monkeypatch):
    with kind(tmp_path / name) as logger:
        logger.log({"x": 1}, 1)

        class Full:
            """Takes a few bytes of a write, then no more."""

            def __init__(self, file):
                self.file, self.room = file, 7

            def __getattr__(self, attribute):
                return getattr(self.file, attribute)

            def write(self, data):
                if not self.room:
                    raise OSError(28, "No space left on device")
                taken, self.room = self.file.write(data[: self.room]), 0
                return taken

        with monkeypatch.context() as patch:
            patch.setattr(logger, "_file", Full(logger._file))
            with pytest.raises(OSError, match="No space"):
                logger.log({"x": 2}, 2)
        logger.log({"x": 3}, 3)
    assert kind.read(tmp_path / name) == {"x": [(1, 1), (3, 3)]}


def test_csv_is_a_table(tmp_path):
    path = tmp_path / "run.csv"
    with CSVLogger(path) as logger:
        logger.log({"loss": 0.5, "a,b": 1}, 1)
        logger.log({"lr": 0.1, "text": "two\nlines"}, 2)
    rows = list(csv.reader(io.StringIO(path.read_text())))
    assert rows[0] == ["step", "time", "loss", "a,b", "lr", "text"]
    assert [[row[0], *row[2:]] for row in rows[1:]] == [["1", "0.5", "1", "", ""], ["2", "", "", "0.1", "two lines"]]
    assert all(abs(float(row[1]) - time.time()) < 100 for row in rows[1:])


@pytest.mark.parametrize("content", ["name,age\nx,3", "x", '{"loss": 1}\n'])
@pytest.mark.parametrize(("kind", "name"), FILES)
def test_file_of_somebody_else_is_left_alone(kind, name, content, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ValueError, match=r"no file to go on in: it begins with"):
        kind(path)
    assert path.read_text() == content


def test_json_is_strict(tmp_path):
    with JSONLinesLogger(tmp_path / "run.jsonl") as logger:
        logger.log({"x": NAN, "é": 1}, 1)

    def refuse(constant):
        raise AssertionError(constant)

    (line,) = (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    record = json.loads(line, parse_constant=refuse)
    assert (record["step"], record["x"], record["é"]) == (1, "NaN", 1)


PROGRAM = """
import sys
from sparkle.handlers import CSVLogger, JSONLinesLogger
logger = {"CSVLogger": CSVLogger, "JSONLinesLogger": JSONLinesLogger}[sys.argv[1]](sys.argv[2])
for step in range(10**9):
    logger.log({"x": step, f"n{step // 100}": step}, step)
    if step == 10:
        print("going", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("kind", "name"), FILES)
def test_killed_program_leaves_every_line_that_was_logged(kind, name, tmp_path):
    command = [sys.executable, "-c", PROGRAM, kind.__name__, str(tmp_path / name)]
    root = Path(sparkle.__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    values = kind.read(tmp_path / name)["x"]
    assert len(values) > 10
    assert values == [(step, step) for step in range(len(values))]


# ---------------------------------------------------------------- the console


def test_console_lines():
    stream = io.StringIO()
    with ConsoleLogger(stream) as logger:
        logger.log({"train/loss": 0.123456789, "n": 1234567, "text": "x", "bad": NAN}, 7)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  step 7  train/loss 0.1235  n 1234567  text x  bad nan\n", stream.getvalue())


def test_console_is_stdout_of_the_moment(capsys):
    ConsoleLogger(precision=2, time_format="").log({"x": 1 / 3}, 1)
    assert capsys.readouterr().out == "step 1  x 0.33\n"


def test_console_leaves_bars_whole():
    stream = io.StringIO()
    trainer = Engine(lambda engine, batch: batch)
    bar = ProgressBar(persist=True, plain=False, file=stream, mininterval=0, bar_format="{n_fmt}/{total_fmt}")
    bar.attach(trainer)
    logger = ConsoleLogger(stream, time_format="")
    logger.attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="t", output_transform=lambda x: {"x": x})
    trainer.run([0.5, 0.25])
    lines = [line.split("\r")[-1] for line in stream.getvalue().split("\n")]
    assert lines[:2] == ["step 1  t/x 0.5", "step 2  t/x 0.25"]
    assert lines[2].strip() == "2/2"


def test_console_misuse():
    with pytest.raises(ValueError, match="precision is 0"):
        ConsoleLogger(precision=0)
