"""Filters let the same counts through in both libraries, and handlers are called with the same arguments."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

ignite_engine = pytest.importorskip("ignite.engine")
import sparkle.engine as sparkle_engine  # noqa: E402

EVENTS = [
    *("STARTED", "EPOCH_STARTED", "GET_BATCH_STARTED", "GET_BATCH_COMPLETED"),
    *("ITERATION_STARTED", "ITERATION_COMPLETED", "EPOCH_COMPLETED", "COMPLETED"),
]


def some(engine: Any, event: int) -> bool:
    return event in (0, 1, 4, 6)


def named(value: Any) -> str:
    """An id that is the same in every process."""
    return str({k: getattr(v, "__name__", v) for k, v in value.items()}) if isinstance(value, dict) else str(value)


FILTERS: list[dict[str, Any]] = [
    *({"every": n} for n in (1, 2, 3, 7, 50)),
    *({"once": n} for n in (1, 4, 99, [2], [5, 3, 3, 8])),
    *({"before": n} for n in (0, 1, 4, 99)),
    *({"after": n} for n in (0, 1, 4, 99)),
    *({"before": b, "after": a} for b, a in [(6, 2), (3, 2), (2, 6)]),
    *(
        {"every": n, "before": b, "after": a}
        for n, b, a in [(2, 9, 1), (3, None, 2), (2, 7, None), (5, 25, 8), (1, 5, 2)]
    ),
    {"event_filter": some},
]


def calls(lib: Any, event: str, spec: dict[str, Any]) -> list[tuple[int, int]]:
    """When a filtered handler is called, amidst others, in two runs of which the second goes on."""
    engine = lib.Engine(lambda engine, batch: None)
    called: list[tuple[int, int]] = []
    engine.add_event_handler(getattr(lib.Events, event), lambda: None)
    engine.add_event_handler(
        getattr(lib.Events, event)(**spec), lambda: called.append((engine.state.iteration, engine.state.epoch))
    )
    engine.run(range(4), max_epochs=3)
    engine.run(range(4), max_epochs=5)
    engine.state.max_epochs = None
    engine.run(range(3), max_epochs=2)
    return called


@pytest.mark.parametrize(("event", "spec"), list(product(EVENTS, FILTERS)), ids=named)
def test_same_counts(event: str, spec: dict[str, Any]) -> None:
    assert calls(sparkle_engine, event, spec) == calls(ignite_engine, event, spec)


HANDLERS: dict[str, Any] = {
    "nothing": lambda log: lambda: log.append(()),
    "engine": lambda log: lambda engine: log.append((type(engine).__name__,)),
    "default": lambda log: lambda x=None: log.append((type(x).__name__,)),
    "star": lambda log: lambda *args: log.append(tuple(type(a).__name__ for a in args)),
    "one argument": lambda log: lambda a: log.append((a if isinstance(a, int) else type(a).__name__,)),
    "two": lambda log: lambda engine, a: log.append((type(engine).__name__, a)),
    "keyword": lambda log: lambda *, b: log.append((b,)),
    "engine and keyword": lambda log: lambda engine, b=0: log.append((type(engine).__name__, b)),
    "all": lambda log: lambda engine, *args, **kwargs: log.append((type(engine).__name__, args, kwargs)),
}
ARGUMENTS = [((), {}), ((1,), {}), ((1, 2), {}), ((), {"b": 3}), ((1,), {"b": 3})]


def arguments_seen(lib: Any, handler: str, args: tuple, kwargs: dict[str, Any], event: str) -> Any:
    log: list[Any] = []
    engine = lib.Engine(lambda engine, batch: None)
    try:
        engine.add_event_handler(getattr(lib.Events, event), HANDLERS[handler](log), *args, **kwargs)
    except ValueError:
        return "ValueError"
    engine.run([0])
    return log


@pytest.mark.parametrize(("handler", "arguments"), list(product(HANDLERS, ARGUMENTS)), ids=str)
def test_same_arguments(handler: str, arguments: tuple[tuple, dict[str, Any]]) -> None:
    expected = arguments_seen(ignite_engine, handler, *arguments, "COMPLETED")
    assert arguments_seen(sparkle_engine, handler, *arguments, "COMPLETED") == expected
