"""nan, inf, large offsets and other hard data: what metrics of classes and distributions make of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import sparkle
import sparkle.metrics as m

nan, inf = math.nan, math.inf


def updated(metric: Any, *batches: tuple[Any, Any]) -> Any:
    for y_pred, y in batches:
        metric.update((sparkle.tensor(y_pred), sparkle.tensor(y)))
    return metric


LABELS = [0, 1, 1]
NAN_ROW = [[nan, 1.0], [0.0, 1.0]]
ROWS = [[0.0, 1.0], [2.0, 1.0]]

NAN_IS_NAN = {
    "Entropy": (m.Entropy(), NAN_ROW, [0, 0]),
    "MutualInformation": (m.MutualInformation(), NAN_ROW, [0, 0]),
    "KLDivergence": (m.KLDivergence(), NAN_ROW, ROWS),
    "JSDivergence": (m.JSDivergence(), ROWS, NAN_ROW),
    "CosineSimilarity": (m.CosineSimilarity(), ROWS, NAN_ROW),
    "HSIC": (m.HSIC(), [[nan], [1.0], [2.0], [3.0]], [[0.0], [1.0], [2.0], [3.0]]),
    "MaximumMeanDiscrepancy": (m.MaximumMeanDiscrepancy(), ROWS, NAN_ROW),
    "BrierScore": (m.BrierScore(), [0.5, nan, 1.0], LABELS),
    "ExpectedCalibrationError": (m.ExpectedCalibrationError(), [0.5, nan, 1.0], LABELS),
    "ExpectedCalibrationError max": (m.ExpectedCalibrationError(norm="max"), [[0.5, 0.5], [nan, 1.0]], [0, 1]),
    "inf": (m.Entropy(), [[inf, inf]], [0]),
    "everything is impossible": (m.Entropy(), [[-inf, -inf]], [0]),
}


@pytest.mark.parametrize("name", NAN_IS_NAN)
def test_nan_makes_the_value_nan(name: str) -> None:
    metric, y_pred, y = NAN_IS_NAN[name]
    assert math.isnan(updated(metric, (y_pred, y)).compute())


NAN_IS_REFUSED = [
    *(m.ROC_AUC(), m.RocCurve(), m.AveragePrecision(), m.PrecisionRecallCurve(), m.MeanAveragePrecision()),
    *(m.BinnedROC_AUC(), m.BinnedRocCurve(), m.BinnedAveragePrecision(), m.BinnedPrecisionRecallCurve()),
]


@pytest.mark.parametrize("metric", NAN_IS_REFUSED, ids=lambda metric: type(metric).__name__)
def test_nan_has_no_rank(metric: Any) -> None:
    updated(metric, ([0.1, 0.9, 0.3], LABELS), ([nan, 0.5, 0.5], LABELS))
    with pytest.raises(ValueError, match="scores contain nan"):
        metric.compute()
    metric.reset()
    updated(metric, ([0.1, 0.9, 0.3], LABELS)).compute()


def test_nan_is_the_greatest_score_of_a_row() -> None:
    assert updated(m.Accuracy(), ([[0.1, nan], [0.9, 0.1]], [1, 0])).compute() == 1.0


VALUES: list[tuple[str, Any, tuple[Any, Any], Any]] = [
    ("infinite scores", m.ROC_AUC(), ([-inf, inf, 3.0, -inf], [0, 1, 1, 1]), 2.5 / 3),
    ("infinite scores binned", m.BinnedROC_AUC(), ([-inf, inf, 0.3, -inf], [0, 1, 1, 1]), 2.5 / 3),
    ("masked class", m.Entropy(), ([[0.0, 0.0, -inf]], [0]), math.log(2)),
    ("masked class of both", m.KLDivergence(), ([[0.0, 0.0, -inf]], [[0.0, 0.0, -inf]]), 0.0),
    ("impossible truth", m.KLDivergence(), ([[0.0, -inf]], [[0.0, 0.0]]), inf),
    ("disjoint", m.JSDivergence(), ([[0.0, -inf]], [[-inf, 0.0]]), math.log(2)),
    ("sharp predictions", m.MutualInformation(), ([[1e4, 0.0], [0.0, 1e4]], [0, 0]), math.log(2)),
    ("logits far off", m.Entropy(), ([[1e30, 1e30]], [0]), math.log(2)),
    ("long vectors", m.CosineSimilarity(), ([[1e30, 1e30]], [[1e30, 1e30]]), 1.0),
    ("short vectors", m.CosineSimilarity(eps=1e-30), ([[1e-20, 0.0]], [[1e-20, 0.0]]), 1.0),
    ("zero vector", m.CosineSimilarity(), ([[0.0, 0.0]], [[1.0, 0.0]]), 0.0),
    ("constant", m.HSIC(), (np.ones((6, 2)), np.eye(6)), 0.0),
    ("half of them constant", m.HSIC(), (np.repeat([[0.0], [1.0]], [5, 1], axis=0), np.ones((6, 1))), 0.0),
    ("the same sample", m.MaximumMeanDiscrepancy(), (np.ones((4, 2)), np.ones((4, 2))), 0.0),
    ("huge", m.MaximumMeanDiscrepancy(), (np.full((3, 1), 1e150), np.full((3, 1), -1e150)), math.sqrt(2)),
    ("certain and right", m.BrierScore(), ([1.0, 0.0], [1, 0]), 0.0),
    ("certain and wrong", m.ExpectedCalibrationError(), ([1.0, 0.0], [0, 1]), 1.0),
    ("one label", m.MatthewsCorrCoef(), ([1, 1], [1, 1]), 0.0),
    ("large labels", m.CohenKappa(), ([10**12, -5], [10**12, -5]), 1.0),
    ("one label of kappa", m.CohenKappa(), ([1, 1], [1, 1]), nan),
    ("only positives", m.ROC_AUC(), ([0.1, 0.2], [1, 1]), nan),
    ("no positives", m.AveragePrecision(), ([0.1, 0.2], [0, 0]), 0.0),
    ("one class was true", m.BalancedAccuracy(), ([[1.0, 0.0], [0.0, 1.0]], [0, 0]), 0.5),
    ("one class was true, adjusted", m.BalancedAccuracy(True), ([[1.0, 0.0], [0.0, 1.0]], [0, 0]), nan),
    ("never negative", m.Specificity(), ([1, 0], [1, 1]), 0.0),
]


@pytest.mark.parametrize(("name", "metric", "output", "wanted"), VALUES, ids=[row[0] for row in VALUES])
def test_value(name: str, metric: Any, output: Any, wanted: float) -> None:
    assert updated(metric, output).compute() == pytest.approx(wanted, rel=1e-6, abs=1e-12, nan_ok=True)


def test_an_offset_costs_no_digits() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(20, 3)), random.normal(size=(20, 3))
    for kind in (m.HSIC, m.MaximumMeanDiscrepancy):
        near, far = (updated(kind(), (x + offset, x[::-1] ** 2 + y + offset)).compute() for offset in (0, 1e6))
        assert far == pytest.approx(near, rel=1e-7)
    scores, labels = x.ravel(), (y.ravel() > 0).astype(int)
    near, far = (updated(m.ROC_AUC(), (scores + offset, labels)).compute() for offset in (0, 1e6))
    assert near == far


def test_sums_are_float64() -> None:
    certain, open_ = [[100.0, 0.0]] * 1000, [[0.0, 0.0]]
    metric = updated(m.Entropy(), (open_, [0]), *[(certain, [0] * 1000)] * 20)
    assert metric.compute() == pytest.approx(math.log(2) / 20001, rel=1e-9)


WRONG: list[tuple[str, Any, Any, type[Exception], str]] = [
    ("one class", lambda: m.MatthewsCorrCoef(num_classes=1), None, ValueError, "num_classes needs to be > 1"),
    ("unknown label", lambda: m.MatthewsCorrCoef(num_classes=2), ([1, 2], [0, 1]), ValueError, r"in 0\.\.1"),
    ("half a label", m.MatthewsCorrCoef, ([0.5, 1.0], [0, 1]), ValueError, "whole numbers"),
    ("labels", m.CohenKappa, ([0, 1, 1], [0, 1]), ValueError, r"\(3,\) labels, y has \(2,\)"),
    ("thresholds", lambda: m.BinnedROC_AUC(1), None, ValueError, "at least 2, got 1"),
    ("no thresholds", lambda: m.BinnedROC_AUC([]), None, ValueError, "at least one"),
    ("threshold nan", lambda: m.BinnedROC_AUC([nan]), None, ValueError, "numbers"),
    ("thresholds of text", lambda: m.BinnedROC_AUC(0.5), None, TypeError, "got 0.5"),
    ("binned shapes", m.BinnedROC_AUC, ([0.5, 0.1], [1]), ValueError, r"\(2,\) and \(1,\)"),
    ("binned labels", m.BinnedROC_AUC, ([0.5, 0.1], [1, 2]), ValueError, "0 and 1"),
    ("bins", lambda: m.ExpectedCalibrationError(0), None, ValueError, "n_bins should be at least 1"),
    ("norm", lambda: m.ExpectedCalibrationError(norm="l3"), None, ValueError, "norm should be one of"),
    ("no probabilities", m.BrierScore, ([1.5], [1]), ValueError, "between 0 and 1"),
    ("no probability", m.ExpectedCalibrationError, ([-0.5], [1]), ValueError, "between 0 and 1"),
    ("brier shapes", m.BrierScore, ([[0.5, 0.5]], [1, 0]), ValueError, r"got \(1, 2\) and \(2,\)"),
    ("brier labels", m.BrierScore, ([[0.5, 0.5]], [2]), ValueError, r"one of 0\.\.1"),
    ("report labels", lambda: m.PerClassReport(labels=["a"]), (ROWS, [0, 1]), ValueError, "1 labels"),
    ("report names", lambda: m.PerClassReport(labels=["a", "macro avg"]), None, ValueError, "should differ"),
    ("report twice", lambda: m.PerClassReport(labels=["a", "a"]), None, ValueError, "should differ"),
    ("report beta", lambda: m.PerClassReport(beta=0), None, ValueError, "Beta should be"),
    ("cosine shapes", m.CosineSimilarity, ([[1.0, 2.0]], [[1.0]]), ValueError, r"\(1, 2\) and \(1, 1\)"),
    ("hsic sizes", m.HSIC, ([[1.0]], [[1.0], [2.0]]), ValueError, r"\(1, 1\) and \(2, 1\)"),
    ("one example", m.MaximumMeanDiscrepancy, ([[1.0]], [[1.0]]), ValueError, "B > 1"),
    ("specificity labels", m.Specificity, (ROWS, [0, 2]), ValueError, r"one of 0\.\.1 and has the classes 0 to 2"),
]


@pytest.mark.parametrize(("name", "make", "output", "error", "message"), WRONG, ids=[row[0] for row in WRONG])
def test_refused(name: str, make: Any, output: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        updated(make(), *([] if output is None else [output])).compute()


def test_another_number_of_classes() -> None:
    metric = updated(m.MutualInformation(), (ROWS, [0, 0]))
    with pytest.raises(ValueError, match="has 3 classes, before it had 2"):
        updated(metric, ([[1.0, 2.0, 3.0]], [0]))


def test_no_pair() -> None:
    with pytest.raises(TypeError, match=r"ROC_AUC: wanted the output \(y_pred, y\), two tensors, met Tensor"):
        m.ROC_AUC().update(sparkle.ones(3))
