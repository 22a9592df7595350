"""Where Ignite has MatthewsCorrCoef."""

from .classification.agreement import MatthewsCorrCoef, matthews_corrcoef_compute_fn

__all__ = ["MatthewsCorrCoef", "matthews_corrcoef_compute_fn"]
