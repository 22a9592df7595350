"""Modules that learn sizes from their first input."""

from ...core.nn.modules.lazy import LazyModuleMixin

__all__ = ["LazyModuleMixin"]
