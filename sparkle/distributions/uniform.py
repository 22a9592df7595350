"""`Uniform`, where `torch.distributions.uniform` has it."""

from ..core.distributions.continuous.location_scale import Uniform

__all__ = ["Uniform"]
