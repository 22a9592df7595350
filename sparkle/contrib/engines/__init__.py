"""Ignite's import path for `common`."""

from . import common

__all__ = ["common"]
