"""Stopping a run whose output has gone wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..engine import Engine, Priority
from ._values import all_finite


def _identity(output: Any) -> Any:
    return output


class TerminateOnNan:
    """Handler that terminates the engine when a number in its output is NaN or infinite.

    The output may be a number, an array or a tensor, or mappings, lists and tuples of these at any depth; strings
    are passed over.

    Args:
        output_transform: picks from `engine.state.output` what is to be looked at.

    Raises:
        TypeError: output_transform is no function; when called: the output has something else in it.

    Example:
        >>> from sparkle.engine import Engine, Events
        >>> trainer = Engine(lambda engine, batch: {"loss": batch})
        >>> _ = trainer.add_event_handler(Events.ITERATION_COMPLETED, TerminateOnNan())
        >>> trainer.run([1.0, 2.0, float("inf"), 3.0]).iteration
        3
    """

    handler_priority = Priority.STOPPERS

    def __init__(self, output_transform: Callable[[Any], Any] = _identity) -> None:
        if not callable(output_transform):
            raise TypeError(f"TerminateOnNan: output_transform is {output_transform!r}, wanted a function")
        self._output_transform = output_transform
        self.logger = logging.getLogger(f"{__name__}.{type(self).__name__}")

    def __call__(self, engine: Engine) -> None:
        """Look at the output, and terminate the engine if it has a number that is not finite."""
        output = self._output_transform(engine.state.output)
        if not all_finite(output):
            self.logger.warning(
                "iteration %d: output %.200r has NaN or infinity: stopping", engine.state.iteration, output
            )
            engine.terminate()
