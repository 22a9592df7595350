"""The usual loggings in one call."""

from __future__ import annotations

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import CSVLogger, RecordLogger, WandBLogger, logger_utils


class Memory(RecordLogger):
    def __init__(self):
        self.records = []

    def log(self, record, step):
        self.records.append((step, dict(record)))


@pytest.fixture
def engines():
    trainer = Engine(lambda engine, batch: batch)
    evaluator = Engine(lambda engine, batch: batch)
    trainer.state.metrics["loss"] = 0.5
    evaluator.state.metrics.update(acc=1.0, other=2.0)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    return trainer, evaluator


def test_everything(engines, optimizer):
    trainer, evaluator = engines
    memory = Memory()
    logger_utils.setup_logging(memory, trainer, optimizer, evaluator, log_every_iters=2)
    trainer.run([1, 2], max_epochs=2)
    rates = {"lr/group_0": 0.5, "lr/group_1": 0.25}
    validation = {"validation/acc": 1.0, "validation/other": 2.0}
    each = [(2, rates), (2, {"training/loss": 0.5}), (1, validation)]
    assert memory.records == [*each, (4, rates), (4, {"training/loss": 0.5}), (2, validation)]


def test_names(engines, optimizer):
    trainer, evaluator = engines
    memory = Memory()
    logger_utils.setup_logging(
        memory,
        trainer,
        {"g": optimizer},
        {"test": evaluator},
        log_every_iters=None,
        trainer_metric_names=["loss"],
        evaluator_metric_names=["acc"],
    )
    trainer.run([1])
    rates = {"g/lr/group_0": 0.5, "g/lr/group_1": 0.25}
    assert memory.records == [(1, rates), (1, {"training/loss": 0.5}), (1, {"test/acc": 1.0})]


def test_wandb_is_given_iterations(engines, monkeypatch):
    trainer, evaluator = engines

    class Fake(WandBLogger):
        log = Memory.log

        def __init__(self):
            self.records = []

    fake = Fake()
    logger_utils.setup_logging(fake, trainer, evaluators=evaluator, log_every_iters=2)
    trainer.run([1, 2], max_epochs=2)
    assert [step for step, record in fake.records if "validation/acc" in record] == [2, 4]


@pytest.mark.parametrize("name", ["csv", "jsonl", "tb"])
def test_loggers_with_a_path(name, engines, tmp_path):
    trainer, _ = engines
    setup = getattr(logger_utils, f"setup_{name}_logging")
    with setup(str(tmp_path / "log"), trainer, log_every_iters=1):
        trainer.run([1])
    assert (tmp_path / "log").exists()
    if name == "csv":
        assert CSVLogger.read(tmp_path / "log") == {"training/loss": [(1, 0.5)]}


def test_console(engines, capsys):
    logger_utils.setup_console_logging(engines[0], log_every_iters=1, time_format="")
    engines[0].run([1])
    assert capsys.readouterr().out == "step 1  training/loss 0.5\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"optimizers": 3}, "optimizers: met int"), ({"evaluators": [3]}, "evaluators: met list")],
)
def test_misuse_closes_the_logger(arguments, message, engines, tmp_path, monkeypatch):
    closed = []
    monkeypatch.setattr(CSVLogger, "close", lambda self: closed.append(self))
    with pytest.raises(TypeError, match=message):
        logger_utils.setup_csv_logging(tmp_path / "log.csv", engines[0], **arguments)
    closed.pop()._file.close()


ELSEWHERE = ["clearml", "neptune", "plx", "visdom"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_loggers_that_are_not_there_say_what_to_use(name, engines):
    with pytest.raises(NotImplementedError, match=r"Logger is not there: .*TensorboardLogger.*RecordLogger"):
        getattr(logger_utils, f"setup_{name}_logging")(engines[0])


def test_trains(engines):
    with pytest.warns(UserWarning, match="renamed"), pytest.raises(NotImplementedError, match="ClearMLLogger"):
        logger_utils.setup_trains_logging(engines[0])


def test_savers_that_are_not_there():
    from sparkle.handlers.clearml_logger import ClearMLSaver
    from sparkle.handlers.neptune_logger import NeptuneSaver

    for saver in (ClearMLSaver, NeptuneSaver):
        with pytest.raises(NotImplementedError, match="DiskSaver"):
            saver(None)
