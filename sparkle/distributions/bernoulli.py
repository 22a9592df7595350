"""`Bernoulli`, where `torch.distributions.bernoulli` has it."""

from ..core.distributions.discrete.bernoulli import Bernoulli

__all__ = ["Bernoulli"]
