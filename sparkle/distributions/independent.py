"""`Independent`, where `torch.distributions.independent` has it."""

from ..core.distributions.composed.independent import Independent

__all__ = ["Independent"]
