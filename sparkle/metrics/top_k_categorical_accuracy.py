"""Where Ignite has TopKCategoricalAccuracy."""

from .classification.top_k import TopKCategoricalAccuracy

__all__ = ["TopKCategoricalAccuracy"]
