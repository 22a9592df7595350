"""`Gamma`, where `torch.distributions.gamma` has it."""

from ..core.distributions.continuous.gamma import Gamma

__all__ = ["Gamma"]
