"""Measuring time between events."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from ..engine import Engine, Events


class Timer:
    """Stopwatch in seconds, driven by hand or by the events of an engine.

    It runs from the moment it is made. `value()` is the time that it ran, in all or (`average=True`) per step.

    Example:
        >>> timer = Timer()
        >>> timer.pause()
        >>> timer.value() == timer.value()
        True

        Mean time of the iterations of an epoch, without the time spent on fetching batches:

        >>> from sparkle.engine import Engine, Events
        >>> trainer = Engine(lambda engine, batch: None)
        >>> timer = Timer(average=True).attach(
        ...     trainer,
        ...     start=Events.EPOCH_STARTED,
        ...     resume=Events.ITERATION_STARTED,
        ...     pause=Events.ITERATION_COMPLETED,
        ...     step=Events.ITERATION_COMPLETED,
        ... )
    """

    def __init__(self, average: bool = False) -> None:
        self._average = average
        self._restart()

    def _restart(self) -> None:
        self._t0 = perf_counter()
        self.total = 0.0
        self.step_count = 0
        self.running = True

    def attach(
        self,
        engine: Engine,
        start: Any = Events.STARTED,
        pause: Any = Events.COMPLETED,
        resume: Any = None,
        step: Any = None,
    ) -> Timer:
        """Call `reset`, `pause`, `resume` and `step` at these events of `engine`; return the timer."""
        engine.add_event_handler(start, self.reset)
        engine.add_event_handler(pause, self.pause)
        if resume is not None:
            engine.add_event_handler(resume, self.resume)
        if step is not None:
            engine.add_event_handler(step, self.step)
        return self

    def reset(self, *args: Any) -> Timer:
        """Set to zero and run; return the timer."""
        self._restart()
        return self

    def pause(self, *args: Any) -> None:
        """Stop; does nothing when stopped."""
        if self.running:
            self.total += perf_counter() - self._t0
            self.running = False

    def resume(self, *args: Any) -> None:
        """Run on; does nothing when running."""
        if not self.running:
            self._t0 = perf_counter()
            self.running = True

    def step(self, *args: Any) -> None:
        """Count one step, by which the average is divided."""
        self.step_count += 1

    def value(self) -> float:
        """Return the seconds run so far; per step when averaging (before the first step: in all)."""
        total = self.total + (perf_counter() - self._t0 if self.running else 0.0)
        return total / max(self.step_count, 1) if self._average else total
