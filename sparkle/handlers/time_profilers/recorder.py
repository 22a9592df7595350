"""What both profilers do: look at the clock."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, stdev
from time import perf_counter
from typing import Any

from ...engine import Engine, Events

# A batch is fetched before the iteration that it belongs to is counted.
_AHEAD = ("GET_BATCH_STARTED", "GET_BATCH_COMPLETED")
_STEPS = (*_AHEAD, "ITERATION_STARTED", "ITERATION_COMPLETED")


class Recorder:
    """Notes the seconds of each call of a handler, of each fetching of a batch and of each processing.

    What a handler takes is never part of fetching and processing, in whatever order they were attached. The notes are
    those of one run; the next run begins anew, one that goes on after an interruption continues them.

    handlers: event name -> handler name -> list of (count, seconds). The count is that of the event: for the events
        of iterations the iteration, for those of epochs the epoch.
    dataflow, processing: iteration -> seconds.
    epochs: iteration -> epoch.
    """

    def __init__(self) -> None:
        self.handlers: dict[str, dict[str, list[tuple[int, float]]]] = {}
        self._clear()

    def _clear(self) -> None:
        for names in self.handlers.values():
            for times in names.values():
                times.clear()
        self.dataflow: dict[int, float] = {}
        self.processing: dict[int, float] = {}
        self.epochs: dict[int, int] = {}
        self._began: set[Any] = set()  # the handlers of STARTED that were called in this run
        self._handling = 0.0  # seconds in handlers of the steps of an iteration, so far
        self._fetch_since = self._process_since = (0.0, 0.0)

    def attach(self, engine: Engine) -> None:
        """Record the runs of `engine`; once is enough.

        Raises:
            TypeError: it is no Engine.
            ValueError: another engine is recorded already.
        """
        if not isinstance(engine, Engine):
            raise TypeError(f"Argument engine should be sparkle.engine.Engine, but given {type(engine)}")
        if engine.has_event_handler(self._start):
            return
        if self.handlers:
            raise ValueError(f"{type(self).__name__}.attach: it belongs to another engine; make one for each engine")
        self._state = engine.state
        engine._wrap(self._timed)
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.GET_BATCH_STARTED, self._fetch)
        engine.add_event_handler(Events.GET_BATCH_COMPLETED, self._fetched)
        engine.add_event_handler(Events.ITERATION_STARTED, self._process)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._processed)

    def _timed(self, registration: Any, function: Callable) -> Callable:
        """The function of a handler, with a look at the clock before and after it."""
        handler, event = registration.handler, registration.event
        if isinstance(getattr(handler, "__self__", None), Recorder):
            return function
        event_name = event if isinstance(event, str) else event.name
        handler_name = getattr(handler, "__qualname__", type(handler).__name__)
        times = self.handlers.setdefault(event_name, {}).setdefault(handler_name, [])
        starts, ahead, step = event_name == "STARTED", event_name in _AHEAD, event_name in _STEPS
        called = object()  # stands for the registration, which must not be part of its own call

        def timed(*args: Any) -> None:
            if starts:
                self._begin(called)
            count = self._state.get_event_attrib_value(event_name) + ahead
            since = perf_counter()
            try:
                function(*args)
            finally:
                seconds = perf_counter() - since
                times.append((count, seconds))
                if step:
                    self._handling += seconds

        return timed

    def _begin(self, called: Any) -> None:
        """A handler of STARTED that is called again tells that there is another run, whoever comes first there."""
        if called in self._began:
            self._clear()
        self._began.add(called)

    def _start(self, engine: Engine) -> None:
        self._begin(None)
        self._state = engine.state
        engine._wrap(self._timed)  # events may have been registered since

    def _fetch(self) -> None:
        self._fetch_since = self._handling, perf_counter()

    def _fetched(self) -> None:
        self.dataflow[self._state.iteration + 1] = self._since(*self._fetch_since)

    def _process(self) -> None:
        self.epochs[self._state.iteration] = self._state.epoch
        self._process_since = self._handling, perf_counter()

    def _processed(self) -> None:
        self.processing[self._state.iteration] = self._since(*self._process_since)

    def _since(self, handling: float, moment: float) -> float:
        return perf_counter() - moment - (self._handling - handling)


def summary(times: Sequence[float]) -> dict[str, Any]:
    """Return total, min and max (each with its index), mean and std (of the sample) of some seconds.

    Of one time there is the total only, and of none nothing.

    >>> summary([1.0, 3.0])["max/index"]
    (3.0, 1)
    """
    if len(times) < 2:
        return {"total": times[0]} if times else {}
    low, high = min(times), max(times)
    return {
        "total": sum(times),
        "min/index": (low, times.index(low)),
        "max/index": (high, times.index(high)),
        "mean": fmean(times),
        "std": stdev(times),
    }


def aligned(rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)) -> list[str]:
    """Return the lines of a table whose first row is its head; the columns in `left` are flush left, the others right.

    >>> for line in aligned([("", "total"), ("fetch", "1.5")]):
    ...     print(line)
           total
    -----  -----
    fetch    1.5
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    aligns = ["<" if column in left else ">" for column in range(len(widths))]
    template = "  ".join(f"{{:{align}{width}}}" for align, width in zip(aligns, widths, strict=True))
    return [template.format(*row).rstrip() for row in rows]


def write_csv(path: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as a file of comma-separated values."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
