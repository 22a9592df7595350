"""`Dirichlet`, where `torch.distributions.dirichlet` has it."""

from ..core.distributions.continuous.dirichlet import Dirichlet

__all__ = ["Dirichlet"]
