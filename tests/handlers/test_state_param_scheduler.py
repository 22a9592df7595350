"""Schedulers of the engine's state: formulas, attributes, histories, states."""

from __future__ import annotations

import warnings

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import (
    ExpStateScheduler,
    LambdaStateScheduler,
    MultiStepStateScheduler,
    PiecewiseLinearStateScheduler,
    StepStateScheduler,
)

FORMULAS = [
    (LambdaStateScheduler, {"lambda_obj": lambda k: k * k}, lambda k: k * k),
    (PiecewiseLinearStateScheduler, {"milestones_values": [(2, 0.0), (6, 1.0)]}, lambda k: min(max((k - 2) / 4, 0), 1)),
    (ExpStateScheduler, {"initial_value": 2.0, "gamma": 0.9}, lambda k: 2 * 0.9**k),
    (StepStateScheduler, {"initial_value": 2.0, "gamma": 0.9, "step_size": 5}, lambda k: 2 * 0.9 ** (k // 5)),
    (
        MultiStepStateScheduler,
        {"initial_value": 2.0, "gamma": 0.9, "milestones": [3, 30]},
        lambda k: 2 * 0.9 ** ((k >= 3) + (k >= 30)),
    ),
]


@pytest.mark.parametrize(("kind", "options", "formula"), FORMULAS)
def test_formulas(kind, options, formula):
    scheduler = kind(param_name="x", save_history=True, create_new=True, **options)
    trainer = Engine(lambda engine, batch: None)
    scheduler.attach(trainer)
    state = trainer.run(range(10), max_epochs=6)
    expected = [formula(k) for k in range(1, 61)]
    assert state.param_history == {"x": pytest.approx(expected)}
    assert state.x == pytest.approx(expected[-1])
    simulated = kind.simulate_values(60, param_name="x", save_history=True, **options)
    assert simulated == [[k, pytest.approx(value)] for k, value in enumerate(expected)]


@pytest.mark.parametrize(("kind", "options", "formula"), FORMULAS)
def test_going_on(kind, options, formula):
    first = kind(param_name="x", create_new=True, **options)
    trainer = Engine(lambda engine, batch: None)
    first.attach(trainer)
    trainer.run(range(7))
    second = kind(param_name="x", create_new=True, **options)
    second.load_state_dict(first.state_dict())
    second(trainer)
    assert trainer.state.x == pytest.approx(formula(8))


def scheduler(**options):
    return ExpStateScheduler(1.0, 0.5, "x", **options)


def test_attribute_that_is_there():
    trainer = Engine(lambda engine, batch: None)
    trainer.state.x = 3
    refused = scheduler(create_new=True)
    with pytest.raises(ValueError, match="'x' already exists"):
        refused.attach(trainer)
    assert not trainer.has_event_handler(refused)
    scheduler().attach(trainer)
    assert trainer.state.x == 3


def test_attribute_that_is_not_there():
    trainer = Engine(lambda engine, batch: None)
    with pytest.warns(UserWarning, match="create_new=True"):
        scheduler().attach(trainer)
    assert trainer.state.x is None


def test_wrong_event_changes_nothing():
    trainer = Engine(lambda engine, batch: None)
    with pytest.raises(ValueError, match="foo"):
        scheduler(create_new=True).attach(trainer, "foo")
    assert not hasattr(trainer.state, "x")


class Decay:
    """A function with a memory: its state is a part of the scheduler's."""

    def __init__(self):
        self.rate = 0.5

    def __call__(self, index):
        self.rate *= 0.5
        return self.rate


class Saved(Decay):
    def state_dict(self):
        return {"rate": self.rate}

    def load_state_dict(self, state):
        self.rate = state["rate"]


@pytest.mark.parametrize("kind", [Decay, Saved])
def test_functions_with_a_memory(kind):
    first, second = (LambdaStateScheduler(kind(), "x") for _ in range(2))
    trainer = Engine(lambda engine, batch: None)
    first(trainer)
    state = first.state_dict()
    first(trainer)
    expected = trainer.state.x
    second.load_state_dict(state)
    second(trainer)
    assert trainer.state.x == expected == 0.125


def test_states_hold_no_functions():
    assert LambdaStateScheduler(lambda index: index, "x").state_dict()["lambda_obj"] is None


def test_events_and_filters():
    trainer = Engine(lambda engine, batch: None)
    trainer.state.x = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler().attach(trainer, Events.ITERATION_COMPLETED(every=5) | Events.COMPLETED)
    assert trainer.run(range(10)).x == 0.5**3
