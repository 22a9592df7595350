"""Metrics of classes, labels and scores."""

from __future__ import annotations

import numpy as np

import sparkle.metrics as m

from .example import Arrays, N, example


def multiclass(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 4)).astype("float32"), random.integers(0, 4, N)


def images(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 3, 2, 5)).astype("float32"), random.integers(0, 3, (N, 2, 5))


def binary(random: np.random.Generator) -> Arrays:
    return random.integers(0, 2, N), random.integers(0, 2, N)


def multilabel(random: np.random.Generator) -> Arrays:
    return random.integers(0, 2, (N, 4)), random.integers(0, 2, (N, 4))


def ranked(random: np.random.Generator) -> Arrays:
    """Scores with ties, and labels."""
    return random.integers(0, 20, N) / 20, random.integers(0, 2, N)


def ranked_columns(random: np.random.Generator) -> Arrays:
    return random.integers(0, 20, (N, 3)) / 20, random.integers(0, 2, (N, 3))


def labels(random: np.random.Generator) -> Arrays:
    return random.integers(0, 4, N), random.integers(0, 4, N)


def distributions(random: np.random.Generator) -> Arrays:
    p = random.random((N, 4)) + 0.01
    return p / p.sum(axis=1, keepdims=True), random.integers(0, 4, N)


for data in (multiclass, images, binary):
    example(lambda: m.Accuracy(), data, data.__name__)
    example(lambda: m.PerClassReport(), data, data.__name__)
    example(lambda: m.BalancedAccuracy(), data, data.__name__)
example(lambda: m.Accuracy(is_multilabel=True), multilabel, "multilabel")
example(lambda: m.PerClassReport(is_multilabel=True, labels=list("abcd")), multilabel, "multilabel")
example(lambda: m.BalancedAccuracy(adjusted=True), multiclass, "adjusted")
for kind in (m.Precision, m.Recall, m.Specificity):
    for average in (False, None, "macro", "micro", "weighted"):
        for data in (multiclass, binary):
            example(lambda k=kind, a=average: k(average=a), data, f"{average} {data.__name__}")
    for average in (False, "macro", "micro", "weighted", "samples"):
        example(lambda k=kind, a=average: k(average=a, is_multilabel=True), multilabel, f"{average} multilabel")
example(lambda: m.TopKCategoricalAccuracy(2), multiclass)
for average in (None, "samples", "recall", "precision"):
    example(lambda a=average: m.ConfusionMatrix(4, average=a), multiclass, str(average))
example(lambda: m.MultiLabelConfusionMatrix(4), multilabel)
example(lambda: m.MultiLabelConfusionMatrix(4, normalized=True), multilabel, "normalized")
for weights in (None, "linear", "quadratic"):
    example(lambda w=weights: m.CohenKappa(weights=w), labels, str(weights))
    example(lambda w=weights: m.CohenKappa(weights=w, num_classes=4), labels, f"{weights} streaming")
example(lambda: m.MatthewsCorrCoef(), labels)
example(lambda: m.MatthewsCorrCoef(num_classes=4), multiclass, "streaming")
for kind in (m.ROC_AUC, m.RocCurve, m.AveragePrecision, m.PrecisionRecallCurve):
    example(lambda k=kind: k(), ranked)
for kind in (m.BinnedROC_AUC, m.BinnedRocCurve, m.BinnedAveragePrecision, m.BinnedPrecisionRecallCurve):
    example(lambda k=kind: k(thresholds=7), ranked)
for kind in (m.ROC_AUC, m.AveragePrecision, m.BinnedROC_AUC, m.BinnedAveragePrecision):
    example(lambda k=kind: k(), ranked_columns, "columns")
for class_mean in ("macro", "micro", "weighted", None):
    example(lambda c=class_mean: m.MeanAveragePrecision(class_mean=c), distributions, str(class_mean))
example(lambda: m.MeanAveragePrecision([0.1, 0.5, 0.9]), ranked, "binary")
example(lambda: m.MeanAveragePrecision(is_multilabel=True), ranked_columns, "multilabel")
example(lambda: m.BrierScore(), ranked)
example(lambda: m.BrierScore(), distributions, "multiclass")
for norm in ("l1", "l2", "max"):
    example(lambda n=norm: m.ExpectedCalibrationError(5, n), ranked, norm)
example(lambda: m.ExpectedCalibrationError(), distributions, "multiclass")
for average in (True, False):
    example(lambda a=average: m.Fbeta(2.0, average=a), multiclass, f"fbeta {average}")
example(lambda: m.ClassificationReport(output_dict=True), multiclass, "report")
for kind in (m.IoU, m.mIoU, m.JaccardIndex, m.DiceCoefficient):
    example(lambda k=kind: k(m.ConfusionMatrix(3), ignore_index=1), images, kind.__name__)
for kind in (m.cmAccuracy, m.cmPrecision, m.cmRecall):
    example(lambda k=kind: k(m.ConfusionMatrix(3)), images, kind.__name__)
