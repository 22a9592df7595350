"""Where Ignite has AveragePrecision."""

from .classification.curves import AveragePrecision, average_precision_compute_fn

__all__ = ["AveragePrecision", "average_precision_compute_fn"]
