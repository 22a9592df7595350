"""Where Ignite has Recall."""

from .classification.precision_recall import Recall

__all__ = ["Recall"]
