from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sparkle.engine import Engine, Events, Priority
from sparkle.engine.priorities import owner_of, priority_of


class Counter:
    """A handler object with methods."""

    handler_priority = Priority.CHECKPOINTS

    def __init__(self, calls: list[str]) -> None:
        self.calls = calls

    def __call__(self, engine: Engine) -> None:
        self.calls.append("object")

    def method(self) -> None:
        self.calls.append("method")


def test_the_order_of_the_classes() -> None:
    order = [Priority.METRICS, Priority.SCHEDULERS, Priority.LOGGERS, Priority.CHECKPOINTS, Priority.STOPPERS]
    assert order == sorted(order, reverse=True)
    assert Priority.SCHEDULERS == Priority.DEFAULT


def test_from_the_highest_to_the_lowest_equal_ones_as_attached() -> None:
    calls: list[str] = []
    engine = Engine(lambda engine, batch: None)
    counter = Counter(calls)
    engine.add_event_handler(Events.STARTED, counter)
    engine.add_event_handler(Events.STARTED, partial(counter.method))
    engine.add_event_handler(Events.STARTED, calls.append, "first")
    engine.add_event_handler(Events.STARTED, calls.append, "late", priority=-1)
    engine.add_event_handler(Events.STARTED(every=1), calls.append, "second")
    engine.on(Events.STARTED, "early", priority=1)(calls.append)
    engine.add_event_handler(Events.STARTED, counter.method, priority=2)
    engine.run([1])
    assert calls == ["method", "early", "first", "second", "late", "object", "method"]


@pytest.mark.parametrize("priority", [3, -3])
def test_with_filters_that_wait(priority: int) -> None:
    calls: list[str] = []
    engine = Engine(lambda engine, batch: None)
    engine.add_event_handler(Events.ITERATION_COMPLETED, calls.append, "each")
    engine.add_event_handler(Events.ITERATION_COMPLETED(every=2), calls.append, "second", priority=priority)
    engine.run([1, 2])
    assert calls == ["each", *(["second", "each"] if priority > 0 else ["each", "second"])]


def test_who_says_it() -> None:
    counter = Counter([])
    for handler in (counter, counter.method, partial(counter.method), partial(partial(counter))):
        assert owner_of(handler) is counter
        assert priority_of(handler) == Priority.CHECKPOINTS
    assert owner_of(len) is len
    assert priority_of(lambda: None) == 0


def test_a_priority_is_a_number() -> None:
    engine = Engine(lambda engine, batch: None)
    with pytest.raises(TypeError, match="Argument priority should be an integer, got 'high'"):
        engine.add_event_handler(Events.STARTED, print, priority="high")  # type: ignore[arg-type]


def test_repr_lists_the_handlers_as_they_are_called() -> None:
    def report(*args: Any) -> None: ...

    engine = Engine(lambda engine, batch: None)
    engine.add_event_handler(Events.EPOCH_COMPLETED(every=3), report)
    engine.add_event_handler(Events.EPOCH_COMPLETED, Counter([]).method)
    engine.add_event_handler(Events.EPOCH_COMPLETED, Counter([]), priority=7)
    assert repr(engine).splitlines() == [
        "Engine at iteration 0, epoch 0",
        "    EPOCH_COMPLETED",
        "           7  Counter",
        f"           0  {report.__qualname__}  Stride(first=0, step=3, stop=None)",
        "         -20  Counter.method",
    ]
