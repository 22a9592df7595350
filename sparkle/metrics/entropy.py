"""Where Ignite has Entropy."""

from .similarity.entropy import Entropy

__all__ = ["Entropy"]
