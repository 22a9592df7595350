"""Metrics of classes, labels and distributions beside Ignite's, on all kinds of data, in one batch and in many."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

BATCHES = 3
N = 24


def scores(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def labels(seed: int, classes: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, classes, size=shape)


def ties(seed: int, *shape: int) -> np.ndarray:
    return labels(seed, 6, *shape).astype("float64") / 5


OUTPUTS: dict[str, tuple[np.ndarray, ...]] = {
    "classes": (scores(0, N, 4), labels(1, 4, N)),
    "class missing": (scores(0, N, 4), labels(1, 2, N)),
    "class never predicted": (scores(0, N, 4) - [0, 0, 0, 90.0], labels(1, 4, N)),
    "one class": (scores(0, N, 4), np.full(N, 2)),
    "equal scores": (np.zeros((N, 4), "float32"), labels(1, 4, N)),
    "images": (scores(2, N, 4, 3, 5), labels(3, 4, N, 3, 5)),
    "with background": (scores(2, N, 4, 3, 5), labels(3, 6, N, 3, 5) - 1),
    "multilabel": (labels(4, 2, N, 4), labels(5, 2, N, 4)),
    "multilabel images": (labels(4, 2, N, 4, 2, 3), labels(5, 2, N, 4, 2, 3)),
    "multilabel never": (labels(4, 2, N, 4), labels(5, 1, N, 4)),
    "binary": (labels(6, 2, N), labels(7, 2, N)),
    "labels": (labels(6, 4, N), labels(7, 4, N)),
    "label columns": (labels(6, 4, N, 1), labels(7, 4, N, 1)),
    "labels agree": (labels(6, 4, N), labels(6, 4, N)),
    "ranked": (scores(8, N), labels(9, 2, N)),
    "ranked column": (scores(8, N, 1), labels(9, 2, N, 1)),
    "ranked ties": (ties(8, N), labels(9, 2, N)),
    "ranked equal": (np.full(N, 0.5), labels(9, 2, N)),
    "ranked columns": (scores(8, N, 3), labels(9, 2, N, 3)),
    "ranked far off": (scores(8, N).astype("float64") + 1e6, labels(9, 2, N)),
    "ranked images": (ties(8, N, 3, 2), labels(9, 2, N, 3, 2)),
    "vectors": (scores(10, N, 6), scores(11, N, 6)),
    "vector images": (scores(10, N, 6, 2, 2), scores(11, N, 6, 2, 2)),
    "related vectors": (scores(10, N, 2), scores(10, N, 2) ** 2),
    "sharp": (scores(10, N, 6) * 50, scores(11, N, 6) * 50),
}
CLASSES = ("classes", "class missing", "class never predicted", "one class", "equal scores", "images")
MATRIX = (*CLASSES, "with background")
RANKED = ("ranked", "ranked column", "ranked ties", "ranked equal", "ranked far off")
VECTORS = ("vectors", "vector images", "related vectors", "sharp")


class Row(NamedTuple):
    name: str
    make: Callable[[Any], Any]
    outputs: tuple[str, ...]


def from_matrix(name: str, **options: Any) -> Row:
    def make(m: Any) -> Any:
        module = m if hasattr(m, name) else m.confusion_matrix
        return getattr(module, name)(m.ConfusionMatrix(4), **options)

    return Row(f"{name} {options or ''}", make, MATRIX)


def plain(name: str, outputs: tuple[str, ...], **options: Any) -> Row:
    return Row(f"{name} {options or ''}", lambda m: getattr(m, name)(**options), outputs)


MAP = "MeanAveragePrecision"
ROWS = [
    *(from_matrix(name) for name in ("IoU", "mIoU", "JaccardIndex", "DiceCoefficient", "cmAccuracy", "cmPrecision")),
    *(from_matrix(name, ignore_index=2) for name in ("IoU", "mIoU", "JaccardIndex", "DiceCoefficient")),
    from_matrix("cmRecall"),
    from_matrix("cmRecall", average=False),
    from_matrix("cmPrecision", average=False),
    Row("iou of samples", lambda m: m.IoU(m.ConfusionMatrix(4, "samples")), ("classes",)),
    Row("dice by rows", lambda m: m.DiceCoefficient(m.ConfusionMatrix(4, "recall")), ("classes",)),
    *(plain("Fbeta", (*CLASSES, "binary"), beta=beta, average=a) for beta in (1.0, 0.5, 3) for a in (True, False)),
    Row("fbeta of parts", lambda m: m.Fbeta(2.0, precision=m.Precision(), recall=m.Recall()), ("classes",)),
    plain("MultiLabelConfusionMatrix", ("multilabel", "multilabel images", "multilabel never"), num_classes=4),
    plain("MultiLabelConfusionMatrix", ("multilabel",), num_classes=4, normalized=True),
    *(
        plain("ClassificationReport", outputs, beta=beta, output_dict=True, is_multilabel=multilabel)
        for beta in (1, 2)
        for multilabel, outputs in ((False, CLASSES), (True, ("multilabel",)))
    ),
    plain("ClassificationReport", ("classes",), output_dict=True, labels=list("abcd")),
    *(
        plain("CohenKappa", ("labels", "label columns", "labels agree"), weights=weights, num_classes=n)
        for weights in (None, "linear", "quadratic")
        for n in (None, 4, 7)
    ),
    plain("MatthewsCorrCoef", ("labels", "labels agree", "binary", *CLASSES[:-1])),
    *(plain(name, RANKED) for name in ("ROC_AUC", "RocCurve", "AveragePrecision", "PrecisionRecallCurve")),
    plain("ROC_AUC", ("ranked columns",)),
    plain("AveragePrecision", ("ranked columns", "classes")),
    *(plain(MAP, ("classes", "class missing", "images"), class_mean=c) for c in ("macro", "micro", "weighted", None)),
    *(plain(MAP, RANKED, class_mean=c) for c in ("macro", "micro", "weighted", None)),
    *(
        plain(MAP, ("ranked columns", "ranked images"), class_mean=c, is_multilabel=True)
        for c in ("macro", "micro", "weighted", None)
    ),
    *(plain(MAP, ("classes", "ranked ties"), rec_thresholds=list(np.linspace(0, 1, n))) for n in (2, 11, 101)),
    *(plain(name, VECTORS) for name in ("Entropy", "MutualInformation", "KLDivergence")),
    plain("JSDivergence", VECTORS[:-1]),  # of probabilities that are 0 Ignite's is nan
    *(plain("CosineSimilarity", VECTORS, eps=eps) for eps in (1e-8, 2.0)),
    *(plain("HSIC", VECTORS, sigma_x=x, sigma_y=y) for x, y in ((-1, -1), (2.0, -1), (1.5, 3.0))),
    *(plain("MaximumMeanDiscrepancy", VECTORS[:-1], var=var) for var in (1.0, 10.0)),
    Row("epoch", lambda m: m.EpochMetric(lambda a, b: float((a * b).sum())), ("vectors", "ranked column")),
    Row(
        "group", lambda m: m.MetricGroup({"a": m.Accuracy(), "c": m.ConfusionMatrix(4), "p": m.Precision()}),
        ("classes", "images"),
    ),
    Row(
        "group with transforms",
        lambda m: m.MetricGroup({"a": m.Accuracy(lambda o: (-o[0], o[1]))}, lambda o: (2 * o[0], o[1])), ("classes",),
    ),
]  # fmt: skip
CASES = [(row, output) for row in ROWS for output in row.outputs]


def value(lib: Any, row: Row, output: str, count: int) -> Any:
    """What an engine with the metric attached ends with, in `count` batches."""
    engine = lib.e.Engine(lambda engine, batch: batch)
    row.make(lib.m).attach(engine, "value")
    parts = zip(*(np.array_split(array, count) for array in OUTPUTS[output]), strict=True)
    batches = [tuple(lib.tensor(np.ascontiguousarray(part)) for part in part_of) for part_of in parts]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return engine.run(batches).metrics["value"]


@pytest.mark.parametrize(("row", "output"), CASES, ids=[f"{r.name} {o}".replace(" ", "-") for r, o in CASES])
@pytest.mark.parametrize("count", [1, BATCHES])
def test_value(row: Row, output: str, count: int, ours: Any, theirs: Any, check_same: Any) -> None:
    # Ignite computes in float32 what is float64 here.
    check_same(value(ours, row, output, count), value(theirs, row, output, count), rel=5e-5)
