"""Which handler takes how long."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from .recorder import Recorder, aligned, summary, write_csv

_HEAD = ("Handler", "Event Name", "Total(s)", "Min(s)/IDX", "Max(s)/IDX", "Mean(s)", "Std(s)")


class HandlersTimeProfiler(Recorder):
    """Measures each handler of each event, custom ones too, and fetching and processing without them.

    Example:
        >>> from sparkle.engine import Engine, Events
        >>> trainer = Engine(lambda engine, batch: batch)
        >>> def report(engine):
        ...     "Something that takes time."
        >>> _ = trainer.add_event_handler(Events.EPOCH_COMPLETED, report)
        >>> profiler = HandlersTimeProfiler()
        >>> profiler.attach(trainer)
        >>> _ = trainer.run([1, 2, 3], max_epochs=2)
        >>> [row[:2] for row in profiler.get_results()]
        [['report', 'EPOCH_COMPLETED'], ['Total', ''], ['Processing', 'None'], ['Dataflow', 'None']]
    """

    @property
    def processing_times(self) -> list[float]:
        """Seconds in the process function, of each iteration."""
        return list(self.processing.values())

    @property
    def dataflow_times(self) -> list[float]:
        """Seconds until the batch was there, of each iteration."""
        return list(self.dataflow.values())

    @property
    def event_handlers_times(self) -> dict[str, dict[str, list[float]]]:
        """Seconds of each call, by event name and handler name."""
        return {
            event: {name: [seconds for _, seconds in times] for name, times in names.items()}
            for event, names in self.handlers.items()
        }

    @property
    def event_handlers_names(self) -> dict[str, list[str]]:
        """Names of the handlers of each event that has any."""
        return {event: list(names) for event, names in self.handlers.items()}

    def get_results(self) -> list[list[Any]]:
        """Return a row [handler, event, total, (min, index), (max, index), mean, std] for each handler and event, and
        the rows Total, Processing and Dataflow; seconds are rounded to five decimals.
        """
        rows = [
            [name, event, *_stats(times)]
            for event, names in self.event_handlers_times.items()
            for name, times in names.items()
        ]
        total = sum(sum(times) for names in self.event_handlers_times.values() for times in names.values())
        rows.append(["Total", "", round(float(total), 5), "", "", "", ""])
        rows.append(["Processing", "None", *_stats(self.processing_times)])
        rows.append(["Dataflow", "None", *_stats(self.dataflow_times)])
        return rows

    def write_results(self, output_path: str) -> None:
        """Write a CSV file: one column for each handler and event, and for processing and dataflow; the n-th row has
        their n-th times, and zeros where there are no more.
        """
        columns = {"processing_stats": self.processing_times, "dataflow_stats": self.dataflow_times}
        for event, names in self.event_handlers_times.items():
            columns.update({f"{name} ({event})": times for name, times in names.items()})
        rows = ([i, *row] for i, row in enumerate(zip_longest(*columns.values(), fillvalue=0.0), 1))
        write_csv(output_path, ["#", *columns], rows)

    @staticmethod
    def print_results(results: Sequence[Sequence[Any]]) -> str:
        """Print what `get_results` gave as a table; return the text."""
        lines = aligned([_HEAD, *([_cell(value) for value in row] for row in results)], left=(0, 1))
        text = "\n".join(["", *lines, ""])
        sys.stdout.write(text + "\n")
        return text


def _stats(times: list[float]) -> list[Any]:
    if not times:
        return ["not triggered", ("None", "None"), ("None", "None"), "None", "None"]
    if len(times) == 1:
        only = round(times[0], 5)
        return [only, (only, 0), (only, 0), only, "None"]
    stats = summary(times)
    pairs = [(round(seconds, 5), index) for seconds, index in (stats["min/index"], stats["max/index"])]
    return [round(stats["total"], 5), *pairs, round(stats["mean"], 5), round(stats["std"], 5)]


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return str(value)
