"""`Beta`, where `torch.distributions.beta` has it."""

from ..core.distributions.continuous.dirichlet import Beta

__all__ = ["Beta"]
