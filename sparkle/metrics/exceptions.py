"""The error of a metric that cannot be computed."""

from __future__ import annotations

from typing import Any


class NotComputableError(RuntimeError):
    """A metric was asked for its value before it had seen anything to compute it from."""


def check_seen(metric: Any, examples: int) -> None:
    """NotComputableError, naming the metric, where it has seen no example; ValueError where one was refused since."""
    for message, ok in (metric._doubts or {}).items():
        if not ok:
            raise ValueError(f"{type(metric).__name__}: {message}")
    if not examples:
        name = type(metric).__name__
        raise NotComputableError(f"{name} must have at least one example before it can be computed.")
