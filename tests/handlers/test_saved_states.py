"""States of schedulers and averages go through a checkpoint file and come back the same."""

from __future__ import annotations

import pytest

import sparkle
from sparkle import handlers
from sparkle.engine import Engine
from sparkle.handlers import Checkpoint, DiskSaver
from sparkle.optim import lr_scheduler as schedules

ITERATIONS = 12


def sgd():
    parameters = [{"params": [sparkle.zeros(1, requires_grad=True)], "lr": rate} for rate in (0.5, 0.25)]
    return sparkle.optim.SGD(parameters, lr=0.1, momentum=0.5)


def cosine(optimizer, **options):
    return handlers.CosineAnnealingScheduler(optimizer, "lr", 1.0, 0.1, 4, warmup_duration=2, **options)


def side_by_side(optimizer):
    return handlers.ParamGroupScheduler([cosine(optimizer, param_group_index=i) for i in (0, 1)])


MAKERS = {
    "cosine": cosine,
    "milestones": lambda o: handlers.PiecewiseLinear(o, "lr", [(0, 0.0), (9, 1.0)]),
    "side by side": side_by_side,
    "concatenated": lambda o: handlers.ConcatScheduler([side_by_side(o), cosine(o)], durations=[8]),
    "warm-up": lambda o: handlers.create_lr_scheduler_with_warmup(schedules.CosineAnnealingLR(o, 20), 0.0, 5),
    "OneCycleLR": lambda o: handlers.LRScheduler(schedules.OneCycleLR(o, 1.0, total_steps=50)),
    "LambdaLR": lambda o: handlers.LRScheduler(schedules.LambdaLR(o, lambda epoch: 1 / (1 + epoch))),
    "CyclicLR": lambda o: handlers.LRScheduler(schedules.CyclicLR(o, 0.1, 1.0, step_size_up=4)),
    "SequentialLR": lambda o: handlers.LRScheduler(
        schedules.SequentialLR(o, [schedules.ConstantLR(o, 0.1, 5), schedules.ExponentialLR(o, 0.9)], [5])
    ),
}


def settings(optimizer):
    return [(group["lr"], group["momentum"]) for group in optimizer.param_groups]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("stop", [1, 5, 6, 8, 11])
def test_scheduler_through_a_file(name, stop, tmp_path):
    def follow(scheduler, optimizer, events):
        found = []
        for _ in range(events):
            optimizer.step()
            scheduler(None)
            found.append(settings(optimizer))
        return found

    optimizer = sgd()
    whole = follow(MAKERS[name](optimizer), optimizer, ITERATIONS)
    optimizer = sgd()
    scheduler = MAKERS[name](optimizer)
    found = follow(scheduler, optimizer, stop)
    save = Checkpoint({"scheduler": scheduler, "optimizer": optimizer}, DiskSaver(str(tmp_path)))
    save(Engine(lambda engine, batch: None))
    optimizer = sgd()
    scheduler = MAKERS[name](optimizer)
    Checkpoint.load_objects({"scheduler": scheduler, "optimizer": optimizer}, str(tmp_path / save.last_checkpoint))
    assert found + follow(scheduler, optimizer, ITERATIONS - stop) == whole


def test_average_through_a_file(tmp_path):
    def make():
        model = sparkle.nn.Sequential(sparkle.nn.Linear(2, 2), sparkle.nn.BatchNorm1d(2))
        ema = handlers.EMAHandler(model, momentum=0.1, momentum_warmup=0.5, warmup_iters=7)
        trainer = Engine(lambda engine, batch: model(sparkle.ones(3, 2)))
        ema.attach(trainer)
        return ema, trainer

    ema, trainer = make()
    trainer.run(range(4))
    save = Checkpoint({"ema": ema}, DiskSaver(str(tmp_path)))
    save(trainer)
    restored, _ = make()
    Checkpoint.load_objects({"ema": restored}, str(tmp_path / save.last_checkpoint))
    assert restored.momentum_scheduler.event_index == 4
    states = ema.ema_model.state_dict(), restored.ema_model.state_dict()
    assert all((states[1][name] == value).all() for name, value in states[0].items())


def test_state_scheduler_through_a_file(tmp_path):
    engine = Engine(lambda engine, batch: None)
    first, second = (handlers.LambdaStateScheduler(lambda index: index / 2, "x", create_new=True) for _ in range(2))
    first.attach(engine)
    engine.run(range(5))
    save = Checkpoint({"scheduler": first}, DiskSaver(str(tmp_path)))
    save(engine)
    Checkpoint.load_objects({"scheduler": second}, str(tmp_path / save.last_checkpoint))
    second(engine)
    assert engine.state.x == 3.0
