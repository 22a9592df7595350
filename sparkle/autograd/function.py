"""User-defined ops, as `torch.autograd.function`."""

from ..core.tensor.differentiation.function import Function, FunctionCtx, once_differentiable

__all__ = ["Function", "FunctionCtx", "once_differentiable"]
