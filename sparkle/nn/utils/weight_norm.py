"""Weights as magnitude and direction, by a hook."""

from ...core.nn.utils.weight_norm import WeightNorm, remove_weight_norm, weight_norm

__all__ = ["WeightNorm", "remove_weight_norm", "weight_norm"]
