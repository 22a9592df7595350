"""Metrics that are attached to an engine, or updated by hand."""

from . import clustering, fairness, gan, nlp, rec_sys, regression, vision
from .accumulation import Average, GeometricAverage, VariableAccumulation
from .classification.accuracy import Accuracy
from .classification.agreement import CohenKappa, MatthewsCorrCoef
from .classification.balanced_accuracy import BalancedAccuracy
from .classification.binned import BinnedAveragePrecision, BinnedPrecisionRecallCurve, BinnedROC_AUC, BinnedRocCurve
from .classification.calibration import BrierScore, ExpectedCalibrationError
from .classification.confusion_matrix import ConfusionMatrix
from .classification.curves import ROC_AUC, AveragePrecision, PrecisionRecallCurve, RocCurve
from .classification.fbeta import Fbeta
from .classification.from_matrix import DiceCoefficient, IoU, JaccardIndex, cmAccuracy, cmPrecision, cmRecall, mIoU
from .classification.mean_average_precision import MeanAveragePrecision
from .classification.multilabel_confusion_matrix import MultiLabelConfusionMatrix
from .classification.precision_recall import Precision, Recall, Specificity
from .classification.report import ClassificationReport, PerClassReport
from .classification.top_k import TopKCategoricalAccuracy
from .epoch_metric import EpochMetric
from .exceptions import NotComputableError
from .frequency import Frequency
from .gan import FID, InceptionScore
from .gpu_info import GpuInfo
from .loss import Loss
from .mean_pairwise_distance import MeanPairwiseDistance
from .metric import Metric, MetricsLambda
from .metric_group import MetricGroup
from .nlp import Bleu, CharacterErrorRate, Perplexity, Rouge, RougeL, RougeN
from .psnr import PSNR
from .rec_sys import NDCG, HitRate
from .regression_errors import MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError
from .running_average import RunningAverage
from .similarity.cosine_similarity import CosineSimilarity
from .similarity.divergences import JSDivergence, KLDivergence
from .similarity.entropy import Entropy, MutualInformation
from .similarity.kernels import HSIC, MaximumMeanDiscrepancy
from .ssim import SSIM
from .usage import (
    BatchFiltered,
    BatchWise,
    EpochWise,
    MetricUsage,
    RunningBatchWise,
    RunningEpochWise,
    SingleEpochRunningBatchWise,
)
from .vision import CommonObjectDetectionMetrics, ObjectDetectionAvgPrecisionRecall

__all__ = [
    "FID",
    "HSIC",
    "NDCG",
    "PSNR",
    "ROC_AUC",
    "SSIM",
    "Accuracy",
    "Average",
    "AveragePrecision",
    "BalancedAccuracy",
    "BatchFiltered",
    "BatchWise",
    "BinnedAveragePrecision",
    "BinnedPrecisionRecallCurve",
    "BinnedROC_AUC",
    "BinnedRocCurve",
    "Bleu",
    "BrierScore",
    "CharacterErrorRate",
    "ClassificationReport",
    "CohenKappa",
    "CommonObjectDetectionMetrics",
    "ConfusionMatrix",
    "CosineSimilarity",
    "DiceCoefficient",
    "Entropy",
    "EpochMetric",
    "EpochWise",
    "ExpectedCalibrationError",
    "Fbeta",
    "Frequency",
    "GeometricAverage",
    "GpuInfo",
    "HitRate",
    "InceptionScore",
    "IoU",
    "JSDivergence",
    "JaccardIndex",
    "KLDivergence",
    "Loss",
    "MatthewsCorrCoef",
    "MaximumMeanDiscrepancy",
    "MeanAbsoluteError",
    "MeanAveragePrecision",
    "MeanPairwiseDistance",
    "MeanSquaredError",
    "Metric",
    "MetricGroup",
    "MetricUsage",
    "MetricsLambda",
    "MultiLabelConfusionMatrix",
    "MutualInformation",
    "NotComputableError",
    "ObjectDetectionAvgPrecisionRecall",
    "PerClassReport",
    "Perplexity",
    "Precision",
    "PrecisionRecallCurve",
    "Recall",
    "RocCurve",
    "RootMeanSquaredError",
    "Rouge",
    "RougeL",
    "RougeN",
    "RunningAverage",
    "RunningBatchWise",
    "RunningEpochWise",
    "SingleEpochRunningBatchWise",
    "Specificity",
    "TopKCategoricalAccuracy",
    "VariableAccumulation",
    "clustering",
    "cmAccuracy",
    "cmPrecision",
    "cmRecall",
    "fairness",
    "gan",
    "mIoU",
    "nlp",
    "rec_sys",
    "regression",
    "vision",
]
