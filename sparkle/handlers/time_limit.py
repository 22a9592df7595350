"""Stopping a run in time."""

from __future__ import annotations

import logging
import math
from time import monotonic

from ..engine import Engine, Priority

__all__ = ["TimeLimit"]


class TimeLimit:
    """Handler that terminates the engine when more than `limit_sec` seconds have passed since it was made.

    Attach it to ITERATION_COMPLETED, so that a job with a limit ends by itself, with all that belongs to an end.

    Args:
        limit_sec: seconds, eight hours by default.

    Raises:
        TypeError: limit_sec is no number.
        ValueError: it is not positive and finite.

    Example:
        >>> from sparkle.engine import Engine, Events
        >>> trainer = Engine(lambda engine, batch: None)
        >>> _ = trainer.add_event_handler(Events.ITERATION_COMPLETED, TimeLimit(limit_sec=1e-9))
        >>> trainer.run([1, 2, 3]).iteration
        1
    """

    handler_priority = Priority.STOPPERS

    def __init__(self, limit_sec: float | None = 28800) -> None:
        if not isinstance(limit_sec, (int, float)) or isinstance(limit_sec, bool):
            raise TypeError(f"Argument limit_sec should be a number of seconds, but given {limit_sec!r:.80}")
        if not 0 < limit_sec < math.inf:
            raise ValueError(f"Argument limit_sec should be positive, but given {limit_sec}")
        self.limit_sec = limit_sec
        self.start_time = monotonic()
        self.logger = logging.getLogger(f"{__name__}.{type(self).__name__}")

    def __call__(self, engine: Engine) -> None:
        """Terminate the engine if its time is over."""
        if monotonic() - self.start_time > self.limit_sec:
            self.logger.info("Reached the time limit: %s sec. Stop training", self.limit_sec)
            engine.terminate()
