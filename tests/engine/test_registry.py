"""Handlers: how they are attached, called, found and removed; custom events."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from sparkle.engine import Engine, EventEnum, Events, State


class Mine(EventEnum):
    FOO = "foo"
    BAR = "bar"


@pytest.fixture
def engine() -> Engine:
    return Engine(lambda engine, batch: batch)


Log = list[Any]

# ---------------------------------------------------------------------------------------------- arguments

CALLS: list[tuple[Callable[[Log], Callable], tuple, dict[str, Any], Any]] = [
    (lambda log: lambda: log.append("nothing"), (), {}, ["nothing"]),
    (lambda log: lambda engine: log.append(type(engine)), (), {}, [Engine]),
    (lambda log: lambda x=None: log.append(type(x)), (), {}, [Engine]),
    (lambda log: lambda *args: log.append(len(args)), (1,), {}, [2]),
    (lambda log: lambda a: log.append(a), (3,), {}, [3]),
    (lambda log: lambda engine, a, b=0: log.append((type(engine), a, b)), (3,), {"b": 4}, [(Engine, 3, 4)]),
    (lambda log: lambda *, b: log.append(b), (), {"b": 5}, [5]),
    (lambda log: log.append, (7,), {}, [7]),
    (lambda log: partial(log.append, 8), (), {}, [8]),
]


@pytest.mark.parametrize("filtered", [False, True, "user"])
@pytest.mark.parametrize(("make", "args", "kwargs", "expected"), CALLS)
def test_arguments(engine: Engine, make: Any, args: tuple, kwargs: dict, expected: Any, filtered: Any) -> None:
    log: Log = []
    event: Any = Events.COMPLETED
    if filtered:
        event = event(every=1, after=0) if filtered is True else event(event_filter=lambda engine, event: event == 1)
    engine.add_event_handler(event, make(log), *args, **kwargs)
    engine.run([1])
    assert log == expected


def test_on_gives_the_function_back(engine: Engine) -> None:
    def handler() -> None: ...

    assert engine.on(Events.STARTED)(handler) is handler
    assert engine.has_event_handler(handler, Events.STARTED)


def test_order_is_that_of_attaching(engine: Engine) -> None:
    log: Log = []
    for n, event in enumerate([Events.ITERATION_COMPLETED, Events.ITERATION_COMPLETED(every=2)] * 3):
        engine.add_event_handler(event, log.append, n)
    engine.run(range(2))
    assert log == [0, 2, 4, 0, 1, 2, 3, 4, 5]


def test_a_list_attaches_to_each_event(engine: Engine) -> None:
    log: Log = []
    handle = engine.add_event_handler(Events.STARTED | Events.ITERATION_STARTED(once=2), log.append, 1)
    engine.run(range(3))
    assert log == [1, 1]
    handle.remove()
    engine.run(range(3))
    assert log == [1, 1]
    assert not engine.has_event_handler(log.append)


def test_strings_name_events(engine: Engine) -> None:
    log: Log = []
    engine.add_event_handler("STARTED", log.append, 1)
    engine.run([1])
    assert log == [1]
    assert engine.has_registered_events("COMPLETED")
    assert not engine.has_registered_events("completed")


def test_handlers_added_while_the_event_is_fired_are_called(engine: Engine) -> None:
    log: Log = []

    @engine.on(Events.ITERATION_COMPLETED(once=2))
    def add() -> None:
        engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: log.append(engine.state.iteration))
        engine.add_event_handler(Events.ITERATION_COMPLETED(every=2), lambda: log.append(-engine.state.iteration))

    engine.run(range(4))
    assert log == [2, -2, 3, 4, -4]


def test_handlers_removed_while_the_event_is_fired_are_called_this_time(engine: Engine) -> None:
    log: Log = []
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), lambda: handle.remove())
    handle = engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: log.append(engine.state.iteration))
    engine.run(range(4))
    assert log == [1, 2]


@pytest.mark.parametrize("event", [Events.GET_BATCH_STARTED, Events.GET_BATCH_COMPLETED], ids=str)
def test_fetching_can_be_listened_to_from_the_middle_of_an_epoch(engine: Engine, event: Any) -> None:
    log: Log = []

    @engine.on(Events.ITERATION_COMPLETED(once=2))
    def add() -> None:
        engine.add_event_handler(event, lambda: log.append(engine.state.iteration))

    engine.run(range(4))
    assert log == [2, 3]


# ------------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize("event", ["foo", "started", Mine.FOO, 3, None])
def test_unknown_events(engine: Engine, event: Any, caplog: pytest.LogCaptureFixture) -> None:
    for call in (lambda: engine.add_event_handler(event, print), lambda: engine.on(event)(print)):
        with pytest.raises(ValueError, match="is not a valid event for this Engine"):
            call()
    with pytest.raises(ValueError, match="is not a valid event for this Engine"):
        engine.fire_event(event)
    assert "attempt to add event handler to an invalid event" in caplog.text


@pytest.mark.parametrize(
    ("event", "handler", "args"),
    [
        (Events.STARTED, lambda a, b: None, ()),
        (Events.STARTED, lambda: None, (1,)),
        (Events.STARTED(every=2), lambda a, b: None, ()),
        (Events.EXCEPTION_RAISED, lambda: None, ()),
        (Events.TERMINATE_SINGLE_EPOCH, lambda a, b, c: None, ()),
    ],
)
def test_handlers_that_cannot_be_called(engine: Engine, event: Any, handler: Any, args: tuple) -> None:
    with pytest.raises(ValueError, match=r"Error adding .* 'handler': takes parameters .* but will be called with"):
        engine.add_event_handler(event, handler, *args)
    assert not engine.has_event_handler(handler)


def test_a_list_with_a_wrong_event_attaches_nothing(engine: Engine) -> None:
    with pytest.raises(ValueError, match="not a valid event"):
        engine.add_event_handler(Events.STARTED | Mine.FOO, print)
    assert not engine.has_event_handler(print)


def test_remove_what_is_not_there(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"Input event name 'Events.STARTED' does not exist"):
        engine.remove_event_handler(print, Events.STARTED)
    engine.add_event_handler(Events.STARTED, lambda: None)
    with pytest.raises(ValueError, match=r"Input handler .* is not found among registered event handlers"):
        engine.remove_event_handler(print, Events.STARTED)
    with pytest.raises(ValueError, match="Input event name 'foo' does not exist"):
        engine.remove_event_handler(print, "foo")


# ------------------------------------------------------------------------------- removing, finding, handles


def test_remove_takes_every_registration_with_the_event(engine: Engine) -> None:
    log: Log = []
    append = log.append
    for event in (Events.STARTED, Events.COMPLETED, Events.COMPLETED(every=1), Events.COMPLETED(once=1)):
        engine.add_event_handler(event, append, 1)
    engine.remove_event_handler(append, Events.COMPLETED)
    engine.run([1])
    assert log == [1]
    assert engine.has_event_handler(append)
    assert engine.has_event_handler(append, Events.STARTED(every=7))
    assert not engine.has_event_handler(append, Events.COMPLETED)
    assert not engine.has_event_handler(append, "foo")


def test_one_handle_removes_one_registration(engine: Engine) -> None:
    log: Log = []
    handles = [engine.add_event_handler(Events.STARTED, log.append, n) for n in range(3)]
    handles[1].remove()
    handles[1].remove()
    engine.run([1])
    assert log == [0, 2]


def test_handle_as_context(engine: Engine) -> None:
    log: Log = []
    with engine.add_event_handler(Events.COMPLETED, log.append, 1) as handle:
        assert handle.event_name == Events.COMPLETED
        assert handle.engine() is engine
        assert handle.handler() == log.append
        engine.run([1])
    engine.run([1])
    assert log == [1]
    assert handle.handler() is None


def test_handle_of_a_method(engine: Engine) -> None:
    class Thing:
        def method(self) -> None: ...

    thing = Thing()
    handle = engine.add_event_handler(Events.STARTED, thing.method)
    assert engine.has_event_handler(thing.method)
    handle.remove()
    assert not engine.has_event_handler(thing.method)


def test_handlers_need_not_be_weakly_referenceable(engine: Engine) -> None:
    class Handler:
        __slots__ = ("calls",)

        def __init__(self) -> None:
            self.calls = 0

        def __call__(self) -> None:
            self.calls += 1

    handler = Handler()
    engine.add_event_handler(Events.ITERATION_COMPLETED(every=2), handler)
    engine.run(range(4))
    assert handler.calls == 2


# --------------------------------------------------------------------------------------------- custom events


def test_register_errors(engine: Engine) -> None:
    with pytest.raises(TypeError, match="Value at 1 of event_names should be a str or EventEnum, but given 3"):
        engine.register_events("mine", 3)  # type: ignore[arg-type]
    assert not engine.has_registered_events("mine")
    with pytest.raises(ValueError, match=r"Expected event_to_attr to be dictionary. Got <class 'str'>"):
        engine.register_events("mine", event_to_attr="mine")  # type: ignore[arg-type]


def test_registering_twice_keeps_the_handlers(engine: Engine) -> None:
    log: Log = []
    engine.register_events("mine")
    engine.add_event_handler("mine", log.append, 1)
    engine.register_events("mine", *Mine)
    engine.fire_event("mine")
    assert log == [1]


@pytest.mark.parametrize("event", [*Events, *Mine], ids=str)
def test_filters_work_on_every_event(event: Any) -> None:
    """Each event is fired three times by hand; core events with a counter of the state see that counter."""
    engine = Engine(lambda engine, batch: None)
    engine.register_events(*Mine)
    log: Log = []
    engine.add_event_handler(event(once=2), lambda *args: log.append(engine.state.get_event_attrib_value(event)))
    for count in (1, 2, 3):
        engine.state.iteration = engine.state.epoch = count
        if event in (Events.EXCEPTION_RAISED, Events.TERMINATE_SINGLE_EPOCH):
            engine._handlers[event.name].fire_each(engine, KeyError())
        else:
            engine.fire_event(event)
    assert log == [2]


def test_custom_events_are_counted(engine: Engine) -> None:
    log: Log = []
    engine = Engine(lambda engine, batch: [engine.fire_event(Mine.FOO) for _ in range(2)])
    engine.register_events(*Mine)
    engine.add_event_handler(Mine.FOO(every=3), lambda: log.append(engine.state.iteration))
    engine.add_event_handler(Mine.FOO(event_filter=lambda e, n: n == 4), log.append, "four")
    engine.run(range(5))
    assert log == [2, "four", 3, 5]
    assert engine.state.event_counts["FOO"] == 10
    engine.run(range(2))  # a new training counts anew
    assert engine.state.event_counts["FOO"] == 4
    assert log == [2, "four", 3, 5, 2, "four"]


def test_event_to_attr_is_the_engine_s_own(engine: Engine) -> None:
    other = Engine(lambda engine, batch: None)
    engine.register_events(*Mine, event_to_attr={Mine.FOO: "steps"})
    other.register_events(*Mine)
    assert engine.state.steps == 0
    assert not hasattr(other.state, "steps")
    assert "FOO" not in State.event_to_attr
    log: Log = []
    engine.add_event_handler(Mine.FOO(every=2), lambda: log.append(engine.state.steps))
    for steps in (1, 2, 2, 3, 0, 4):  # the attribute is the user's: it may repeat, go back and jump
        engine.state.steps = steps
        engine.fire_event(Mine.FOO)
    assert log == [2, 2, 0, 4]


def test_event_to_attr_given_after_the_handlers(engine: Engine) -> None:
    log: Log = []
    engine.register_events(*Mine)
    engine.add_event_handler(Mine.FOO(once=5), log.append, 1)
    engine.register_events(Mine.FOO, event_to_attr={"FOO": "steps"})
    engine.state.steps = 5
    engine.fire_event("FOO")
    assert log == [1]


def test_last_event_name(engine: Engine) -> None:
    engine.register_events(*Mine)
    assert engine.last_event_name is None
    engine.fire_event("FOO")
    assert engine.last_event_name is Mine.FOO
    seen: Log = []
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: seen.append(engine.last_event_name))
    engine.run([1])
    assert seen == [Events.EPOCH_COMPLETED]
    assert engine.last_event_name == Events.COMPLETED


# ------------------------------------------------------------------------------------------------- memory


def test_an_engine_is_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        engine = Engine(lambda engine, batch: batch)
        engine.register_events(*Mine)
        engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine, a: None, 1)
        engine.add_event_handler(Events.ITERATION_COMPLETED(every=2), lambda engine: None)
        engine.add_event_handler(Events.GET_BATCH_STARTED(event_filter=lambda e, n: True), lambda: None)
        handle = engine.add_event_handler(Events.TERMINATE_SINGLE_EPOCH, lambda engine: engine.terminate())
        engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), lambda engine: engine.terminate_epoch())
        engine.run(range(5), max_epochs=3)
        alive = weakref.ref(engine)
        del engine
        assert alive() is None
        handle.remove()
    finally:
        gc.enable()


@pytest.mark.parametrize("place", ["process", "handler", "fired by hand"])
def test_an_engine_is_freed_after_an_exception(place: str) -> None:
    gc.collect()
    gc.disable()
    try:
        engine = Engine(lambda engine, batch: 1 / batch if place == "process" else None)
        engine.add_event_handler(Events.EXCEPTION_RAISED, lambda engine, error: None)
        if place != "process":
            engine.add_event_handler(Events.COMPLETED, lambda engine: 1 / 0)
        with suppress(ZeroDivisionError):
            engine.fire_event("COMPLETED") if place == "fired by hand" else engine.run([1, 0])
        alive = weakref.ref(engine)
        del engine
        assert alive() is None
    finally:
        gc.enable()


def test_handlers_live_as_long_as_the_engine(engine: Engine) -> None:
    class Handler:
        def __call__(self) -> None: ...

    handler = Handler()
    alive = weakref.ref(handler)
    handle = engine.add_event_handler(Events.STARTED, handler)
    del handler
    gc.collect()
    assert alive() is not None
    handle.remove()
    gc.collect()
    assert alive() is None
