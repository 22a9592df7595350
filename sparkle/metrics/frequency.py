"""How many items an engine gets done in a second."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from ..engine import Engine, Events
from .exceptions import check_seen
from .metric import Metric, same
from .usage import MetricUsage


class Frequency(Metric):
    """Items per second since the reset, up to the last update.

    output_transform: from the engine's output to the number of items in it. Attached, the value is a whole number,
    reset with each epoch.

    >>> from sparkle.engine import Engine
    >>> engine = Engine(lambda engine, batch: {"tokens": len(batch)})
    >>> Frequency(output_transform=lambda output: output["tokens"]).attach(engine, "tokens per second")
    >>> engine.run(["three words", "two"]).metrics["tokens per second"] > 0
    True
    """

    required_output_keys = None
    _state_dict_all_req_keys = ("_n", "_elapsed")
    _not_compared = ("_last",)

    def __init__(
        self, output_transform: Callable[[Any], Any] = same, device: Any = None, skip_unrolling: bool = False
    ) -> None:
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._n: Any = 0
        self._elapsed = 0.0
        self._last = perf_counter()

    def update(self, output: int) -> None:
        now = perf_counter()
        self._n += output
        self._elapsed += now - self._last  # a state that is loaded goes on with the seconds it had
        self._last = now

    def compute(self) -> float:
        check_seen(self, self._elapsed > 0)
        return self._n / self._elapsed

    def completed(self, engine: Engine, name: str) -> None:
        """Handler: put the value into `engine.state.metrics[name]`, a whole number."""
        engine.state.metrics[name] = int(self.compute())

    def attach(self, engine: Engine, name: str, event_name: Any = Events.ITERATION_COMPLETED) -> None:  # type: ignore[override]
        """Count from the start of each epoch, and put the value into the engine's metrics at an event."""
        super().attach(engine, name, _at(event_name))

    def detach(self, engine: Engine, event_name: Any = Events.ITERATION_COMPLETED) -> None:  # type: ignore[override]
        """Take the metric off the engine's events."""
        super().detach(engine, _at(event_name))

    def is_attached(self, engine: Engine, event_name: Any = Events.ITERATION_COMPLETED) -> bool:  # type: ignore[override]
        """Is the value computed at the event?"""
        return super().is_attached(engine, _at(event_name))


def _at(event_name: Any) -> MetricUsage:
    if isinstance(event_name, MetricUsage):
        return event_name
    return MetricUsage(Events.EPOCH_STARTED, event_name, Events.ITERATION_COMPLETED)
