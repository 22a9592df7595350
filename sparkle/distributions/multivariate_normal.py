"""`MultivariateNormal`, where `torch.distributions.multivariate_normal` has it."""

from ..core.distributions.continuous.multivariate_normal import MultivariateNormal

__all__ = ["MultivariateNormal"]
