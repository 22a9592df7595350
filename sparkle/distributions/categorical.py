"""`Categorical`, where `torch.distributions.categorical` has it."""

from ..core.distributions.discrete.categorical import Categorical

__all__ = ["Categorical"]
