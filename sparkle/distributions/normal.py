"""`Normal`, where `torch.distributions.normal` has it."""

from ..core.distributions.continuous.location_scale import Normal

__all__ = ["Normal"]
