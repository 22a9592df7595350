"""Where Ignite has MaximumMeanDiscrepancy."""

from .similarity.kernels import MaximumMeanDiscrepancy

__all__ = ["MaximumMeanDiscrepancy"]
