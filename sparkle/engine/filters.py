"""When a filtered event is due: frozen values that answer both "now?" and "when next?".

The first question, `filter(engine, count) -> bool`, is Ignite's. The second, `next_due(count)`, is what makes an idle
filter free: the dispatcher notes the next count at which anybody is due and does nothing at all until then.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass
from numbers import Integral, Real
from time import perf_counter
from typing import Any

from .utils.signature import check_signature

NEVER = 2**30 - 1
"""A count that is not reached: the largest one that CPython compares in a single step (beyond it, idle events only cost
more).
"""

EventFilter = Callable[[Any, int], bool]


@dataclass(frozen=True, slots=True)
class Stride:
    """Due at `first`, `first + step`, `first + 2 * step`, ... while below `stop`.

    >>> Stride(9, 5, stop=25).next_due(14)
    19
    """

    first: int
    step: int
    stop: int | None = None

    def __call__(self, engine: Any, event: int) -> bool:
        return (
            event >= self.first and (event - self.first) % self.step == 0 and (self.stop is None or event < self.stop)
        )

    def next_due(self, count: int) -> int:
        """The smallest due count above `count`, or `NEVER`."""
        steps = max(0, (count - self.first) // self.step + 1)
        due = self.first + steps * self.step
        return due if self.stop is None or due < self.stop else NEVER


@dataclass(frozen=True, slots=True)
class Once:
    """Due at each of `counts` (ascending), once each."""

    counts: tuple[int, ...]

    def __call__(self, engine: Any, event: int) -> bool:
        return event in self.counts

    def next_due(self, count: int) -> int:
        """The smallest due count above `count`, or `NEVER`."""
        index = bisect_right(self.counts, count)
        return self.counts[index] if index < len(self.counts) else NEVER


@dataclass(frozen=True, slots=True)
class EverySeconds:
    """Due when so many seconds have passed since it was due last, or since the run started.

    The value says how often; each handler that is attached with it gets a `clock` of its own.
    """

    seconds: float

    def __call__(self, engine: Any, event: int) -> bool:
        raise TypeError(f"every_seconds={self.seconds} is due by the clock of a handler that is attached, at no count")

    def clock(self) -> Clock:
        """What one handler asks."""
        return Clock(self.seconds)


class Clock:
    """Whether it is time again: reads the time, not the count."""

    __slots__ = ("last", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.restart()

    def restart(self) -> None:
        """Count the seconds from now on."""
        self.last = perf_counter()

    def __call__(self, engine: Any, event: int) -> bool:
        now = perf_counter()
        if now - self.last < self.seconds:
            return False
        self.last = now
        return True


def make_filter(
    event_filter: EventFilter | None,
    every: int | None,
    once: int | Collection[int] | None,
    before: int | None,
    after: int | None,
    every_seconds: float | None = None,
) -> EventFilter | None:
    """The filter that the arguments of `Events.X(...)` ask for; None when it would let everything through (`every=1`).

    Raises ValueError for a wrong number or a wrong mixture, TypeError for an `event_filter` that cannot be called.
    """
    window = before is not None or after is not None
    groups = (event_filter is not None, once is not None, every is not None or window, every_seconds is not None)
    if sum(groups) != 1:
        raise ValueError("Only one of the input arguments should be specified, except before, after and every")
    if event_filter is not None:
        return _checked_user_filter(event_filter)
    if once is not None:
        return Once(_positive_counts(once))
    if every_seconds is not None:
        return EverySeconds(_positive_seconds(every_seconds))
    _check_bounds(every, before, after)
    if window:
        return Stride(int(after or 0) + 1, int(every or 1), None if before is None else int(before))
    return None if every == 1 else Stride(0, int(every or 1))


def _checked_user_filter(event_filter: EventFilter) -> EventFilter:
    if not callable(event_filter):
        raise TypeError(f"Argument event_filter should be a callable, got {event_filter!r}")
    check_signature(event_filter, "event_filter", "engine", "event")
    return event_filter


def _positive_seconds(seconds: float) -> float:
    if not isinstance(seconds, Real) or isinstance(seconds, bool) or not 0 < float(seconds) < math.inf:
        raise ValueError(f"Argument every_seconds should be a positive number of seconds, got {seconds!r}")
    return float(seconds)


def _positive_counts(once: int | Collection[int]) -> tuple[int, ...]:
    counts: Any = [once] if isinstance(once, Integral) else once
    valid = isinstance(counts, Collection) and len(counts) > 0 and all(_is_integer(c, above=0) for c in counts)
    if not valid:
        raise ValueError(
            f"Argument once should either be a positive integer or a list of positive integers, got {once!r}"
        )
    return tuple(sorted({int(c) for c in counts}))


def _check_bounds(every: int | None, before: int | None, after: int | None) -> None:
    if every is not None and not _is_integer(every, above=0):
        raise ValueError(f"Argument every should be integer and greater than zero, got {every!r}")
    for name, bound in (("before", before), ("after", after)):
        if bound is not None and not _is_integer(bound, above=-1):
            raise ValueError(f"Argument {name} should be integer and greater or equal to zero, got {bound!r}")


def _is_integer(value: Any, above: float = -math.inf) -> bool:
    return isinstance(value, Integral) and int(value) > above
