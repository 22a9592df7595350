"""Where Ignite has MetricsLambda."""

from .metric import MetricsLambda

__all__ = ["MetricsLambda"]
