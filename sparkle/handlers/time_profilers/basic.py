"""Where the time of a run goes: fetching, processing, handlers."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...engine import Events
from .recorder import Recorder, aligned, summary, write_csv

_IGNORED = (
    Events.EXCEPTION_RAISED,
    Events.TERMINATE,
    Events.TERMINATE_SINGLE_EPOCH,
    Events.DATALOADER_STOP_ITERATION,
    Events.INTERRUPT,
)
_PROFILED = (
    Events.STARTED,
    Events.COMPLETED,
    Events.EPOCH_STARTED,
    Events.EPOCH_COMPLETED,
    Events.ITERATION_STARTED,
    Events.ITERATION_COMPLETED,
    Events.GET_BATCH_STARTED,
    Events.GET_BATCH_COMPLETED,
)
_COLUMNS = ("total", "min/index", "max/index", "mean", "std")


class BasicTimeProfiler(Recorder):
    """Measures fetching, processing and the handlers of each event.

    All times are in seconds. Handlers count for their event alone, fetching and processing are without them. An event
    without handlers takes no time.

    Example:
        >>> from sparkle.engine import Engine
        >>> trainer = Engine(lambda engine, batch: sum(range(1000)))
        >>> profiler = BasicTimeProfiler()
        >>> profiler.attach(trainer)
        >>> _ = trainer.run([1, 2, 3], max_epochs=2)
        >>> results = profiler.get_results()
        >>> sorted(results["processing_stats"]), len(profiler.processing_times)
        (['max/index', 'mean', 'min/index', 'std', 'total'], 6)
        >>> text = profiler.print_results(results)
        Time profiling stats (in seconds)
        ...
    """

    events_to_ignore: ClassVar[tuple[Events, ...]] = _IGNORED

    @property
    def processing_times(self) -> list[float]:
        """Seconds in the process function, of each iteration."""
        return list(self.processing.values())

    @property
    def dataflow_times(self) -> list[float]:
        """Seconds until the batch was there, of each iteration."""
        return list(self.dataflow.values())

    @property
    def event_handlers_times(self) -> dict[Any, list[float]]:
        """Seconds in all handlers of an event, of each firing that called any."""
        return {event: list(self._by_count(event.name).values()) for event in _PROFILED}

    @property
    def event_handlers_names(self) -> dict[Any, list[str]]:
        """Names of the handlers of each event."""
        return {event: list(self.handlers.get(event.name, ())) for event in _PROFILED}

    def _by_count(self, event_name: str) -> dict[int, float]:
        seconds: dict[int, float] = defaultdict(float)
        for times in self.handlers.get(event_name, {}).values():
            for count, taken in times:
                seconds[count] += taken
        return seconds

    def get_results(self) -> dict[str, dict[str, Any]]:
        """Return processing_stats, dataflow_stats, event_handlers_stats (by event name, and their "total_time") and
        event_handlers_names.

        Stats are a dictionary of total, min/index and max/index (pairs), mean and std; what has not happened yet has
        the total "not yet triggered", and what has happened once has the total only.
        """
        handlers = self.event_handlers_times
        stats: dict[str, Any] = {event.name: _stats(times) for event, times in handlers.items()}
        stats["total_time"] = float(sum(map(sum, handlers.values())))
        return {
            "processing_stats": _stats(self.processing_times),
            "dataflow_stats": _stats(self.dataflow_times),
            "event_handlers_stats": stats,
            "event_handlers_names": {f"{event.name}_names": n for event, n in self.event_handlers_names.items()},
        }

    def write_results(self, output_path: str) -> None:
        """Write a CSV file: one row for each iteration, one column for each kind of time."""
        events = [event.name for event in _PROFILED]
        whole, per_epoch = ("STARTED", "COMPLETED"), ("EPOCH_STARTED", "EPOCH_COMPLETED")
        times = {name: self._by_count(name) for name in events}
        rows = []
        for iteration, epoch in self.epochs.items():
            row = [epoch, iteration, self.processing.get(iteration, 0.0), self.dataflow.get(iteration, 0.0)]
            for name in events:
                count = epoch if name in per_epoch else iteration
                row.append(sum(times[name].values()) if name in whole else times[name].get(count, 0.0))
            rows.append(row)
        head = ["epoch", "iteration", "processing_stats", "dataflow_stats", *(f"Event_{name}" for name in events)]
        write_csv(output_path, head, rows)

    @staticmethod
    def print_results(results: Mapping[str, Any]) -> str:
        """Print what `get_results` gave as a table; return the text."""
        stats, names = results["event_handlers_stats"], results["event_handlers_names"]
        rows: list[Sequence[str]] = [("", *_COLUMNS, "handlers")]
        rows.append(("Processing function", *_cells(results["processing_stats"]), ""))
        rows.append(("Dataflow", *_cells(results["dataflow_stats"]), ""))
        rows.append(("Event handlers", *_cells({"total": stats["total_time"]}), ""))
        for event in _PROFILED:
            listed = ", ".join(names[f"{event.name}_names"])
            rows.append((f"- Events.{event.name}", *_cells(stats[event.name]), listed))
        text = "\n".join(["Time profiling stats (in seconds)", "", *aligned(rows, left=(0, 6)), ""])
        sys.stdout.write(text + "\n")
        return text


def _stats(times: list[float]) -> dict[str, Any]:
    return summary(times) or {"total": "not yet triggered"}


def _cells(stats: Mapping[str, Any]) -> list[str]:
    return [_cell(stats.get(column, "")) for column in _COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:.5f}/{value[1]}"
    return value if isinstance(value, str) else f"{value:.5f}"
