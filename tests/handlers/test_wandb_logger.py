"""WandBLogger with the real client, offline: what is in the run's file."""

from __future__ import annotations

import json
import struct
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import WandBLogger
from sparkle.handlers.record_logger import WeightsScalarHandler
from sparkle.handlers.wandb_logger import OptimizerParamsHandler, OutputHandler, global_step_from_engine


@pytest.fixture
def wandb():
    with warnings.catch_warnings():  # what the client warns of while it is imported is its own affair
        warnings.simplefilter("ignore")
        return pytest.importorskip("wandb", reason="wandb is not installed: pip install 'sparkle-engine[wandb]'")


@pytest.fixture
def logger(wandb, tmp_path, monkeypatch):
    """A logger to a run without network."""
    for name, value in (("SILENT", "true"), ("DATA_DIR", str(tmp_path)), ("CACHE_DIR", str(tmp_path))):
        monkeypatch.setenv(f"WANDB_{name}", value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger = WandBLogger(mode="offline", dir=str(tmp_path), project="tests", settings={"console": "off"})
    yield logger
    logger.close()


BLOCK, HEADER, FULL, LAST = 32768, 7, 1, 4


def chunks(data: bytes) -> Iterator[bytes]:
    """The entries of a log in LevelDB's format, after 7 bytes that name the program: checksum, length, type, data."""
    start, parts = 7, []
    while start + HEADER <= len(data):
        if BLOCK - start % BLOCK < HEADER:  # no entry begins in the last few bytes of a block
            start += BLOCK - start % BLOCK
        _, length, kind = struct.unpack_from("<IHB", data, start)
        parts.append(data[start + HEADER : start + HEADER + length])
        start += HEADER + length
        if kind in (FULL, LAST):
            yield b"".join(parts)
            parts = []


def history(folder: Path) -> tuple[list[dict], int]:
    """The records of the run's file, and its exit code."""
    from wandb.proto import wandb_internal_pb2

    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    found, code = [], -1
    for data in chunks(path.read_bytes()):
        record = wandb_internal_pb2.Record.FromString(data)
        if record.HasField("history"):
            items = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
            found.append({key: value for key, value in items.items() if key == "_step" or not key.startswith("_")})
        elif record.HasField("exit"):
            code = record.exit.exit_code
    return found, code


def test_what_is_written(logger, tmp_path, optimizer, model):
    trainer = Engine(lambda engine, batch: batch)
    evaluator = Engine(lambda engine, batch: batch)
    evaluator.state.metrics.update(acc=0.75, stage="late")
    step = global_step_from_engine(trainer, Events.ITERATION_COMPLETED)
    logger.attach_opt_params_handler(trainer, Events.ITERATION_STARTED(once=1), optimizer, tag="sgd")
    logger.attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="train", output_transform=lambda x: {"x": x})
    logger.attach(trainer, WeightsScalarHandler(model, whitelist=["fc.bias"]), Events.ITERATION_COMPLETED(once=2))
    logger.attach_output_handler(evaluator, Events.COMPLETED, tag="val", metric_names="all", global_step_transform=step)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    trainer.run([0.5, 0.25])
    assert logger.run.project == "tests"  # the module's own names
    logger.close()
    records, code = history(tmp_path)
    assert records == [
        {"_step": 1, "sgd/lr/group_0": 0.5, "sgd/lr/group_1": 0.25, "train/x": 0.5},
        {"_step": 2, "train/x": 0.25, "weights_norm/fc/bias": 1.0, "val/acc": 0.75, "val/stage": "late"},
    ]
    assert code == 0


def test_exception_marks_the_run_as_failed(logger, tmp_path):
    with pytest.raises(KeyError), logger:
        raise KeyError("boom")
    assert history(tmp_path)[1] == 1


def test_active_run_is_used(logger, wandb):
    run = wandb.run
    assert WandBLogger(init=False).run is run


def test_sync_warns(optimizer):
    for make in (
        lambda: OutputHandler("t", metric_names="all", sync=True),
        lambda: OptimizerParamsHandler(optimizer, sync=False),
    ):
        with pytest.warns(UserWarning, match="sync is no longer used"):
            make()


@pytest.mark.parametrize("handler", ["output", "optimizer"])
def test_other_loggers_are_refused(handler, optimizer):
    trainer = Engine(lambda engine, batch: batch)
    made = OutputHandler("t", metric_names="all") if handler == "output" else OptimizerParamsHandler(optimizer)
    with pytest.raises(RuntimeError, match="works with a WandBLogger only, met a int"):
        made(trainer, 3, Events.STARTED)


def test_without_the_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ModuleNotFoundError, match=r"WandBLogger needs wandb: pip install 'sparkle-engine\[wandb\]'"):
        WandBLogger()
