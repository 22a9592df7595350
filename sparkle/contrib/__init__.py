"""Ignite's import path for `engines.common`."""

from . import engines

__all__ = ["engines"]
