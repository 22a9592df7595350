"""`TransformedDistribution`, where `torch.distributions.transformed_distribution` has it."""

from ..core.distributions.composed.transformed import TransformedDistribution

__all__ = ["TransformedDistribution"]
