"""Signal processing: `sparkle.signal.windows`."""

from . import windows

__all__ = ["windows"]
