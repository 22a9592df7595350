"""fit: the history, what is written, stopping, and going on from a directory."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sparkle
from sparkle.engine import Events
from sparkle.handlers import CSVLogger
from sparkle.metrics import Accuracy, ConfusionMatrix, MeanAbsoluteError
from sparkle.training import fit


def batches(n=4, seed=0):
    """Points of two classes."""
    generator = sparkle.Generator().manual_seed(seed)
    found = []
    for _ in range(n):
        x = sparkle.randn(8, 2, generator=generator)
        found.append((x, (x.sum(1) > 0).long()))
    return found


@pytest.fixture
def parts():
    """A model, its optimizer and loss, always the same at the start."""

    def make(lr=0.5, dropout=0.0):
        sparkle.manual_seed(1)
        model = sparkle.nn.Sequential(
            sparkle.nn.Linear(2, 8), sparkle.nn.Tanh(), sparkle.nn.Dropout(dropout), sparkle.nn.Linear(8, 2)
        )
        return model, sparkle.optim.SGD(model.parameters(), lr=lr, momentum=0.9), sparkle.nn.CrossEntropyLoss()

    return make


def quiet(*args, **kwargs):
    return fit(*args, progress=False, **kwargs)


def test_values_are_those_of_a_loop(parts):
    model, optimizer, loss_fn = parts()
    losses, train = [], batches()
    for _ in range(3):
        total = 0.0
        for x, y in train:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(train))
    history = quiet(*parts(), train, epochs=3)
    assert history["loss"] == pytest.approx(losses, rel=1e-6)
    assert history.epochs == [1, 2, 3]
    assert history["lr"] == [0.5] * 3


def test_losses_are_weighted_by_the_size_of_batches(parts):
    model, optimizer, loss_fn = parts(lr=0.0)
    x, y = batches(1)[0]
    whole = loss_fn(model(x), y).item()
    history = quiet(model, optimizer, loss_fn, [(x[:1], y[:1]), (x[1:], y[1:])], [(x[:3], y[:3]), (x[3:], y[3:])])
    assert history["loss"] == pytest.approx([whole], rel=1e-5)
    assert history["val_loss"] == pytest.approx([whole], rel=1e-5)


def test_metrics_of_training_and_validation(parts):
    metrics = {"accuracy": Accuracy(), "matrix": ConfusionMatrix(2), "error": 1.0 - Accuracy()}
    history = quiet(*parts(), batches(), batches(2, seed=5), epochs=4, metrics=metrics)
    assert list(history.history) == [
        *("loss", "accuracy", "matrix", "error"),
        *("val_loss", "val_accuracy", "val_matrix", "val_error", "lr"),
    ]
    assert history["val_accuracy"][-1] > 0.8
    assert history["error"][-1] == pytest.approx(1 - history["accuracy"][-1])
    matrix = history["val_matrix"][-1]
    assert sum(map(sum, matrix)) == 16
    assert (matrix[0][0] + matrix[1][1]) / 16 == pytest.approx(history["val_accuracy"][-1])
    assert history["val_accuracy"] != history["accuracy"]


def test_transforms_of_metrics_see_what_they_see_in_evaluators(parts):
    error = MeanAbsoluteError(output_transform=lambda output: (output[0].argmax(1).float(), output[1].float()))
    history = quiet(*parts(), batches(), batches(1), metrics={"mae": error})
    assert 0 <= history["mae"][0] <= 1
    assert 0 <= history["val_mae"][0] <= 1


def test_progress(parts, capsys):
    fit(*parts(), batches(), batches(), epochs=2, metrics={"acc": Accuracy()})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2  loss 0.")
    assert lines[1].startswith("epoch 2/2  loss 0.")
    assert "  val_acc " in lines[1]


def test_logs(parts, tmp_path, scalars):
    with CSVLogger(tmp_path / "log.csv") as logger:
        quiet(*parts(), batches(), batches(), epochs=2, logdir=tmp_path / "tb", loggers=[logger], log_every_iters=4)
    table = CSVLogger.read(tmp_path / "log.csv")
    names = ["training/lr/group_0", "training/batch_loss", "training/loss", "validation/loss"]
    assert {name: [step for step, _ in table[name]] for name in table} == {name: [4, 8] for name in names}
    assert sorted({tag for tag, _, _ in scalars(tmp_path / "tb")}) == sorted(names)


def test_setup(parts):
    seen = []

    def attach(trainer, evaluator):
        trainer.add_event_handler(Events.STARTED, lambda: seen.append("train"))
        evaluator.add_event_handler(Events.STARTED, lambda: seen.append("validate"))

    quiet(*parts(), batches(), batches(), epochs=2, setup=attach)
    assert seen == ["train", "validate", "validate"]


def test_options_of_the_trainer(parts):
    train = batches(4)
    model, optimizer, loss_fn = parts()
    quiet(model, optimizer, loss_fn, train, gradient_accumulation_steps=4)
    whole = (sparkle.cat([x for x, _ in train]), sparkle.cat([y for _, y in train]))
    other, optimizer, _ = parts()
    quiet(other, optimizer, loss_fn, [whole])
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        assert a.allclose(b, atol=1e-6)
    with pytest.raises(TypeError, match="no_such_option"):
        quiet(*parts(), train, no_such_option=1)


# ---------------------------------------------------------------- schedulers


def test_scheduler_steps_after_each_epoch(parts):
    model, optimizer, loss_fn = parts(lr=1.0)
    scheduler = sparkle.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    history = quiet(model, optimizer, loss_fn, batches(), epochs=3, scheduler=scheduler)
    assert history["lr"] == [1.0, 0.5, 0.25]


def test_scheduler_that_asks_for_the_value(parts):
    model, optimizer, loss_fn = parts(lr=0.0)
    scheduler = sparkle.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
    optimizer.param_groups[0]["lr"] = 1e-9
    scheduler.min_lrs = [0.0]
    scheduler.eps = 0.0
    history = quiet(model, optimizer, loss_fn, batches(), epochs=3, scheduler=scheduler)
    assert history["lr"][-1] < 1e-9


def test_scheduler_that_is_a_handler(parts):
    seen = []
    quiet(*parts(), batches(3), epochs=2, scheduler=lambda engine: seen.append(engine.state.iteration))
    assert seen == [1, 2, 3, 4, 5, 6]


# ---------------------------------------------------------------- stopping and the best


def test_patience(parts):
    history = quiet(*parts(lr=0.0), batches(), epochs=10, patience=3)
    assert len(history) == 4
    assert history.best == (1, history["loss"][0])


def scripted(values):
    """A metric of validation that gives these values, one an epoch; its copy for training is a plain one."""

    class Scripted(Accuracy):
        def compute(self):
            super().compute()
            return next(values)

        def __deepcopy__(self, memo):
            return Accuracy()

    return Scripted()


def test_best_weights_come_back(parts, tmp_path):
    model, optimizer, loss_fn = parts()
    weights, values = [], iter([0.0, 1.0, math.nan, 0.5, 0.2])

    def attach(trainer, evaluator):
        evaluator.add_event_handler(Events.COMPLETED, lambda: weights.append(model[0].weight.detach().clone()))

    metrics = {"score": scripted(values)}
    history = quiet(
        *(model, optimizer, loss_fn, batches(), batches()),
        epochs=5,
        metrics=metrics,
        monitor="val_score",
        restore_best=True,
        checkpoint_dir=tmp_path,
        setup=attach,
    )
    assert history.best == (2, 1.0)
    assert model[0].weight.equal(weights[1])
    assert not weights[1].equal(weights[4])
    best = sparkle.load(tmp_path / "best.pt")
    assert best["0.weight"].equal(weights[1])
    assert sparkle.load(tmp_path / "last.pt")["model"]["0.weight"].equal(weights[4])


# ---------------------------------------------------------------- going on


class Broken(Exception):
    pass


def broken_at(iteration):
    def attach(trainer, evaluator):
        @trainer.on(Events.ITERATION_STARTED(once=iteration))
        def fail():
            raise Broken

    return attach


@pytest.mark.parametrize("iteration", [2, 5, 9, 12])
def test_broken_off_and_gone_on(iteration, parts, tmp_path):
    def run(folder, **more):
        model, optimizer, loss_fn = parts(dropout=0.3)
        scheduler = sparkle.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.9)
        loader = sparkle.data.DataLoader(
            sparkle.data.TensorDataset(*(sparkle.cat(items) for items in zip(*batches(), strict=True))),
            batch_size=8,
            shuffle=True,
        )
        history = quiet(
            *(model, optimizer, loss_fn, loader, batches(1, seed=3)),
            epochs=4,
            scheduler=scheduler,
            metrics={"accuracy": Accuracy()},
            checkpoint_dir=folder,
            **more,
        )
        return model, history

    whole_model, whole = run(tmp_path / "whole")
    with pytest.raises(Broken):
        run(tmp_path / "broken", setup=broken_at(iteration))
    model, history = run(tmp_path / "broken")
    assert history.epochs == whole.epochs == [1, 2, 3, 4]
    assert history["lr"] == whole["lr"]
    assert history["val_accuracy"][-1] > 0
    assert history.history == whole.history
    for a, b in zip(whole_model.parameters(), model.parameters(), strict=True):
        assert a.equal(b)


def test_done_is_done_and_more_epochs_go_on(parts, tmp_path):
    first = quiet(*parts(), batches(), epochs=2, checkpoint_dir=tmp_path)
    model, optimizer, loss_fn = parts()
    again = quiet(model, optimizer, loss_fn, batches(), epochs=2, checkpoint_dir=tmp_path, setup=broken_at(1))
    assert again.history == first.history
    more = quiet(*parts(), batches(), epochs=4, checkpoint_dir=tmp_path)
    assert more.epochs == [1, 2, 3, 4]
    assert more["loss"][:2] == first["loss"]
    assert more["loss"] == pytest.approx(quiet(*parts(), batches(), epochs=4)["loss"])


def test_stopped_is_done_and_the_best_comes_back(parts, tmp_path):
    arguments = {"epochs": 10, "monitor": "loss", "mode": "max", "patience": 2, "restore_best": True}
    model, optimizer, loss_fn = parts()
    first = quiet(model, optimizer, loss_fn, batches(), checkpoint_dir=tmp_path, **arguments)
    assert (len(first), first.best[0]) == (3, 1)
    fresh, optimizer, loss_fn = parts()
    again = quiet(fresh, optimizer, loss_fn, batches(), checkpoint_dir=tmp_path, setup=broken_at(1), **arguments)
    assert again.history == first.history
    assert fresh[0].weight.equal(model[0].weight)
    assert not fresh[0].weight.equal(sparkle.load(tmp_path / "last.pt")["model"]["0.weight"])


PROGRAM = """
import sys, time
import sparkle
from sparkle.engine import Events

sparkle.manual_seed(0)
x = sparkle.randn(40, 2)
y = (x.sum(1) > 0).long()
model = sparkle.nn.Sequential(sparkle.nn.Linear(2, 8), sparkle.nn.Dropout(0.2), sparkle.nn.Linear(8, 2))
optimizer = sparkle.optim.Adam(model.parameters(), lr=0.1)
loader = sparkle.data.DataLoader(sparkle.data.TensorDataset(x, y), batch_size=8, shuffle=True)

def slowly(trainer, evaluator):
    print("begins", flush=True)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: time.sleep(float(sys.argv[2])))

history = sparkle.fit(
    model, optimizer, sparkle.nn.CrossEntropyLoss(), loader, [(x, y)],
    epochs=12, checkpoint_dir=sys.argv[1], restore_best=True, progress=False, setup=slowly,
)
print(history.state_dict())
print([p.tolist() for p in model.parameters()])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_killed_again_and_again(tmp_path):
    def start(folder, pause):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / folder), str(pause)]
        root = Path(sparkle.__file__).parent.parent
        return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)

    with start("whole", 0) as process:
        whole = process.stdout.read()
    assert whole.count("\n") == 3
    for pause in (0.15, 0.25, 0.2):
        with start("killed", 0.01) as process:
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
    with start("killed", 0) as process:
        assert process.stdout.read() == whole


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0"),
        ({"epochs": 1.5}, ValueError, "epochs is 1.5"),
        ({"metrics": {"loss": Accuracy()}}, ValueError, "'loss'"),
        ({"metrics": [Accuracy()]}, TypeError, "wanted a dictionary of name: metric"),
        ({"metrics": {"a": 3}}, TypeError, "wanted a dictionary of name: metric"),
        ({"monitor": "val_acc"}, ValueError, r"monitor is 'val_acc', but an epoch gave \['loss', 'lr'\]"),
        ({"mode": "up"}, ValueError, "mode is 'up'"),
    ],
)
def test_misuse(arguments, error, message, parts):
    with pytest.raises(error, match=message):
        quiet(*parts(), batches(), **arguments)


def test_late_name():
    assert sparkle.fit is fit
