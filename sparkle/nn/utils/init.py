"""Modules whose first values are not drawn."""

from ...core.nn.utils.uninitialised import skip_init

__all__ = ["skip_init"]
