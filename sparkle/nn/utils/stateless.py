"""A module called with other tensors than its own; `sparkle.func.functional_call` is the same without a warning."""

from ...core.nn.utils.stateless import functional_call

__all__ = ["functional_call"]
