"""State: its fields, and which count an event has."""

from __future__ import annotations

import copy
import pickle

import pytest

from sparkle.engine import Events, State


def test_defaults() -> None:
    state = State()
    assert (state.iteration, state.epoch, state.metrics, state.event_counts) == (0, 0, {}, {})
    for name in ("epoch_length", "max_epochs", "max_iters", "output", "batch", "dataloader", "seed"):
        assert getattr(state, name) is None
    assert state.times == {"EPOCH_COMPLETED": None, "COMPLETED": None}


def test_any_attribute() -> None:
    state = State(iteration=3, alpha=0.1)
    state.beta = [1]
    assert (state.iteration, state.alpha, state.beta) == (3, 0.1, [1])
    with pytest.raises(AttributeError):
        _ = state.gamma


def test_two_states_share_nothing() -> None:
    one, two = State(), State()
    one.metrics["loss"] = one.times["COMPLETED"] = 1.0
    one.bind_event("MINE", "mine")
    assert two.metrics == {}
    assert two.times["COMPLETED"] is None
    assert not hasattr(two, "mine")


def test_counts_of_events() -> None:
    state = State(iteration=7, epoch=2)
    state.event_counts["TERMINATE"] = 4
    state.bind_event("MINE", "mine")
    state.mine = 9
    values = {
        Events.ITERATION_COMPLETED: 7,
        Events.GET_BATCH_STARTED(every=2): 7,
        Events.EPOCH_COMPLETED: 2,
        Events.STARTED: 2,
        "COMPLETED": 2,
        Events.TERMINATE: 4,
        Events.INTERRUPT: 0,
        "MINE": 9,
    }
    assert {event: state.get_event_attrib_value(event) for event in values} == values
    for wrong in (3, None, object()):
        with pytest.raises(RuntimeError, match="Unknown event name"):
            state.get_event_attrib_value(wrong)


def test_bind_event_keeps_a_value_that_is_there() -> None:
    state = State(mine=5)
    state.bind_event("MINE", "mine")
    state.bind_event("OTHER", "other")
    assert (state.mine, state.other) == (5, 0)


def test_event_to_attr_cannot_be_written() -> None:
    assert State.event_to_attr[Events.STARTED] == "epoch"
    with pytest.raises(TypeError):
        State.event_to_attr["MINE"] = "mine"  # type: ignore[index]


def test_repr_shows_numbers_and_types() -> None:
    text = repr(State(iteration=3, alpha=0.1, data=[1]))
    assert text.startswith("State:\n\titeration: 3\n\tepoch: 0\n")
    assert "\talpha: 0.1\n" in text
    assert "\tdata: <class 'list'>\n" in text


def test_copies() -> None:
    state = State(iteration=3, alpha=[1])
    for other in (copy.deepcopy(state), pickle.loads(pickle.dumps(state))):
        assert (other.iteration, other.alpha, other.metrics) == (3, [1], {})
        assert other.alpha is not state.alpha
