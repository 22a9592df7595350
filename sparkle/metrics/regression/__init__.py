"""Metrics of predicted numbers."""

from .distances import CanberraMetric, ManhattanDistance, WaveHedgesDistance
from .kept import (
    GeometricMeanRelativeAbsoluteError,
    MedianAbsoluteError,
    MedianAbsolutePercentageError,
    MedianRelativeAbsoluteError,
)
from .maximum import MaximumAbsoluteError
from .means import (
    SMAPE,
    FractionalAbsoluteError,
    FractionalBias,
    GeometricMeanAbsoluteError,
    MeanError,
    QuantileLoss,
    SymmetricMeanAbsolutePercentageError,
)
from .moments import ExplainedVariance, PearsonCorrelation, R2Score
from .ranks import KendallRankCorrelation, SpearmanRankCorrelation
from .relative import MAPE, MeanAbsolutePercentageError, MeanAbsoluteRelativeError, MeanNormalizedBias

__all__ = [
    "MAPE",
    "SMAPE",
    "CanberraMetric",
    "ExplainedVariance",
    "FractionalAbsoluteError",
    "FractionalBias",
    "GeometricMeanAbsoluteError",
    "GeometricMeanRelativeAbsoluteError",
    "KendallRankCorrelation",
    "ManhattanDistance",
    "MaximumAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanAbsoluteRelativeError",
    "MeanError",
    "MeanNormalizedBias",
    "MedianAbsoluteError",
    "MedianAbsolutePercentageError",
    "MedianRelativeAbsoluteError",
    "PearsonCorrelation",
    "QuantileLoss",
    "R2Score",
    "SpearmanRankCorrelation",
    "SymmetricMeanAbsolutePercentageError",
    "WaveHedgesDistance",
]
