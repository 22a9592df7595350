"""Metrics of how differently groups are treated."""

from .accuracy_difference import SubgroupAccuracyDifference
from .base import SubgroupDifference, SubgroupMetric
from .demographic_parity import DemographicParityDifference, SelectionRate

__all__ = [
    "DemographicParityDifference",
    "SelectionRate",
    "SubgroupAccuracyDifference",
    "SubgroupDifference",
    "SubgroupMetric",
]
