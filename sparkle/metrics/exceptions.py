"""The error of a metric that cannot be computed."""

from __future__ import annotations


class NotComputableError(RuntimeError):
    """A metric was asked for its value before it had seen anything to compute it from."""
