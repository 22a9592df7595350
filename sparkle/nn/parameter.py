"""Tensors that modules own."""

from ..core.nn.parameter import Buffer, Parameter

__all__ = ["Buffer", "Parameter"]
