"""MLflowLogger with the real client and a store of files: what is in the store."""

from __future__ import annotations

import sys
import warnings

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import MLflowLogger
from sparkle.handlers.mlflow_logger import OptimizerParamsHandler, OutputHandler, global_step_from_engine


@pytest.fixture
def mlflow(monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # newer clients ask for it
    with warnings.catch_warnings():  # what the client warns of while it is imported is its own affair
        warnings.simplefilter("ignore")
        return pytest.importorskip("mlflow", reason="mlflow is not installed: pip install 'sparkle-engine[mlflow]'")


@pytest.fixture
def logger(mlflow, tmp_path):
    before = mlflow.get_tracking_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger = MLflowLogger(tracking_uri=f"file:{tmp_path / 'runs'}")
    yield logger
    logger.close()
    mlflow.set_tracking_uri(before)


def stored(folder):
    """Name -> [(step, value)] of the one run in a store, and how the run ended."""
    (metrics,) = folder.glob("runs/*/*/metrics")
    lines = {path.name: [line.split() for line in path.read_text().splitlines()] for path in metrics.iterdir()}
    found = {name: [(int(step), float(value)) for _, value, step in rows] for name, rows in lines.items()}
    (status,) = [line for line in (metrics.parent / "meta.yaml").read_text().splitlines() if line.startswith("status")]
    return found, int(status.split()[1])


FINISHED, FAILED = 3, 4


def test_what_is_written(logger, tmp_path, optimizer):
    trainer = Engine(lambda engine, batch: batch)
    evaluator = Engine(lambda engine, batch: batch)
    evaluator.state.metrics.update(acc=0.75, parts={"a": 1, "b": [2, 3]})
    logger.attach_opt_params_handler(trainer, Events.ITERATION_STARTED(once=1), optimizer, tag="sgd")
    logger.attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="train", output_transform=lambda x: {"x": x})
    logger.attach_output_handler(
        evaluator,
        Events.COMPLETED,
        tag="val",
        metric_names="all",
        global_step_transform=global_step_from_engine(trainer),
    )
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    trainer.run([0.5, 0.25])
    logger.log_params({"seed": 1})  # the module's own names
    logger.close()
    metrics, status = stored(tmp_path)
    assert metrics == {
        "sgd lr group_0": [(1, 0.5)],
        "sgd lr group_1": [(1, 0.25)],
        "train x": [(1, 0.5), (2, 0.25)],
        "val acc": [(1, 0.75)],
        "val parts a": [(1, 1.0)],
        "val parts b 0": [(1, 2.0)],
        "val parts b 1": [(1, 3.0)],
    }
    assert status == FINISHED
    (parameter,) = tmp_path.glob("runs/*/*/params/seed")
    assert parameter.read_text() == "1"


def test_bad_names_and_text_are_left_out(logger, tmp_path):
    with pytest.warns(UserWarning, match=r"'loss \(train\)' is an invalid metric name"):
        logger.log({"loss (train)": 1.0, "good": 2.0}, 1)
    with pytest.warns(UserWarning, match="'stage' is text"):
        logger.log({"stage": "late"}, 1)
    assert stored(tmp_path)[0] == {"good": [(1, 2.0)]}


def test_exception_marks_the_run_as_failed(logger, tmp_path):
    with pytest.raises(KeyError), logger:
        raise KeyError("boom")
    (meta,) = tmp_path.glob("runs/*/*/meta.yaml")
    assert f"status: {FAILED}" in meta.read_text()


def test_active_run_is_used(logger):
    assert MLflowLogger().active_run.info.run_id == logger.active_run.info.run_id


@pytest.mark.parametrize("handler", ["output", "optimizer"])
def test_other_loggers_are_refused(handler, optimizer):
    trainer = Engine(lambda engine, batch: batch)
    made = OutputHandler("t", metric_names="all") if handler == "output" else OptimizerParamsHandler(optimizer)
    with pytest.raises(TypeError, match="works with a MLflowLogger only, met a int"):
        made(trainer, 3, Events.STARTED)


def test_without_the_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ModuleNotFoundError, match=r"MLflowLogger needs mlflow: pip install 'sparkle-engine\[mlflow\]'"):
        MLflowLogger()
