"""The same program with Ignite's loggers and ours: what reaches the client, and what is written."""

from __future__ import annotations

import inspect
import re
import sys
from types import ModuleType, SimpleNamespace

import ignite.handlers.logger_utils
import pytest

import sparkle
import sparkle.handlers.logger_utils

OPTIMIZER = SimpleNamespace(param_groups=[{"lr": 0.5}, {"lr": 0.25}])


@pytest.fixture
def clients(monkeypatch):
    """wandb and mlflow that note what they are given."""
    calls = []
    wandb = ModuleType("wandb")
    wandb.init = lambda *args, **kwargs: calls.append(("init", args, kwargs))
    wandb.log = lambda record, step=None: calls.append(("log", dict(record), step))
    wandb.finish = lambda **kwargs: calls.append(("finish",))
    mlflow, utils, validation = ModuleType("mlflow"), ModuleType("mlflow.utils"), ModuleType("mlflow.utils.validation")
    mlflow.set_tracking_uri = lambda uri: calls.append(("uri", uri))
    mlflow.active_run = lambda: None
    mlflow.start_run = lambda: calls.append(("start",))
    mlflow.end_run = lambda *args: calls.append(("end",))
    mlflow.log_metrics = lambda record, step=None: calls.append(("log", dict(record), step))
    validation.validate_param_and_metric_name = lambda name: re.fullmatch(r"[/\w.\- :]*", name) is not None
    mlflow.utils, utils.validation = utils, validation
    for module in (wandb, mlflow, utils, validation):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return calls


def program(lib, calls, make, log_every):
    """Train and evaluate with everything that setup_*_logging attaches, and some handlers of one's own."""
    calls.clear()
    events = lib.engine.Events
    trainer = lib.engine.Engine(lambda engine, batch: batch)
    evaluator = lib.engine.Engine(lambda engine, batch: batch)
    trainer.state.metrics["loss"] = 0.5
    trainer.state.alpha = 3
    evaluator.state.metrics.update(acc=0.75, parts={"a": 1, "b": [1, 2.5]}, text="late")
    trainer.add_event_handler(events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    logger = make(lib, trainer, evaluator, log_every)
    logger.attach_output_handler(
        trainer,
        event_name=events.ITERATION_COMPLETED(every=2),
        tag="own",
        output_transform=lambda output: {"twice": 2 * output},
        state_attributes=["alpha"],
    )
    trainer.run([1.0, 2.0, 3.0], max_epochs=2)
    logger.close()
    return list(calls)


def utils_of(lib):
    return ignite.handlers.logger_utils if lib.name == "ignite" else sparkle.handlers.logger_utils


def wandb_logger(lib, trainer, evaluator, log_every):
    return utils_of(lib).setup_wandb_logging(trainer, None, evaluator, log_every, project="p", config={"a": 1})


def mlflow_logger(lib, trainer, evaluator, log_every):
    return utils_of(lib).setup_mlflow_logging(trainer, None, {"val": evaluator}, log_every, tracking_uri="file:x")


@pytest.mark.parametrize("log_every", [1, 2, None])
@pytest.mark.parametrize("make", [wandb_logger, mlflow_logger])
@pytest.mark.filterwarnings("ignore:.*cannot be logged", "ignore:.*can not log")
def test_calls_of_the_client(make, log_every, clients, both):
    theirs, ours = both(program, clients, make, log_every)
    assert ours == theirs
    assert len(ours) > 6


@pytest.mark.parametrize("make", ["WandBLogger", "MLflowLogger"])
def test_optimizers(make, clients, both):
    def scenario(lib):
        clients.clear()
        trainer = lib.engine.Engine(lambda engine, batch: batch)
        logger = getattr(lib.handlers, make)()
        for tag in (None, "gan"):
            logger.attach_opt_params_handler(trainer, lib.engine.Events.ITERATION_STARTED, optimizer=OPTIMIZER, tag=tag)
        trainer.run([1, 2])
        return list(clients)

    theirs, ours = both(scenario)
    assert ours == theirs


def lines_of(lib, run, attach):
    lines = []
    trainer = lib.engine.Engine(lambda engine, batch: {"loss": batch, "parts": [1, 2.5], "deep": {"x": 3}})
    trainer.state.alpha = 0.5
    logger = SimpleNamespace(info=lines.append)
    lib.handlers.FBResearchLogger(logger, show_output=True).attach(trainer, "Train", **attach)
    trainer.run([0.5, 0.25, 0.125], **run)
    lines = [re.sub(r"\d+\.\d{4} s", "_ s", re.sub(r"\d+:\d\d:\d\d", "_", line)) for line in lines]
    return [" ".join(line.split()) for line in lines]  # Ignite leaves room for what there is not


@pytest.mark.parametrize("run", [{"max_epochs": 1}, {"max_epochs": 3}, {"max_epochs": 2, "epoch_length": 2}], ids=str)
@pytest.mark.parametrize(
    "attach",
    [
        {},
        {"every": 2},
        {"state_attributes": ["alpha"]},
        {"optimizer": SimpleNamespace(param_groups=[{"lr": 0.1}])},
        {"output_transform": lambda output: output["loss"]},
    ],
    ids=lambda attach: "+".join(attach),
)
def test_lines_of_fbresearch(run, attach, both):
    theirs, ours = both(lines_of, run, attach)
    assert ours == theirs


SETUPS = [name for name in ignite.handlers.logger_utils.__all__ if name != "setup_trains_logging"]


@pytest.mark.parametrize("name", SETUPS)
def test_arguments_of_the_setups(name):
    theirs, ours = (getattr(utils_of(SimpleNamespace(name=lib)), name) for lib in ("ignite", "sparkle"))
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


@pytest.mark.parametrize("arguments", [{"optimizers": "abc"}, {"evaluators": "abc"}], ids=str)
def test_same_class_of_error(arguments, both, tmp_path):
    def scenario(lib):
        trainer = lib.engine.Engine(lambda engine, batch: batch)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
            utils_of(lib).setup_tb_logging(str(tmp_path / lib.name), trainer, **arguments)
        return caught.type

    theirs, ours = both(scenario)
    assert ours is theirs


@pytest.mark.parametrize("module", ["wandb_logger", "mlflow_logger", "fbresearch_logger"])
def test_names_of_modules(module):
    theirs, ours = (getattr(lib.handlers, module) for lib in (ignite, sparkle))
    assert set(ours.__all__) == set(theirs.__all__)


@pytest.mark.parametrize("module", ["wandb_logger", "mlflow_logger"])
@pytest.mark.parametrize("name", ["OutputHandler", "OptimizerParamsHandler"])
def test_arguments_of_handlers(module, name):
    theirs, ours = (getattr(getattr(lib.handlers, module), name) for lib in (ignite, sparkle))
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
