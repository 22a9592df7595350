"""Filters: which counts they let through, that they know the next one, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sparkle.engine import Engine, Events
from sparkle.engine.filters import NEVER, Once, Stride, make_filter

SPECS: list[tuple[dict[str, Any], list[int]]] = [
    ({"every": 3}, [0, 3, 6, 9, 12, 15, 18]),
    ({"once": 4}, [4]),
    ({"once": [7, 2, 7]}, [2, 7]),
    ({"once": range(3, 6)}, [3, 4, 5]),
    ({"once": {5}}, [5]),
    ({"before": 3}, [1, 2]),
    ({"before": 0}, []),
    ({"after": 16}, [17, 18, 19]),
    ({"after": 0, "before": 3}, [1, 2]),
    ({"every": 5, "before": 20, "after": 8}, [9, 14, 19]),
    ({"every": 2, "before": 6}, [1, 3, 5]),
    ({"every": 6, "after": 4}, [5, 11, 17]),
    ({"every": 1, "after": 17}, [18, 19]),
]


@pytest.mark.parametrize(("spec", "counts"), SPECS, ids=str)
def test_counts(spec: dict[str, Any], counts: list[int]) -> None:
    event_filter = Events.STARTED(**spec).filter
    assert event_filter is not None
    assert [count for count in range(20) if event_filter(None, count)] == counts


@pytest.mark.parametrize(("spec", "counts"), SPECS, ids=str)
def test_next_due_is_the_next_count_that_is_let_through(spec: dict[str, Any], counts: list[int]) -> None:
    event_filter = Events.STARTED(**spec).filter
    assert isinstance(event_filter, (Stride, Once))
    for count in range(-1, 20):
        expected = next((n for n in range(count + 1, 60) if event_filter(None, n)), NEVER)
        assert event_filter.next_due(count) == expected


def test_integers_of_any_kind() -> None:
    class Integer(int):
        """As the integers of array libraries, which are numbers.Integral but not exactly int."""

    assert Events.STARTED(once=Integer(3)).filter == Once((3,))
    assert Events.STARTED(every=Integer(3)).filter == Stride(0, 3)


ONE_OF = "Only one of the input arguments should be specified, except before, after and every"


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({}, ValueError, ONE_OF),
        ({"every": 2, "once": 2}, ValueError, ONE_OF),
        ({"once": 2, "before": 2}, ValueError, ONE_OF),
        ({"once": 2, "after": 2}, ValueError, ONE_OF),
        ({"event_filter": lambda e, n: True, "every": 2}, ValueError, ONE_OF),
        ({"event_filter": lambda e, n: True, "once": 2}, ValueError, ONE_OF),
        ({"every": 0}, ValueError, "Argument every should be integer and greater than zero, got 0"),
        ({"every": -1}, ValueError, "every should be integer and greater than zero"),
        ({"every": 1.5}, ValueError, "every should be integer and greater than zero"),
        ({"every": "2"}, ValueError, "every should be integer and greater than zero"),
        ({"once": 0}, ValueError, "once should either be a positive integer or a list of positive integers, got 0"),
        ({"once": []}, ValueError, "once should either be a positive integer"),
        ({"once": [1, 0]}, ValueError, "once should either be a positive integer"),
        ({"once": [1, "2"]}, ValueError, "once should either be a positive integer"),
        ({"once": 1.0}, ValueError, "once should either be a positive integer"),
        ({"once": "2"}, ValueError, "once should either be a positive integer"),
        ({"before": -1}, ValueError, "Argument before should be integer and greater or equal to zero, got -1"),
        ({"before": 1.5}, ValueError, "before should be integer"),
        ({"after": -1}, ValueError, "Argument after should be integer and greater or equal to zero, got -1"),
        ({"every": 2, "after": "1"}, ValueError, "after should be integer"),
        ({"event_filter": 3}, TypeError, "Argument event_filter should be a callable, got 3"),
        ({"event_filter": "every"}, TypeError, "Argument event_filter should be a callable"),
        ({"event_filter": lambda engine: True}, ValueError, "Error adding .*'event_filter': takes parameters"),
        ({"event_filter": lambda a, b, c: True}, ValueError, "will be called with \\['engine', 'event'\\]"),
    ],
)
def test_what_is_refused(spec: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Events.ITERATION_STARTED(**spec)


def test_a_second_filter_is_refused() -> None:
    with pytest.raises(ValueError, match="has a filter already"):
        Events.STARTED(every=2)(once=3)


def test_every_one_is_no_filter() -> None:
    assert make_filter(None, 1, None, None, None) is None


def test_every_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("sparkle.engine.filters.perf_counter", lambda: now[0])
    engine = Engine(lambda engine, batch: now.__setitem__(0, now[0] + batch))
    fired: list[tuple[str, int]] = []
    event = Events.ITERATION_COMPLETED(every_seconds=3)
    for name in ("a", "b"):
        engine.add_event_handler(event, lambda name: fired.append((name, engine.state.iteration)), name)
    now[0] += 1000  # an engine that waits for its run
    engine.run([1, 1, 1, 1, 1, 5, 1, 1])
    assert fired == [(name, i) for i in (3, 6) for name in ("a", "b")]
    with pytest.raises(TypeError, match=r"every_seconds=3\.0 is due by the clock"):
        event.filter(engine, 3)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "1", True])
def test_wrong_seconds(seconds: Any) -> None:
    with pytest.raises(ValueError, match="every_seconds should be a positive number of seconds"):
        Events.STARTED(every_seconds=seconds)


def test_seconds_go_with_nothing_else() -> None:
    with pytest.raises(ValueError, match="Only one of the input arguments"):
        Events.STARTED(every=2, every_seconds=1)
