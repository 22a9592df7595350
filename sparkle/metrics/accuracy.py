"""Where Ignite has Accuracy."""

from .classification.accuracy import Accuracy

__all__ = ["Accuracy"]
