"""Apple's GPUs, on which nothing here runs."""

from ..core.hints import not_available as is_available
from ..core.hints import not_available as is_built

__all__ = ["is_available", "is_built"]
