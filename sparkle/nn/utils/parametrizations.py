"""Parametrizations to register: orthogonal matrices, weight norm, spectral norm."""

from ...core.nn.utils.orthogonal import orthogonal
from ...core.nn.utils.parametrizations import spectral_norm, weight_norm

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]
