"""The error of a metric that cannot be computed."""

from __future__ import annotations


class NotComputableError(RuntimeError):
    """A metric was asked for its value before it had seen anything to compute it from."""


def check_seen(metric: object, examples: int) -> None:
    """NotComputableError, naming the metric, where it has seen no example."""
    if not examples:
        name = type(metric).__name__
        raise NotComputableError(f"{name} must have at least one example before it can be computed.")
