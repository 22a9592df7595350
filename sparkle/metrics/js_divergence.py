"""Where Ignite has JSDivergence."""

from .similarity.divergences import JSDivergence

__all__ = ["JSDivergence"]
