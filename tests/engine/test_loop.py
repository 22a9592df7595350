"""The loop: which events are fired in which order, what is stopped where, how data ends, what is held when."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from sparkle.engine import Engine, Events

SHORT = {
    "S": "STARTED",
    "ES": "EPOCH_STARTED",
    "GS": "GET_BATCH_STARTED",
    "GC": "GET_BATCH_COMPLETED",
    "DSI": "DATALOADER_STOP_ITERATION",
    "IS": "ITERATION_STARTED",
    "IC": "ITERATION_COMPLETED",
    "EC": "EPOCH_COMPLETED",
    "C": "COMPLETED",
    "T": "TERMINATE",
    "TSE": "TERMINATE_SINGLE_EPOCH",
    "INT": "INTERRUPT",
    "EXC": "EXCEPTION_RAISED",
}


class Unsized:
    """Can be iterated again and again, and does not know its length."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(2))


def traced(engine: Engine, events: str = "S ES GS GC DSI IS IC EC C T TSE INT EXC") -> list[str]:
    """The events fired, in their short names, as they come."""
    fired: list[str] = []
    for short in events.split():
        engine.add_event_handler(SHORT[short], lambda *args, short=short: fired.append(short))
    return fired


def engine_and_trace(events: str = "S ES GS GC DSI IS IC EC C T TSE INT EXC") -> tuple[Engine, list[str]]:
    engine = Engine(lambda engine, batch: batch)
    return engine, traced(engine, events)


RUNS: list[tuple[Any, dict[str, int], str]] = [
    (
        lambda: [1, 2],
        {"max_epochs": 2},
        "S ES GS GC IS IC GS GC IS IC EC ES GS DSI GC IS IC GS GC IS IC EC C",
    ),
    (
        lambda: [1, 2],
        {"max_epochs": 2, "epoch_length": 3},
        "S ES GS GC IS IC GS GC IS IC GS DSI GC IS IC EC ES GS GC IS IC GS DSI GC IS IC GS GC IS IC EC C",
    ),
    (lambda: iter([1, 2]), {}, "S ES GS GC IS IC GS GC IS IC GS EC C"),
    (lambda: [1, 2], {"max_iters": 3}, "S ES GS GC IS IC GS GC IS IC EC ES GS DSI GC IS IC T C"),
    (lambda: [1, 2], {"max_iters": 2}, "S ES GS GC IS IC GS GC IS IC EC C"),
    (lambda: None, {"epoch_length": 2, "max_epochs": 2}, "S ES IS IC IS IC EC ES IS IC IS IC EC C"),
    (Unsized, {"max_epochs": 2}, "S ES GS GC IS IC GS GC IS IC GS EC ES GS DSI GC IS IC GS GC IS IC EC C"),
    (lambda: [1], {"max_epochs": 0}, "S C"),
]


@pytest.mark.parametrize(("data", "limits", "expected"), RUNS)
def test_order_of_events(data: Any, limits: dict[str, int], expected: str) -> None:
    engine, fired = engine_and_trace()
    assert engine.run(data(), **limits) is engine.state
    assert " ".join(fired) == expected


@pytest.mark.parametrize(("data", "limits", "expected"), RUNS)
def test_the_order_is_the_same_when_nobody_listens_to_fetching(
    data: Any, limits: dict[str, int], expected: str
) -> None:
    engine, fired = engine_and_trace("S ES DSI IS IC EC C T TSE INT EXC")
    engine.run(data(), **limits)
    assert fired == [event for event in expected.split() if event not in ("GS", "GC")]


STOPS: list[tuple[str, str, dict[str, bool], str]] = [
    *((at, "terminate", {}, "T C") for at in ("S", "ES", "GS", "GC", "IS", "IC", "DSI", "EC")),
    ("C", "terminate", {}, ""),
    ("IC", "terminate", {"skip_completed": True}, "T"),
    *((at, "terminate_epoch", {}, "TSE EC C") for at in ("GS", "GC", "IS", "IC")),
    ("IC", "terminate_epoch", {"skip_epoch_completed": True}, "TSE C"),
    ("EC", "terminate_epoch", {}, "C"),
    *((at, "interrupt", {}, "INT") for at in ("S", "ES", "GS", "GC", "IS", "IC", "DSI", "EC")),
    ("C", "interrupt", {}, ""),
]


@pytest.mark.parametrize(("at", "stop", "kwargs", "after"), STOPS)
def test_events_after_a_stop(at: str, stop: str, kwargs: dict[str, bool], after: str) -> None:
    engine, fired = engine_and_trace()

    @engine.on(SHORT[at])
    def handler() -> None:
        fired.clear()
        getattr(engine, stop)(**kwargs)
        engine.remove_event_handler(handler, SHORT[at])

    engine.run([1], epoch_length=2 if at == "DSI" else 1)
    assert " ".join(fired) == after


@pytest.mark.parametrize("event", [Events.STARTED, Events.EPOCH_STARTED], ids=str)
def test_there_is_no_epoch_to_terminate_yet(event: Any) -> None:
    engine, _ = engine_and_trace()
    engine.add_event_handler(event, engine.terminate_epoch)
    with pytest.raises(RuntimeError, match=r"terminate_epoch\(\) should not be called on Event.STARTED or"):
        engine.run([1])


@pytest.mark.parametrize(("skip", "expected"), [(False, [1, 2, 3]), (True, [1, 3])])
def test_the_epochs_after_a_terminated_one_are_complete(skip: bool, expected: list[int]) -> None:
    engine = Engine(lambda engine, batch: batch)
    epochs: list[int] = []
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: epochs.append(engine.state.epoch))
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=4), lambda: engine.terminate_epoch(skip))
    engine.run(range(3), max_epochs=3)
    assert epochs == expected
    assert engine.state.iteration == 7


def test_terminate_outweighs_the_other_signals() -> None:
    engine, fired = engine_and_trace()
    stops = (engine.interrupt, engine.terminate_epoch, engine.terminate)
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: [stop() for stop in stops])
    engine.run([1, 2])
    assert fired[-3:] == ["IC", "T", "C"]


def test_the_epoch_ends_before_the_interruption() -> None:
    engine, fired = engine_and_trace()
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=1), lambda: (engine.interrupt(), engine.terminate_epoch()))
    engine.run([1, 2], max_epochs=2)
    assert fired[-4:] == ["IC", "TSE", "EC", "INT"]


def test_the_process_function_may_stop_the_run() -> None:
    engine = Engine(lambda engine, batch: engine.terminate() if batch == 2 else None)
    assert engine.run([1, 2, 3]).iteration == 2
    assert engine.should_terminate is True


def test_flags_tell_what_was_asked_for() -> None:
    engine, _ = engine_and_trace()
    engine.terminate(skip_completed=True)
    engine.terminate_epoch(skip_epoch_completed=True)
    engine.interrupt()
    assert (engine.should_terminate, engine.should_terminate_single_epoch) == ("skip_completed", "skip_epoch_completed")
    assert engine.should_interrupt
    engine.run([1])
    assert (engine.should_terminate, engine.should_terminate_single_epoch, engine.should_interrupt) == (False,) * 3


# ------------------------------------------------------------------------------------------------ interrupt

PLACES = ["S", "ES", "GS", "GC", "DSI", "IS", "IC", "EC"]


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("fetching", [True, False])
def test_an_interrupted_run_goes_on_with_the_next_statement(at: str, fetching: bool) -> None:
    """Interrupted at every occasion, a run does all that it does otherwise, once."""
    events = "S ES GS GC DSI IS IC EC C" if fetching else f"S ES DSI IS IC EC C {at}"

    def run(interrupting: bool) -> tuple[list[str], list[Any]]:
        batches: list[Any] = []
        engine = Engine(lambda engine, batch: batches.append(batch))
        fired = traced(engine, events)
        if interrupting:
            engine.add_event_handler(SHORT[at], engine.interrupt)
        stops = 0
        engine.add_event_handler(Events.INTERRUPT, lambda: None)
        engine.run(data, max_epochs=3, epoch_length=3)
        while engine.last_event_name == Events.INTERRUPT:
            stops += 1
            engine.run(data, max_epochs=3)
        assert stops > 0 or not interrupting
        return fired, batches

    data = [1, 2]
    assert run(interrupting=True) == run(interrupting=False)


def test_interrupted_generators_go_on() -> None:
    engine = Engine(lambda engine, batch: seen.append(batch))
    seen: list[int] = []
    engine.add_event_handler(Events.ITERATION_COMPLETED(every=2), engine.interrupt)
    data = (n for n in range(6))
    engine.run(data)
    engine.run()
    engine.run(data)
    assert seen == [0, 1, 2, 3, 4, 5]
    assert engine.state.epoch_length is None
    engine.run()
    assert engine.state.epoch_length == 6


def test_the_clock_stands_still_while_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sparkle.engine.loop.perf_counter", lambda: now[0])
    monkeypatch.setattr("sparkle.engine.engine.perf_counter", lambda: now[0])

    def process(engine: Engine, batch: int) -> None:
        now[0] += 1

    engine = Engine(process)
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), engine.interrupt)
    engine.run(range(4))
    now[0] += 100
    engine.run()
    assert engine.state.times == {"EPOCH_COMPLETED": 4, "COMPLETED": 4}


def test_times_are_there_for_handlers_and_include_them_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    now, seen = [0.0], []
    monkeypatch.setattr("sparkle.engine.loop.perf_counter", lambda: now[0])

    def slow(engine: Engine) -> None:
        seen.append(engine.state.times["EPOCH_COMPLETED"])
        now[0] += 10

    engine = Engine(lambda engine, batch: now.__setitem__(0, now[0] + 1))
    engine.add_event_handler(Events.EPOCH_COMPLETED, slow)
    engine.run(range(3), max_epochs=2)
    assert seen == [3, 3]
    assert engine.state.times == {"EPOCH_COMPLETED": 13, "COMPLETED": 26}


# ------------------------------------------------------------------------------------------- the end of data


@pytest.mark.parametrize(
    ("count", "kwargs", "iterations", "epochs", "message"),
    [
        (5, {"max_epochs": 2, "epoch_length": 3}, 5, 2, r"Current iteration: 5 vs Total iterations to run : 6.*2 of 3"),
        (
            4,
            {"max_epochs": 4, "epoch_length": 3},
            4,
            2,
            r"Current iteration: 4 vs Total iterations to run : 12.*1 of 3",
        ),
        (6, {"max_epochs": 4, "epoch_length": 3}, 6, 2, r"iteration: 6 vs Total iterations to run : 12.*0 of 3"),
        (2, {"max_epochs": 3}, 2, 1, r"iteration: 2 vs Total iterations to run : 6.*0 of 2"),
        (4, {"max_iters": 9, "epoch_length": 3}, 4, 2, r"iteration: 4 vs Total iterations to run : 9"),
        (0, {}, 0, 0, r"iteration: 0 vs Total iterations to run : unknown"),
        (0, {"epoch_length": 3}, 0, 0, r"iteration: 0 vs Total iterations to run : 3"),
    ],
)
@pytest.mark.parametrize("fetching", [True, False])
def test_early_end_is_warned_about_once(
    count: int, kwargs: Any, iterations: int, epochs: int, message: str, fetching: bool
) -> None:
    engine, fired = engine_and_trace("ES GS IC EC C" if fetching else "ES IC EC C")
    with pytest.warns(RuntimeWarning, match=message) as caught:
        engine.run(iter(range(count)), **kwargs)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert (engine.state.iteration, engine.state.epoch) == (iterations, epochs)
    assert fired.count("IC") == iterations
    assert fired.count("EC") == epochs, "an epoch without a batch is not completed"
    assert fired[-1] == "C"


@pytest.mark.parametrize("how", ["set_data", "dataloader"])
def test_data_may_be_refilled_when_it_ends(how: str) -> None:
    seen: list[int] = []
    engine = Engine(lambda engine, batch: seen.append(batch))

    @engine.on(Events.DATALOADER_STOP_ITERATION)
    def refill() -> None:
        if how == "set_data":
            engine.set_data(iter([7, 8]))
        else:
            engine.state.dataloader = iter([7, 8])

    engine.run(iter([1, 2]), max_epochs=2, epoch_length=3)
    assert seen == [1, 2, 7, 8, 7, 8]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Events.STARTED, [7, 8, 9] * 2),
        (Events.EPOCH_STARTED(once=2), [0, 1, 2, 7, 8, 9]),
        (Events.GET_BATCH_STARTED(once=1), [0, 7, 8, 9, 7, 8]),
        (Events.GET_BATCH_COMPLETED(once=1), [0, 1, 7, 8, 9, 7]),
        (Events.ITERATION_STARTED(once=2), [0, 1, 7, 8, 9, 7]),
        (Events.ITERATION_COMPLETED(once=2), [0, 1, 7, 8, 9, 7]),
        (Events.EPOCH_COMPLETED(once=1), [0, 1, 2, 7, 8, 9]),
    ],
)
def test_set_data_gives_the_next_batch(event: Any, expected: list[int]) -> None:
    seen: list[int] = []
    engine = Engine(lambda engine, batch: seen.append(batch))
    engine.add_event_handler(event, lambda: engine.set_data([7, 8, 9]))
    engine.run([0, 1, 2], max_epochs=2)
    assert seen == expected


def test_set_data_before_the_run() -> None:
    seen: list[int] = []
    engine = Engine(lambda engine, batch: seen.append(batch))
    engine.set_data([7, 8])
    engine.run(max_epochs=2)
    assert seen == [7, 8, 7, 8]


def test_set_data_of_any_kind_in_a_run_without_data() -> None:
    seen: list[Any] = []
    engine = Engine(lambda engine, batch: seen.append(batch))
    fired = traced(engine, "GS")
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=1), lambda: engine.set_data(iter([7, 8])))
    engine.run(epoch_length=3)
    assert (seen, fired) == ([None, 7, 8], ["GS", "GS"])


# ------------------------------------------------------------------------------------- batches and outputs


@pytest.mark.parametrize("event", [Events.ITERATION_STARTED, Events.GET_BATCH_COMPLETED], ids=str)
def test_the_batch_may_be_replaced(event: Any) -> None:
    engine = Engine(lambda engine, batch: batch)

    @engine.on(event)
    def double(engine: Engine) -> None:
        engine.state.batch = engine.state.batch * 2

    assert engine.run([1, 2, 3]).output == 6


class Thing:
    """Something large that is to be gone soon."""


@pytest.mark.parametrize("fetching", [True, False])
def test_batch_and_output_are_gone_when_their_successors_are_made(fetching: bool) -> None:
    batches: list[weakref.ref] = []
    outputs: list[weakref.ref] = []

    def data() -> Iterator[Thing]:
        for _ in range(3):
            assert all(ref() is None for ref in batches), "the last batch is held while the next is read"
            thing = Thing()
            batches.append(weakref.ref(thing))
            yield thing
            del thing

    def process(engine: Engine, batch: Thing) -> Thing:
        assert all(ref() is None for ref in outputs), "the last output is held while the next is computed"
        output = Thing()
        outputs.append(weakref.ref(output))
        return output

    engine = Engine(process)
    if fetching:
        traced(engine, "GS GC")
    gc.collect()
    gc.disable()
    try:
        engine.run(data())
    finally:
        gc.enable()
    assert len(batches) == 3
    assert isinstance(engine.state.output, Thing), "the last output stays"
    assert engine.state.batch is None


def test_state_is_what_handlers_see() -> None:
    seen: list[Any] = []
    engine = Engine(lambda engine, batch: batch * 10)

    def note(engine: Engine, short: str) -> None:
        state = engine.state
        seen.append((short, state.epoch, state.iteration, state.batch, state.output))

    for short in ("ES", "IS", "IC", "EC"):
        engine.add_event_handler(SHORT[short], note, short)
    engine.run([1, 2])
    assert seen == [
        ("ES", 1, 0, None, None),
        ("IS", 1, 1, 1, None),
        ("IC", 1, 1, 1, 10),
        ("IS", 1, 2, 2, None),
        ("IC", 1, 2, 2, 20),
        ("EC", 1, 2, 2, 20),
    ]


def test_limits_may_change_while_running() -> None:
    engine, fired = engine_and_trace("IC EC")
    engine.add_event_handler(Events.EPOCH_COMPLETED(once=1), lambda: setattr(engine.state, "max_epochs", 3))
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=3), lambda: setattr(engine.state, "epoch_length", 2))
    engine.run([1, 2], max_epochs=1)
    assert fired == ["IC", "IC", "EC"] * 3
