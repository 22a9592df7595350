"""Intel's MKL, which nothing here calls by itself; NumPy may be built with it."""

from ..core.hints import not_available as is_available

__all__ = ["is_available"]
