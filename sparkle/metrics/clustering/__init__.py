"""Metrics of clusters."""

from .calinski_harabasz_score import CalinskiHarabaszScore
from .davies_bouldin_score import DaviesBouldinScore
from .silhouette_score import SilhouetteScore

__all__ = ["CalinskiHarabaszScore", "DaviesBouldinScore", "SilhouetteScore"]
