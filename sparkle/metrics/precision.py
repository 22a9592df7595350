"""Where Ignite has Precision."""

from .classification.precision_recall import Precision

__all__ = ["Precision"]
