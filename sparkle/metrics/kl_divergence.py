"""Where Ignite has KLDivergence."""

from .similarity.divergences import KLDivergence

__all__ = ["KLDivergence"]
