"""Profilers: how long a run, its batches and its handlers take."""

from .basic import BasicTimeProfiler
from .per_handler import HandlersTimeProfiler

__all__ = ["BasicTimeProfiler", "HandlersTimeProfiler"]
