"""Weights divided by their largest singular value, by a hook."""

from ...core.nn.utils.spectral_norm import SpectralNorm, remove_spectral_norm, spectral_norm

__all__ = ["SpectralNorm", "remove_spectral_norm", "spectral_norm"]
