"""Where Ignite has MatthewsCorrCoef."""

from .classification.agreement import MatthewsCorrCoef

__all__ = ["MatthewsCorrCoef"]
