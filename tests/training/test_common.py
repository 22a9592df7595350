"""The handlers of nearly every training: what each argument attaches."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

import sparkle
from sparkle.contrib.engines import common
from sparkle.engine import Engine, Events
from sparkle.handlers import Checkpoint, EarlyStopping
from sparkle.training import (
    add_early_stopping_by_val_score,
    empty_cuda_cache,
    gen_save_best_models_by_val_score,
    save_best_model_by_val_score,
    setup_common_training_handlers,
)


@pytest.fixture
def trainer():
    return Engine(lambda engine, batch: {"a": batch, "b": 2 * batch})


@pytest.fixture
def model():
    return sparkle.nn.Linear(1, 1)


def set_up(trainer, **kwargs):
    setup_common_training_handlers(trainer, **{"with_pbars": False, **kwargs})


def test_stops_at_nan(trainer):
    set_up(trainer)
    assert trainer.run([1.0, float("nan"), 2.0]).iteration == 2
    other = Engine(lambda engine, batch: batch)
    set_up(other, stop_on_nan=False)
    assert other.run([float("nan")] * 3).iteration == 3


def test_checkpoints(trainer, model, tmp_path):
    set_up(trainer, to_save={"model": model, "trainer": trainer}, save_every_iters=2, output_path=tmp_path, n_saved=2)
    trainer.run([1.0] * 7)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["training_checkpoint_4.pt", "training_checkpoint_6.pt"]


def test_save_handler(trainer, model):
    saved = []
    handler = lambda checkpoint, filename: saved.append(filename)  # noqa: E731
    set_up(trainer, to_save={"model": model}, save_every_iters=2, save_handler=handler)
    trainer.run([1.0] * 4)
    assert saved == ["training_model_2.pt", "training_model_4.pt"]


def test_running_averages(trainer):
    set_up(trainer, output_names=["a", "b"])
    assert trainer.run([1.0, 2.0]).metrics == {"a": pytest.approx(1.02), "b": pytest.approx(2.04)}


@pytest.mark.parametrize(
    ("output", "names", "metrics"),
    [
        ([1.0, 2.0], ["x", "y"], {"x": 1.0, "y": 2.0}),
        (3.0, ["x"], {"x": 3.0}),
        (sparkle.tensor(4.0), ["x"], {"x": 4.0}),
    ],
    ids=["sequence", "number", "tensor"],
)
def test_outputs(output, names, metrics):
    trainer = Engine(lambda engine, batch: output)
    set_up(trainer, output_names=names)
    found = trainer.run([0]).metrics
    assert {name: float(value) for name, value in found.items()} == metrics


def test_output_of_another_kind():
    trainer = Engine(lambda engine, batch: "text")
    set_up(trainer, output_names=["x"])
    with pytest.raises(TypeError, match="the output is a str"):
        trainer.run([0])


def test_schedulers(trainer):
    steps, calls = [], []
    set_up(trainer, lr_scheduler=SimpleNamespace(step=lambda: steps.append(trainer.state.iteration)))
    set_up(trainer, lr_scheduler=lambda engine: calls.append(engine.state.iteration))
    trainer.run([1.0, 2.0])
    assert steps == calls == [1, 2]


def test_scheduler_of_the_optimizers(trainer, model):
    optimizer = sparkle.optim.SGD(model.parameters(), lr=1.0)
    trainer.add_event_handler(Events.ITERATION_STARTED, lambda: optimizer.step())
    set_up(trainer, lr_scheduler=sparkle.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5))
    trainer.run([1.0, 2.0])
    assert optimizer.param_groups[0]["lr"] == 0.25


def test_sampler(trainer):
    epochs = []
    set_up(trainer, train_sampler=SimpleNamespace(set_epoch=epochs.append))
    trainer.run([1.0], max_epochs=3)
    assert epochs == [0, 1, 2]
    with pytest.raises(TypeError, match="set_epoch"):
        set_up(trainer, train_sampler=3)


def test_bars(trainer, monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    setup_common_training_handlers(trainer, output_names=["a"], log_every_iters=1)
    trainer.run([1.0, 1.0], max_epochs=2)
    assert "a=1" in screen.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"to_save": {}}, "output_path or save_handler"),
        ({"to_save": {}, "output_path": "x", "save_handler": print}, "mutually exclusive"),
    ],
)
def test_misuse(arguments, message, trainer):
    with pytest.raises(ValueError, match=message):
        set_up(trainer, **arguments)


def evaluator_with(*scores):
    """An evaluator that has these values of the metric "Acc", run by run."""
    evaluator = Engine(lambda engine, batch: None)
    values = iter(scores)
    evaluator.add_event_handler(Events.COMPLETED, lambda: evaluator.state.metrics.update(Acc=next(values)))
    return evaluator


def test_best_models(model, tmp_path):
    evaluator = evaluator_with(0.5, 0.25, 0.75)
    trainer = Engine(lambda engine, batch: evaluator.run([0]))
    keeper = save_best_model_by_val_score(str(tmp_path), evaluator, model, "Acc", n_saved=2, trainer=trainer, tag="t")
    trainer.run([0], max_epochs=3)
    assert isinstance(keeper, Checkpoint)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["best_model_1_t_acc=0.5000.pt", "best_model_3_t_acc=0.7500.pt"]


def test_best_models_of_several_with_the_sign(model):
    saved = []
    evaluator = evaluator_with(0.5, 0.25)
    gen_save_best_models_by_val_score(
        lambda checkpoint, filename: saved.append((sorted(checkpoint), filename)),
        evaluator,
        {"a": model, "b": model},
        "Acc",
        n_saved=1,
        score_sign=-1.0,
    )
    for _ in range(2):
        evaluator.run([0])
    assert saved == [
        (["a", "b"], "best_checkpoint_val_acc=-0.5000.pt"),
        (["a", "b"], "best_checkpoint_val_acc=-0.2500.pt"),
    ]


def test_early_stopping():
    evaluator = evaluator_with(0.5, 0.25, 0.25, 0.25)
    trainer = Engine(lambda engine, batch: evaluator.run([0]))
    stopper = add_early_stopping_by_val_score(2, evaluator, trainer, "Acc")
    assert isinstance(stopper, EarlyStopping)
    assert trainer.run([0], max_epochs=10).epoch == 3


def test_cache(trainer):
    empty_cuda_cache()
    empty_cuda_cache(trainer)


def test_path_of_ignite():
    assert common.setup_common_training_handlers is setup_common_training_handlers
    with pytest.raises(DeprecationWarning, match="setup_tb_logging"):
        common.setup_any_logging()
