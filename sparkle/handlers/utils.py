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
        event = event_name if custom_event_name is None else custom_event_name
        return _count(engine.state, event, fallback_attr)

    return global_step


def _count(state: Any, event: Any, fallback_attr: str) -> int:
    name = getattr(event, "name", event)
    if name in state.event_to_attr or name in state._event_attrs:
        return state.get_event_attrib_value(name)
    return getattr(state, fallback_attr)
