"""Where Ignite has MeanAveragePrecision."""

from .classification.mean_average_precision import MeanAveragePrecision

__all__ = ["MeanAveragePrecision"]
