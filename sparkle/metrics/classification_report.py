"""Where Ignite has ClassificationReport."""

from .classification.report import ClassificationReport

__all__ = ["ClassificationReport"]
