"""Where Ignite has MutualInformation."""

from .similarity.entropy import MutualInformation

__all__ = ["MutualInformation"]
