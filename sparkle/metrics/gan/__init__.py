"""Metrics of generated images."""

from .fid import FID
from .inception_score import InceptionScore

__all__ = ["FID", "InceptionScore"]
