"""Events: names, filters, lists, and that they are frozen."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from sparkle.engine import CallableEventWithFilter, EventEnum, Events, EventsList


class Mine(EventEnum):
    FOO_EVENT = "foo_event"
    BAR_EVENT = "bar_event"


def test_the_events() -> None:
    assert [event.name for event in Events] == [
        *("EPOCH_STARTED", "EPOCH_COMPLETED", "STARTED", "COMPLETED", "ITERATION_STARTED", "ITERATION_COMPLETED"),
        *("EXCEPTION_RAISED", "GET_BATCH_STARTED", "GET_BATCH_COMPLETED", "DATALOADER_STOP_ITERATION", "TERMINATE"),
        *("TERMINATE_SINGLE_EPOCH", "INTERRUPT", "BACKWARD_COMPLETED", "OPTIM_STEP_COMPLETED"),
    ]
    assert all(event.value == event.name.lower() for event in Events)
    assert all(isinstance(event, CallableEventWithFilter) for event in Events)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (Events.STARTED, "STARTED", True),
        (Events.STARTED, "started", False),
        (Events.STARTED, Events.COMPLETED, False),
        (Events.STARTED(every=2), Events.STARTED, True),
        (Events.STARTED(every=2), "STARTED", True),
        (Events.STARTED(every=2).filter, Events.STARTED(every=2).filter, True),
        (Events.STARTED(every=2).filter, Events.STARTED(every=3).filter, False),
        (Mine.FOO_EVENT, "FOO_EVENT", True),
        (Events.STARTED, 3, False),
    ],
    ids=repr,
)
def test_equality_and_hash_are_by_name(left: Any, right: Any, same: bool) -> None:
    assert (left == right) is same
    assert (left != right) is not same
    if same:
        assert hash(left) == hash(right)


def test_filtered_events_are_keys() -> None:
    assert {Events.STARTED: 1}[Events.STARTED(once=3)] == 1
    assert len({Events.STARTED, Events.STARTED(every=2), "STARTED", Events.COMPLETED}) == 2


@pytest.mark.parametrize("event", [Events.STARTED, Events.STARTED(every=2), Mine.FOO_EVENT], ids=repr)
@pytest.mark.parametrize("name", ["filter", "_name_", "name", "value", "anything"])
def test_events_are_frozen(event: Any, name: str) -> None:
    before = (event.name, event.value, event.filter)
    with pytest.raises(AttributeError):
        setattr(event, name, None)
    with pytest.raises(AttributeError):
        delattr(event, name)
    assert (event.name, event.value, event.filter) == before


def test_a_filtered_event_is_a_new_object() -> None:
    event = Events.ITERATION_COMPLETED(every=10)
    assert isinstance(event, CallableEventWithFilter)
    assert not isinstance(event, Events)
    assert (event.name, event.value) == ("ITERATION_COMPLETED", "iteration_completed")
    assert Events.ITERATION_COMPLETED.filter is None
    assert Events.ITERATION_COMPLETED(every=1).filter is None


def test_user_filter_is_kept_as_it_is() -> None:
    def event_filter(engine: Any, event: int) -> bool:
        return True

    assert Events.STARTED(event_filter=event_filter).filter is event_filter
    assert Events.STARTED(event_filter).filter is event_filter


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Events.STARTED, "Events.STARTED"),
        (Events.STARTED(once=3), "Events.STARTED(filter=Once(counts=(3,)))"),
        (Events.STARTED | Events.COMPLETED, "Events.STARTED | Events.COMPLETED"),
        (EventsList(), "EventsList()"),
    ],
)
def test_repr(event: Any, text: str) -> None:
    assert repr(event) == text
    assert str(event) == text


def test_copies() -> None:
    assert copy.deepcopy(Events.STARTED) is Events.STARTED
    assert pickle.loads(pickle.dumps(Events.STARTED)) is Events.STARTED
    event = Events.STARTED(every=3)
    for other in (copy.deepcopy(event), pickle.loads(pickle.dumps(event))):
        assert other == event
        assert other.filter == event.filter


def test_or_never_mutates() -> None:
    both = Events.STARTED | Events.COMPLETED
    three = both | Events.EPOCH_STARTED(every=2)
    assert isinstance(both, EventsList)
    assert [e.name for e in both] == ["STARTED", "COMPLETED"]
    assert [e.name for e in three] == ["STARTED", "COMPLETED", "EPOCH_STARTED"]
    assert three[2].filter == Events.EPOCH_STARTED(every=2).filter
    assert len(both | three) == 5
    assert len(Mine.FOO_EVENT | Events.STARTED) == 2
    both |= Events.STARTED
    assert len(both) == 3


@pytest.mark.parametrize("other", [3, "STARTED", None, len])
def test_or_refuses_what_is_no_event(other: Any) -> None:
    with pytest.raises(TypeError, match="Argument event should be Events or CallableEventWithFilter, got: "):
        Events.STARTED | other
    with pytest.raises(TypeError, match="Argument event should be Events"):
        (Events.STARTED | Events.COMPLETED) | other


def test_static_filters() -> None:
    event = Events.STARTED
    due = {
        (2, 4, 6): event.every_event_filter(2),
        (1, 4): event.once_event_filter([4, 1]),
        (3, 4): event.before_and_after_event_filter(before=5, after=2),
        (1, 2, 3, 4, 5, 6): event.before_and_after_event_filter(),
        (2, 4): event.every_before_and_after_event_filter(2, before=6, after=1),
    }
    for counts, event_filter in due.items():
        assert event_filter is not None
        assert tuple(n for n in range(1, 7) if event_filter(None, n)) == counts
    with pytest.warns(DeprecationWarning, match="leave the filter out"):
        assert event.default_event_filter(None, 3)


def test_direct_construction() -> None:
    event = CallableEventWithFilter("mine", lambda engine, event: True, "MINE")
    assert (event.name, event.value, event(every=1) if event.filter is None else event.filter(None, 1)) == (
        "MINE",
        "mine",
        True,
    )
