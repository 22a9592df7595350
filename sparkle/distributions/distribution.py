"""`Distribution`, where `torch.distributions.distribution` has it."""

from ..core.distributions.distribution import Distribution

__all__ = ["Distribution"]
