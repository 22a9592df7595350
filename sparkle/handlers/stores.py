"""Keeping what an engine puts out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine import Engine, Events


def _identity(output: Any) -> Any:
    return output


class EpochOutputStore:
    """Collects the outputs of an epoch, for those who need all of them at its end.

    Args:
        output_transform: engine.state.output -> what is kept.

    `data` is the list; it is a new one in each epoch.

    Example:
        >>> from sparkle.engine import Engine
        >>> evaluator = Engine(lambda engine, batch: batch * 10)
        >>> EpochOutputStore().attach(evaluator, name="outputs")
        >>> evaluator.run([1, 2, 3]).outputs
        [10, 20, 30]
    """

    def __init__(self, output_transform: Callable[[Any], Any] = _identity) -> None:
        self.data: list[Any] = []
        self.output_transform = output_transform

    def reset(self) -> None:
        """Begin a new list."""
        self.data = []

    def update(self, engine: Engine) -> None:
        """Append the output."""
        self.data.append(self.output_transform(engine.state.output))

    def store(self, engine: Engine, name: str) -> None:
        """Put the list into `engine.state` under this name."""
        setattr(engine.state, name, self.data)

    def attach(self, engine: Engine, name: str | None = None) -> None:
        """Collect the outputs of `engine`; with a name, the list is `engine.state.<name>` from EPOCH_COMPLETED on."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.reset)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.update)
        if name:
            engine.add_event_handler(Events.EPOCH_COMPLETED, self.store, name)
