"""Metrics that are attached to an engine, or updated by hand."""

from .accumulation import Average, GeometricAverage, VariableAccumulation
from .classification.accuracy import Accuracy
from .classification.confusion_matrix import ConfusionMatrix
from .classification.precision_recall import Precision, Recall, Specificity
from .classification.top_k import TopKCategoricalAccuracy
from .exceptions import NotComputableError
from .loss import Loss
from .metric import Metric, MetricsLambda
from .regression_errors import MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError
from .running_average import RunningAverage
from .usage import (
    BatchFiltered,
    BatchWise,
    EpochWise,
    MetricUsage,
    RunningBatchWise,
    RunningEpochWise,
    SingleEpochRunningBatchWise,
)

__all__ = [
    "Accuracy",
    "Average",
    "BatchFiltered",
    "BatchWise",
    "ConfusionMatrix",
    "EpochWise",
    "GeometricAverage",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "MetricUsage",
    "MetricsLambda",
    "NotComputableError",
    "Precision",
    "Recall",
    "RootMeanSquaredError",
    "RunningAverage",
    "RunningBatchWise",
    "RunningEpochWise",
    "SingleEpochRunningBatchWise",
    "Specificity",
    "TopKCategoricalAccuracy",
    "VariableAccumulation",
]
