"""Global steps taken from another engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine import Engine


def global_step_from_engine(
    engine: Engine, custom_event_name: Any = None, fallback_attr: str = "epoch"
) -> Callable[[Engine, Any], int]:
    """Return a `global_step_transform` that reads the step from `engine`, as a trainer's when an evaluator logs.

    The step is the count that belongs to the event (`iteration` or `epoch`): to `custom_event_name`, or else to the
    event being handled; for events that have no count it is the state's `fallback_attr`.

    Raises:
        TypeError: `engine` has no state.
    """
    if not hasattr(engine, "state"):
        raise TypeError(f"global_step_from_engine: met {type(engine).__name__} {engine!r}, wanted an Engine")

    def global_step(_: Engine, event_name: Any) -> int:
        try:
            return engine.state.get_event_attrib_value(custom_event_name or event_name)
        except RuntimeError:
            return getattr(engine.state, fallback_attr)

    return global_step
