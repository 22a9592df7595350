"""Merging two metrics of a kind: what is refused, what a subclass can say, which devices and copies."""

from __future__ import annotations

from typing import Any

import pytest

import sparkle
from sparkle.metrics import (
    Accuracy,
    Average,
    BinnedROC_AUC,
    ConfusionMatrix,
    MeanSquaredError,
    Metric,
    MetricGroup,
    Precision,
    RunningAverage,
    TopKCategoricalAccuracy,
    VariableAccumulation,
)
from sparkle.metrics.metric import sync_all_reduce

CLASSES = sparkle.tensor([[0.9, 0.1, 0.0], [0.1, 0.2, 0.7]]), sparkle.tensor([0, 1])
TWO_CLASSES = sparkle.tensor([[0.9, 0.1], [0.1, 0.2]]), sparkle.tensor([0, 1])
BINARY = sparkle.tensor([0, 1]), sparkle.tensor([1, 1])


def updated(metric: Any, *outputs: Any) -> Any:
    for output in outputs:
        metric.update(output)
    return metric


REFUSED: list[tuple[str, Any, Any, type[Exception], str]] = [
    ("another class", Accuracy(), Precision(), TypeError, r"Accuracy\.merge: wanted another Accuracy, met Precision"),
    ("a subclass", MeanSquaredError(), type("M", (MeanSquaredError,), {})(), TypeError, "met M"),
    ("no metric", Accuracy(), {"_sum": 1}, TypeError, "met dict"),
    ("average", Precision(average="micro"), Precision(average="macro"), ValueError, r"_average is 'micro' here"),
    ("k", TopKCategoricalAccuracy(1), TopKCategoricalAccuracy(2), ValueError, r"_k is 1 here and 2 in the other"),
    ("classes", ConfusionMatrix(2), ConfusionMatrix(3), ValueError, "num_classes is 2 here and 3"),
    ("thresholds", BinnedROC_AUC([0.5]), BinnedROC_AUC([0.6]), ValueError, "thresholds is"),
    ("kinds", updated(Accuracy(), BINARY), updated(Accuracy(), CLASSES), ValueError, r"\(kind, classes\) are"),
    ("numbers of classes", updated(Accuracy(), TWO_CLASSES), updated(Accuracy(), CLASSES), ValueError, "classes"),
    ("sizes", updated(Precision(), TWO_CLASSES), updated(Precision(), CLASSES), ValueError, r"shape \(2,\) here"),
    ("order", RunningAverage(output_transform=abs), RunningAverage(output_transform=abs), TypeError, "order"),
    ("op", VariableAccumulation(max), VariableAccumulation(max), TypeError, "merge_op"),
    ("part", 1 - Precision(average="micro"), 1 - Precision(), ValueError, "_average"),
    ("group", MetricGroup({"a": Accuracy()}), MetricGroup({"a": Precision()}), TypeError, "wanted another Accuracy"),
    ("vectors", updated(Average(), sparkle.ones(1)), updated(Average(), sparkle.ones(2)), ValueError, r"\(1,\) here"),
]


@pytest.mark.parametrize(("name", "metric", "other", "error", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(name: str, metric: Metric, other: Any, error: type[Exception], message: str) -> None:
    before = str(metric.state_dict())
    with pytest.raises(error, match=message):
        metric.merge(other)
    assert str(metric.state_dict()) == before


def test_all_is_checked_before_anything_is_changed() -> None:
    def group(k: int) -> MetricGroup:
        return MetricGroup({"a": Average(lambda output: 1.0), "k": TopKCategoricalAccuracy(k)})

    metric, other = updated(group(1), CLASSES), updated(group(2), CLASSES)
    with pytest.raises(ValueError, match="_k"):
        metric.merge(other)
    assert metric.compute()["a"] == 1.0
    assert metric.metrics["a"].num_examples == 1


class Extremes(Metric):
    """Written with Ignite's decorator, which says how attributes are reduced."""

    required_output_keys = None
    _state_dict_all_req_keys = ("_least", "_most", "_largest", "_product", "_count")

    def reset(self) -> None:
        self._least, self._most, self._largest, self._product, self._count = 1e9, 0.0, sparkle.tensor(-1e9), 1.0, 0

    def update(self, output: float) -> None:
        self._least = min(self._least, output)
        self._most = max(self._most, output)
        self._largest = sparkle.maximum(self._largest, sparkle.tensor(output))
        self._product *= output
        self._count += 1

    @sync_all_reduce("_least:MIN", "_most:MAX", "_largest:MAX", "_product:PRODUCT", "_count")
    def compute(self) -> Any:
        return self._least, self._most, self._largest.item(), self._product, self._count


def test_the_decorator_says_how() -> None:
    first, second = updated(Extremes(), 3.0, 5.0), updated(Extremes(), 2.0, 4.0)
    first.merge(second)
    assert first.compute() == (2.0, 5.0, 5.0, 120.0, 4)


def test_the_kind_is_taken_over() -> None:
    empty = Accuracy()
    empty.merge(updated(Accuracy(), CLASSES))
    with pytest.raises(RuntimeError, match="changed from multiclass to binary"):
        empty.update(BINARY)


def test_what_is_taken_over_is_copied() -> None:
    empty, filled = ConfusionMatrix(3), updated(ConfusionMatrix(3), CLASSES)
    empty.merge(filled)
    empty.confusion_matrix.zero_()
    assert filled.compute().sum().item() == 2


def test_average_of_images() -> None:
    first, second = updated(Average(), sparkle.ones(2, 3, 4)), updated(Average(), sparkle.zeros(2, 3, 4))
    first.merge(second)
    assert first.compute().tolist() == [[0.5] * 4] * 3
