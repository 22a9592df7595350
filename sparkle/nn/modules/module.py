"""The base of all modules."""

from ...core.nn.base.module import Module

__all__ = ["Module"]
