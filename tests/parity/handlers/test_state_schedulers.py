"""Schedulers of the engine's state, the batch size and plateaus: values, histories and states in both libraries."""

from __future__ import annotations

import random
import warnings

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

EVENTS = 65
PATH = [(3, 1.0), (10, 0.5), (10, 0.8), (40, 0.0)]
SCHEDULERS = {
    "lambda": ("LambdaStateScheduler", {"lambda_obj": lambda index: index**0.5}),
    "lists": ("LambdaStateScheduler", {"lambda_obj": lambda index: [index, -index]}),
    "line": ("PiecewiseLinearStateScheduler", {"milestones_values": PATH}),
    "one milestone": ("PiecewiseLinearStateScheduler", {"milestones_values": [(5, 2.0)]}),
    "exp": ("ExpStateScheduler", {"initial_value": 2.0, "gamma": 0.9}),
    "step": ("StepStateScheduler", {"initial_value": 2.0, "gamma": 0.9, "step_size": 7}),
    "steps": ("MultiStepStateScheduler", {"initial_value": 2.0, "gamma": 0.9, "milestones": [1, 5, 5, 20]}),
}


def run(lib, name, event, resume_at=None):
    """A run of 13 epochs of 5 iterations; perhaps in two parts, the second with a scheduler that loads a state."""
    kind, options = SCHEDULERS[name]
    seen, state = [], None
    for epochs in [13] if resume_at is None else [resume_at, 13 - resume_at]:
        trainer = lib.engine.Engine(lambda engine, batch: seen.append(engine.state.value))
        scheduler = getattr(lib.handlers, kind)(param_name="value", save_history=True, create_new=True, **options)
        scheduler.attach(trainer, getattr(lib.engine.Events, event))
        if state is not None:
            scheduler.load_state_dict(state)
        trainer.run(range(5), max_epochs=epochs)
        state = scheduler.state_dict()
        seen.append(trainer.state.param_history)
    own = ("_index", "lambda_obj")  # ignite's place among the milestones, and a whole function
    return seen, {key: value for key, value in state.items() if key not in own}


@pytest.mark.parametrize("event", ["ITERATION_STARTED", "ITERATION_COMPLETED", "EPOCH_STARTED"])
@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("resume_at", [None, 1, 4, 8])
def test_state_scheduler(name, event, resume_at, both):
    theirs, ours = both(run, name, event, resume_at)
    assert ours == theirs


@pytest.mark.parametrize("name", SCHEDULERS)
def test_simulated(name, both):
    kind, options = SCHEDULERS[name]
    theirs, ours = both(lambda lib: getattr(lib.handlers, kind).simulate_values(EVENTS, param_name="x", **options))
    assert ours == theirs


METRICS = [[round(random.Random(seed).uniform(0.1, 2.0), 1) for _ in range(EVENTS)] for seed in range(3)]
METRICS += [[1 / (1 + i) for i in range(EVENTS)], [1.0] * EVENTS]
PLATEAUS = [
    {"mode": mode, "threshold_mode": relative, "patience": patience, "cooldown": cooldown, "threshold": 0.05}
    for mode in ("min", "max")
    for relative in ("rel", "abs")
    for patience in (0, 3)
    for cooldown in (0, 2)
]


def plateau(lib, metrics, options, reload_at=None):
    trainer, evaluator = (lib.engine.Engine(lambda engine, batch: None) for _ in range(2))
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (1.0, 0.5)]
    optimizer = torch.optim.SGD(groups)

    def make():
        return lib.handlers.ReduceLROnPlateauScheduler(
            optimizer, "loss", trainer=trainer, save_history=True, factor=0.7, **options
        )

    scheduler = make()
    for index, metric in enumerate(metrics):
        if index == reload_at:
            state, scheduler = scheduler.state_dict(), make()
            scheduler.load_state_dict(state)
        evaluator.state.metrics["loss"] = metric
        scheduler(evaluator)
    return trainer.state.param_history, scheduler.event_index


@pytest.mark.parametrize("options", PLATEAUS, ids=lambda options: "-".join(map(str, options.values())))
@pytest.mark.parametrize("metrics", METRICS, ids=range(len(METRICS)))
def test_plateau(metrics, options, both):
    theirs, ours = both(plateau, metrics, options)
    assert ours == theirs
    assert both(plateau, metrics, options, 20)[1] == ours


@pytest.mark.parametrize("index", [0, 1])
def test_plateau_of_one_group(index, both):
    theirs, ours = both(plateau, METRICS[0], {"param_group_index": index, "patience": 1})
    assert ours == theirs


def test_plateau_simulated(both):
    options = {"metric_values": METRICS[0], "init_lr": 1.0, "patience": 1, "factor": 0.5}
    theirs, ours = both(lambda lib: lib.handlers.ReduceLROnPlateauScheduler.simulate_values(EVENTS, **options))
    assert ours == theirs


@pytest.mark.parametrize("bounds", [0.3, [0.3, 0.1]])
def test_bounds_are_torchs(bounds, both):
    """Here the oracle is torch itself: ignite replaces min_lr by 0."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (1.0, 0.5)]
    optimizer = torch.optim.SGD(groups)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.7, patience=1, min_lr=bounds)
    expected = []
    for metric in METRICS[0]:
        schedule.step(metric)
        expected.append([group["lr"] for group in optimizer.param_groups])
    _, ours = both(plateau, METRICS[0], {"patience": 1, "min_lr": bounds})
    assert ours[0] == {"lr": expected}


def batch_sizes(lib):
    loader = DataLoader(TensorDataset(torch.arange(30)), batch_size=1)
    sizes = []
    trainer = lib.engine.Engine(lambda engine, batch: sizes.append(len(batch[0])))
    scheduler = lib.handlers.BatchSizeScheduler(loader, lambda index: 1 + 2 * index, save_history=True)
    scheduler.attach(trainer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.run(loader, max_epochs=4, epoch_length=4)
    simulated = lib.handlers.BatchSizeScheduler.simulate_values(5, scheduler_fn=lambda index: index + 1)
    return sizes, trainer.state.param_history, dict(scheduler.state_dict()), simulated


def test_batch_sizes(both):
    theirs, ours = both(batch_sizes)
    assert ours == theirs
