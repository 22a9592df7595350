"""The same scores as scikit-learn's, to the last digits, on random, degenerate and adversarial data."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

import sparkle
import sparkle.metrics as m


def updated(metric: Any, *arrays: np.ndarray, count: int = 3) -> Any:
    for part in zip(*(np.array_split(array, count) for array in arrays), strict=True):
        if len(part[0]):
            metric.update(tuple(sparkle.from_numpy(np.ascontiguousarray(x)) for x in part))
    return metric


def oracle(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return f(*args, **kwargs)


def equal(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            equal(a, b)
    else:
        ours = ours.numpy() if isinstance(ours, sparkle.Tensor) else ours
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
        assert np.shape(ours) == np.shape(theirs)


random = np.random.default_rng(0)
N = 200
SCORES: dict[str, np.ndarray] = {
    "normal": random.normal(size=N),
    "float32": random.normal(size=N).astype("float32"),
    "ties": random.integers(0, 7, N) / 6,
    "integers": random.integers(0, 7, N),
    "constant": np.full(N, 0.3),
    "two values": random.integers(0, 2, N).astype("float64"),
    "offset": random.normal(size=N) * 1e-3 + 1e6,
    "huge": random.normal(size=N) * 1e300,
    "denormal": random.normal(size=N) * 1e-310,
    "zeros of both signs": np.where(random.random(N) < 0.5, -0.0, 0.0),
    "sorted": np.arange(N) / N,
}
LABELS: dict[str, np.ndarray] = {
    "even": random.integers(0, 2, N),
    "rare": (random.random(N) < 0.02).astype(int),
    "one positive": np.eye(N, dtype=int)[17],
    "one negative": 1 - np.eye(N, dtype=int)[17],
    "all positive": np.ones(N, int),
    "all negative": np.zeros(N, int),
    "floats": random.integers(0, 2, N).astype("float32"),
    "bools": random.integers(0, 2, N).astype(bool),
    "signs": random.integers(0, 2, N) * 2 - 1,
}
RANKING = {
    "ROC_AUC": (m.ROC_AUC, sk.roc_auc_score),
    "RocCurve": (m.RocCurve, sk.roc_curve),
    "AveragePrecision": (m.AveragePrecision, sk.average_precision_score),
    "PrecisionRecallCurve": (m.PrecisionRecallCurve, sk.precision_recall_curve),
}


@pytest.mark.parametrize("name", RANKING)
@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("labels", LABELS)
def test_ranking(name: str, scores: str, labels: str) -> None:
    metric, f = RANKING[name]
    equal(updated(metric(), SCORES[scores], LABELS[labels]).compute(), oracle(f, LABELS[labels], SCORES[scores]))


@pytest.mark.parametrize("name", RANKING)
@settings(max_examples=150, deadline=None)
@given(data=st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 1.0, 7.0]), st.booleans()), min_size=1))
def test_ranking_of_few(name: str, data: list[tuple[float, bool]]) -> None:
    metric, f = RANKING[name]
    scores, labels = (np.array(column) for column in zip(*data, strict=True))
    equal(updated(metric(), scores, labels, count=2).compute(), oracle(f, labels, scores))


@pytest.mark.parametrize("name", ["ROC_AUC", "AveragePrecision"])
def test_ranking_of_columns(name: str) -> None:
    metric, f = RANKING[name]
    scores, labels = random.integers(0, 30, (N, 4)) / 30, random.integers(0, 2, (N, 4))
    equal(updated(metric(), scores, labels).compute(), f(labels, scores))


def test_average_precision_of_classes() -> None:
    scores, labels = random.normal(size=(N, 4)), random.integers(0, 4, N)
    equal(updated(m.AveragePrecision(), scores, labels).compute(), sk.average_precision_score(labels, scores))
    ours = updated(m.MeanAveragePrecision(class_mean="weighted"), scores, labels).compute()
    equal(ours, sk.average_precision_score(np.eye(4)[labels], scores, average="weighted"))


BINNED = {
    "ROC_AUC": (m.BinnedROC_AUC, sk.roc_auc_score),
    "AveragePrecision": (m.BinnedAveragePrecision, sk.average_precision_score),
}


@pytest.mark.parametrize("name", BINNED)
@pytest.mark.parametrize("scores", ["ties", "normal", "constant", "two values", "sorted", "float32"])
@pytest.mark.parametrize("labels", [name for name in LABELS if name != "signs"])
@pytest.mark.parametrize("thresholds", [2, 11, 200, [0.5], [-1.0, 0.25, 3.0]])
def test_binned_areas_are_those_of_rounded_scores(name: str, scores: str, labels: str, thresholds: Any) -> None:
    metric, f = BINNED[name]
    edges = np.arange(thresholds) / (thresholds - 1) if isinstance(thresholds, int) else np.array(thresholds)
    rounded = (np.asarray(SCORES[scores])[:, None] >= edges).sum(axis=1)
    ours = updated(metric(thresholds), SCORES[scores], LABELS[labels]).compute()
    equal(ours, oracle(f, LABELS[labels], rounded))


@pytest.mark.parametrize("scores", ["ties", "normal", "sorted"])
@pytest.mark.parametrize("labels", ["even", "rare", "one negative"])
def test_binned_curves(scores: str, labels: str) -> None:
    x, y, edges = SCORES[scores], LABELS[labels], np.arange(11) / 10
    above = x >= np.array([*edges[::-1], -np.inf])[:, None]
    fpr, tpr, thresholds = updated(m.BinnedRocCurve(11), x, y).compute()
    assert thresholds.tolist() == [np.inf, *edges[::-1], -np.inf]
    equal((fpr[1:], tpr[1:]), (above[:, y == 0].mean(axis=1), above[:, y == 1].mean(axis=1)))
    precision, recall, thresholds = updated(m.BinnedPrecisionRecallCurve(11), x, y).compute()
    assert thresholds.tolist() == [-np.inf, *edges]
    wanted = [y[row].mean() if row.any() else 1.0 for row in above]
    equal((precision, recall), (np.array([*wanted[::-1], 1.0]), np.append(above[::-1, y == 1].mean(axis=1), 0.0)))


PAIRS: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "random": (random.integers(0, 5, N), random.integers(0, 5, N)),
    "alike": (np.arange(N) % 4, np.where(random.random(N) < 0.8, np.arange(N) % 4, 0)),
    "equal": (np.arange(N) % 4, np.arange(N) % 4),
    "opposite": (np.arange(N) % 2, 1 - np.arange(N) % 2),
    "one predicted": (np.zeros(N, int), np.arange(N) % 3),
    "one true": (np.arange(N) % 3, np.full(N, 2)),
    "one": (np.full(N, 3), np.full(N, 3)),
    "disjoint": (np.zeros(N, int), np.full(N, 3)),
    "two examples": (np.array([0, 1]), np.array([1, 1])),
    "one example": (np.array([1]), np.array([0])),
}


@pytest.mark.parametrize("classes", [None, 5, 9])
@pytest.mark.parametrize("data", PAIRS)
def test_agreement(data: str, classes: int | None) -> None:
    y_pred, y = PAIRS[data]
    ours = updated(m.MatthewsCorrCoef(num_classes=classes), y_pred, y).compute()
    equal(ours, oracle(sk.matthews_corrcoef, y, y_pred))
    for weights in (None, "linear", "quadratic"):
        ours = updated(m.CohenKappa(weights=weights, num_classes=classes), y_pred, y).compute()
        equal(ours, oracle(sk.cohen_kappa_score, y, y_pred, weights=weights, labels=range(5)))


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("data", [name for name in PAIRS if name not in ("one true", "one", "disjoint", "one example")])
def test_balanced_accuracy(data: str, adjusted: bool) -> None:
    y_pred, y = PAIRS[data]
    ours = updated(m.BalancedAccuracy(adjusted), np.eye(5)[y_pred], y).compute()
    if data != "two examples" or not adjusted:
        equal(ours, oracle(sk.balanced_accuracy_score, y, y_pred, adjusted=adjusted))
    else:
        assert np.isnan(ours)


@pytest.mark.parametrize("beta", [1, 2])
@pytest.mark.parametrize("data", PAIRS)
def test_report(data: str, beta: int) -> None:
    y_pred, y = PAIRS[data]
    report = updated(m.PerClassReport(beta=beta), np.eye(5)[y_pred], y).compute()
    values = oracle(sk.precision_recall_fscore_support, y, y_pred, beta=beta, labels=range(5), zero_division=0)
    for i, row in enumerate(zip(*values, strict=True)):
        equal(tuple(report[str(i)].values()), row)
    for average in ("macro", "weighted"):
        wanted = oracle(
            sk.precision_recall_fscore_support, y, y_pred, beta=beta, labels=range(5), average=average, zero_division=0
        )
        equal(tuple(report[f"{average} avg"].values())[:3], wanted[:3])
    equal(report["accuracy"], sk.accuracy_score(y, y_pred))


def test_report_table() -> None:
    y_pred, y = random.integers(0, 4, 500), random.integers(0, 4, 500)
    names = ["a", "bb", "a class with a long name", "0"]
    ours = updated(m.PerClassReport(labels=names, digits=4), np.eye(4)[y_pred], y).table()
    assert ours == sk.classification_report(y, y_pred, target_names=names, digits=4).rstrip()
    y_pred, y = random.integers(0, 2, (500, 3)), random.integers(0, 2, (500, 3))
    ours = updated(m.PerClassReport(is_multilabel=True, as_table=True), y_pred, y).compute()
    assert ours == oracle(sk.classification_report, y, y_pred).rstrip()
    y_pred, y = random.integers(0, 2, 500), random.integers(0, 2, 500)
    assert updated(m.PerClassReport(), y_pred, y).table() == sk.classification_report(y, y_pred).rstrip()


@pytest.mark.parametrize("average", [False, None, "macro", "micro", "weighted", "samples"])
def test_specificity_is_the_recall_of_the_opposite(average: Any) -> None:
    y_pred, y = random.integers(0, 2, (N, 4)), random.integers(0, 2, (N, 4))
    ours = updated(m.Specificity(average=average, is_multilabel=True), y_pred, y).compute()
    negatives = sk.recall_score(1 - y, 1 - y_pred, average=average or None, zero_division=0)
    if average == "weighted":  # weights are how often a class is true
        negatives = np.average(sk.recall_score(1 - y, 1 - y_pred, average=None), weights=y.sum(axis=0))
    equal(ours, negatives)


def test_specificity_of_classes() -> None:
    y_pred, y = PAIRS["random"]
    matrices = sk.multilabel_confusion_matrix(y, y_pred)
    ours = updated(m.Specificity(), np.eye(5)[y_pred], y).compute()
    equal(ours, matrices[:, 0, 0] / matrices[:, 0].sum(axis=1))
    y_pred, y = random.integers(0, 2, N), random.integers(0, 2, N)
    equal(updated(m.Specificity(), y_pred, y).compute(), sk.recall_score(y, y_pred, pos_label=0))


@pytest.mark.parametrize("kind", ["random", "certain", "one class"])
def test_brier(kind: str) -> None:
    p, y = random.random(N), random.integers(0, 2, N)
    p = np.round(p) if kind == "certain" else p
    y = y * 0 if kind == "one class" else y
    equal(updated(m.BrierScore(), p, y).compute(), sk.brier_score_loss(y, p, labels=[0, 1]))
    q = random.random((N, 4))
    q, classes = q / q.sum(axis=1, keepdims=True), random.integers(0, 4, N)
    for half in (False, True):
        theirs = sk.brier_score_loss(classes, q, scale_by_half=half, labels=range(4))
        equal(updated(m.BrierScore(scale_by_half=half), q, classes).compute(), theirs)


def calibration(confidence: np.ndarray, right: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The share of each bin that is not empty, and its gap, bin by bin."""
    rows = []
    for i in range(n):
        inside = (confidence > i / n) & (confidence <= (i + 1) / n) | ((i == 0) & (confidence == 0))
        if inside.any():
            rows.append((inside.mean(), abs(right[inside].mean() - confidence[inside].mean())))
    shares, gaps = zip(*rows, strict=True)
    return np.array(shares), np.array(gaps)


@pytest.mark.parametrize("bins", [1, 4, 10, 15])
@pytest.mark.parametrize("kind", ["random", "ties", "certain"])
def test_calibration(bins: int, kind: str) -> None:
    p, y = random.random(N), random.integers(0, 2, N)
    p = {"random": p, "ties": np.round(p * 8) / 8, "certain": np.round(p)}[kind]
    share, gap = calibration(p, y, bins)
    equal(updated(m.ExpectedCalibrationError(bins), p, y).compute(), share @ gap)
    equal(updated(m.ExpectedCalibrationError(bins, "l2"), p, y).compute(), np.sqrt(share @ gap**2))
    equal(updated(m.ExpectedCalibrationError(bins, "max"), p, y).compute(), gap.max())
    q, classes = random.random((N, 3, 2)), random.integers(0, 3, (N, 2))
    q = q / q.sum(axis=1, keepdims=True)
    share, gap = calibration(q.max(axis=1).ravel(), (q.argmax(axis=1) == classes).ravel(), bins)
    equal(updated(m.ExpectedCalibrationError(bins), q, classes).compute(), share @ gap)


REFUSED = {
    "nan": (np.array([0.5, np.nan]), np.array([0, 1])),
    "three labels": (np.array([0.5, 0.1, 0.3]), np.array([0, 1, 2])),
    "classes": (np.zeros((4, 3)), np.array([0, 1, 2, 1])),
}


@pytest.mark.parametrize("name", RANKING)
@pytest.mark.parametrize("data", REFUSED)
def test_refused(name: str, data: str) -> None:
    if (name, data) in {("AveragePrecision", "classes")}:
        return
    metric, f = RANKING[name]
    scores, labels = REFUSED[data]
    with pytest.raises(ValueError, match=r"."):
        oracle(f, labels, scores)
    with pytest.raises(ValueError, match=r"labels|scores"):
        updated(metric(), scores, labels, count=1).compute()
