"""The plan of an event: what is called at which count, and that idle handlers cost nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sparkle.engine import Engine, Events
from sparkle.engine.dispatch import ALWAYS, NEVER, EventHandlers, Registration, key_of


@pytest.fixture
def engine() -> Engine:
    return Engine(lambda engine, batch: batch)


def attach(handlers: EventHandlers, event: Any, handler: Any) -> Registration:
    registration = Registration(event, handler, (), {})
    handlers.add(registration)
    return registration


def test_due_says_when_to_look(engine: Engine) -> None:
    handlers = EventHandlers(Events.ITERATION_COMPLETED)
    assert handlers.due == NEVER
    late = attach(handlers, Events.ITERATION_COMPLETED(every=1000), lambda: None)
    attach(handlers, Events.ITERATION_COMPLETED(once=7), lambda: None)
    assert handlers.due == 0  # 0 is a multiple of 1000 too
    handlers.reschedule(1)
    assert handlers.due == 7
    handlers.fire(engine, 7)
    assert handlers.due == 1000
    plain = attach(handlers, Events.ITERATION_COMPLETED, lambda: None)
    assert handlers.due == ALWAYS
    handlers.discard([plain])
    assert handlers.due == 1000
    handlers.discard([late])
    assert handlers.due == NEVER


def test_a_call_consumes_its_count(engine: Engine) -> None:
    calls: list[int] = []
    handlers = EventHandlers(Events.ITERATION_COMPLETED)
    attach(handlers, Events.ITERATION_COMPLETED(every=2), lambda: calls.append(1))
    handlers.fire(engine, 2)
    handlers.reschedule(2)
    handlers.fire(engine, 2)
    assert calls == [1]
    handlers.forget()
    handlers.fire(engine, 2)
    assert calls == [1, 1]


def test_a_counter_that_jumps_over_a_due_count(engine: Engine) -> None:
    calls: list[int] = []
    handlers = EventHandlers(Events.ITERATION_COMPLETED)
    attach(handlers, Events.ITERATION_COMPLETED(once=[3, 8]), lambda: calls.append(1))
    handlers.fire(engine, 5)
    assert (calls, handlers.due) == ([], 8)
    handlers.fire(engine, 8)
    assert (calls, handlers.due) == ([1], NEVER)


def test_idle_handlers_are_not_even_asked(engine: Engine) -> None:
    """Ten handlers that wait for each thousandth iteration: fire is called at due counts alone."""
    fired: list[int] = []
    for _ in range(10):
        engine.add_event_handler(Events.ITERATION_COMPLETED(every=1000), lambda: None)
    handlers = engine._handlers["ITERATION_COMPLETED"]

    class Watched:
        @property
        def due(self) -> int:
            return handlers.due

        def fire(self, engine: Engine, count: int) -> None:
            fired.append(count)
            handlers.fire(engine, count)

        def __getattr__(self, name: str) -> Any:
            return getattr(handlers, name)

    engine._handlers["ITERATION_COMPLETED"] = Watched()  # type: ignore[assignment]
    engine.run(range(2500))
    assert fired == [1, 1000, 2000]  # the first look finds that 0 has gone by


@pytest.mark.parametrize(
    ("event", "key"),
    [(Events.STARTED, "STARTED"), (Events.STARTED(every=2), "STARTED"), ("mine", "mine"), (3, "3")],
)
def test_key(event: Any, key: str) -> None:
    assert key_of(event) == key


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (lambda log: lambda engine, n: log.append((type(engine), n)), (Engine, 3)),
        (lambda log: lambda engine, iter_counter: log.append((type(engine), iter_counter)), (Engine, 3)),
        (lambda log: lambda iter_counter: log.append(iter_counter), 3),
        (lambda log: lambda engine: log.append(type(engine)), Engine),
        (lambda log: lambda: log.append("nothing"), "nothing"),
    ],
)
def test_end_of_epoch_passes_the_number_of_iterations(engine: Engine, handler: Any, expected: Any) -> None:
    log: list[Any] = []
    engine.add_event_handler(Events.TERMINATE_SINGLE_EPOCH, handler(log))
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=3), engine.terminate_epoch)
    engine.run(range(5))
    assert log == [expected]


def test_tracing_logs_each_event(caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(lambda engine, batch: batch)
    engine.run([1])
    assert "Firing handlers" not in caplog.text
    with caplog.at_level("DEBUG", logger=engine.logger.name):
        engine.run([1])
    fired = [r.getMessage().split()[-1] for r in caplog.records if "Firing handlers" in r.getMessage()]
    names = "STARTED EPOCH_STARTED GET_BATCH_STARTED GET_BATCH_COMPLETED ITERATION_STARTED ITERATION_COMPLETED"
    assert fired == [f"Events.{name}" for name in (names + " EPOCH_COMPLETED COMPLETED").split()]
    caplog.clear()
    engine.run([1])
    assert "Firing handlers" not in caplog.text


def test_a_copied_engine_calls_copied_handlers() -> None:
    class Sums:
        def __init__(self) -> None:
            self.sums: list[Any] = []

        def add(self, engine: Engine, name: str) -> None:
            self.sums.append((name, engine.state.output))

    def odd(engine: Engine, count: int) -> bool:
        return count % 2 == 1

    engine, sums = Engine(lambda engine, batch: batch), Sums()
    engine.state.sums = sums
    engine.add_event_handler(Events.ITERATION_COMPLETED, sums.add, "each")
    engine.add_event_handler(Events.ITERATION_COMPLETED(odd), sums.add, "odd")
    other = copy.deepcopy(engine)
    other.run([1, 2])
    assert sums.sums == []
    assert other.state.sums.sums == [("each", 1), ("odd", 1), ("each", 2)]
