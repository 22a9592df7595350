"""What metrics refuse: the class of the error, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

import sparkle
from sparkle.engine import Engine
from sparkle.metrics import (
    Accuracy,
    Average,
    ConfusionMatrix,
    GeometricAverage,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Metric,
    Precision,
    Recall,
    RunningAverage,
    TopKCategoricalAccuracy,
    VariableAccumulation,
)
from sparkle.metrics.metric import sync_all_reduce


def zeros(*shape: int) -> sparkle.Tensor:
    return sparkle.zeros(*shape)


def long(*shape: int) -> sparkle.Tensor:
    return sparkle.zeros(*shape, dtype=sparkle.int64)


class Misuse(NamedTuple):
    """A call, the class of its error, and a pattern that its message has."""

    name: str
    call: Callable[[], Any]
    error: type[Exception]
    message: str


def update(metric: Callable[[], Metric], *outputs: Any) -> Callable[[], Any]:
    def call() -> None:
        made = metric()
        for output in outputs:
            made.update(output)

    return call


def multilabel() -> Accuracy:
    return Accuracy(is_multilabel=True)


def run(output: Any, **options: Any) -> Callable[[], Any]:
    """Accuracy of an engine that puts out this."""

    def call() -> None:
        engine = Engine(lambda engine, batch: output)
        Accuracy(**options).attach(engine, "accuracy")
        engine.run([0])

    return call


BINARY = (long(4), long(4))
MULTICLASS = (zeros(4, 3), long(4))

TABLE: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    # made wrongly
    ("transform", lambda: Accuracy(output_transform=3), TypeError, "output_transform should be callable, got 3"),
    ("device", lambda: Accuracy(device="xla"), RuntimeError, "xla"),
    ("average", lambda: Precision(average="mean"), ValueError, "'weighted', 'samples'.*got 'mean'"),
    ("average number", lambda: Recall(average=1), ValueError, "got 1"),
    ("matrix average", lambda: ConfusionMatrix(3, "micro"), ValueError, "'samples', 'recall', 'precision'.*'micro'"),
    ("one class", lambda: ConfusionMatrix(1), ValueError, "num_classes needs to be > 1, got 1"),
    ("normalize", lambda: ConfusionMatrix.normalize(long(2, 2), "samples"), ValueError, "'samples'"),
    ("op", lambda: VariableAccumulation(None), TypeError, "op should be a callable, but given NoneType"),
    ("src", lambda: RunningAverage(3), TypeError, "src should be a Metric or None, got int"),
    ("alpha 0", lambda: RunningAverage(Accuracy(), alpha=0.0), ValueError, r"between 0\.0 and 1\.0, got 0\.0"),
    ("alpha 2", lambda: RunningAverage(Accuracy(), alpha=2), ValueError, "got 2"),
    ("both", lambda: RunningAverage(Accuracy(), output_transform=abs), ValueError, "None if src is a Metric"),
    ("src device", lambda: RunningAverage(Accuracy(), device="cpu"), ValueError, "None if src is a Metric"),
    ("neither", lambda: RunningAverage(), ValueError, "should not be None if src is None"),
    ("reduction", lambda: sync_all_reduce("_sum:MEAN"), ValueError, "'MEAN' of '_sum'"),
    # outputs that are no pair of tensors
    ("number", update(Accuracy, 0.5), TypeError, r"Accuracy: wanted the output \(y_pred, y\), two tensors, met float"),
    ("lists", update(Recall, ([1], [1])), TypeError, r"Recall: .* met \(list, list\); pass an output_transform"),
    ("one", update(lambda: ConfusionMatrix(3), (zeros(4, 3),)), TypeError,
     r"ConfusionMatrix: .* met \(Tensor\)"),
    ("three", update(MeanSquaredError, (zeros(4),) * 3), TypeError, r"met \(Tensor, Tensor, Tensor\)"),
    # shapes of classes
    ("dims", update(Accuracy, (zeros(4, 3, 2), long(4))), ValueError, r"Accuracy: .*\(4,\) vs \(4, 3, 2\)"),
    ("more dims", update(Accuracy, (long(4), long(4, 1))), ValueError, r"\(4, 1\) vs \(4,\)"),
    ("sizes", update(Precision, (zeros(4, 3), long(5))), ValueError, r"compatible shapes.*\(5,\) vs \(4, 3\)"),
    ("not alike", update(Precision, (long(4), long(5))), ValueError, r"Precision: .*compatible shapes"),
    ("pixels", update(Recall, (zeros(4, 3, 2, 2), long(4, 2, 3))), ValueError, "compatible shapes"),
    ("one label", update(multilabel, (long(4, 1), long(4, 1))), ValueError, "num_categories > 1"),
    ("labels", update(multilabel, MULTICLASS), ValueError, "same shape"),
    # values of classes
    ("scores", update(Accuracy, (zeros(4) + 0.5, long(4))), ValueError, "y_pred must be comprised of 0's and 1's"),
    ("targets", update(Accuracy, (long(4), long(4) + 2)), ValueError, "binary cases, y must be comprised"),
    ("nan", update(Precision, (zeros(4) + float("nan"), long(4))), ValueError, "0's and 1's"),
    ("label 3", update(Precision, (zeros(4, 3), long(4) + 3)), ValueError, "has the classes 3 to 3"),
    ("label -1", update(Recall, (zeros(4, 3), long(4) - 1)), ValueError, "classes -1 to -1"),
    ("samples", update(lambda: Recall(average="samples"), MULTICLASS), ValueError, "average='samples'.*multiclass"),
    ("binary samples", update(lambda: Recall(average="samples"), BINARY), ValueError, "'samples'.*binary"),
    ("kind", update(Accuracy, BINARY, MULTICLASS), RuntimeError, "changed from binary to multiclass"),
    ("classes", update(Accuracy, MULTICLASS, (zeros(4, 5), long(4))), ValueError, "changed from 3 to 5"),
    # the others
    ("matrix dims", update(lambda: ConfusionMatrix(3), (long(4), long(4))), ValueError, r"\(4,\) vs \(4,\)"),
    ("matrix classes", update(lambda: ConfusionMatrix(3), (zeros(4, 5), long(4))), ValueError, "5 vs 3"),
    ("matrix sizes", update(lambda: ConfusionMatrix(3), (zeros(4, 3), long(5))), ValueError, "compatible"),
    ("matrix pixels", update(lambda: ConfusionMatrix(3), (zeros(4, 3, 2), long(4))), ValueError, "must have shape"),
    ("k", update(TopKCategoricalAccuracy, (zeros(4, 3), long(4))), RuntimeError, r"k is 5, y_pred is \(4, 3\)"),
    ("k 0", update(lambda: TopKCategoricalAccuracy(0), MULTICLASS), RuntimeError, r"1\.\.3"),
    ("top shape", update(TopKCategoricalAccuracy, (zeros(4, 5), long(3))), RuntimeError, r"\(4, 5\) and \(3,\)"),
    ("elements", update(MeanSquaredError, (zeros(4), zeros(5))), RuntimeError, r"y_pred is \(4,\), y is \(5,\)"),
    ("elements of rows", update(MeanAbsoluteError, (zeros(4, 2), zeros(4))), RuntimeError, "as many elements"),
    ("no mean", update(lambda: Loss(lambda p, y: p - y), (zeros(4), zeros(4))), ValueError, r"one of shape \(4,\)"),
    ("no tensor", update(lambda: Loss(lambda p, y: 0.5), (zeros(4), zeros(4))), ValueError, "but 0.5"),
    ("alone", update(lambda: Loss(abs), (zeros(4),)), ValueError, "y_pred, y.* met 1 items"),
    ("loss", update(lambda: Loss(abs), 0.5), TypeError, "Loss: .*met float; pass an output_transform"),
    ("text", update(Average, "0.5"), TypeError, "Average: Output should be a number or a tensor, but given str"),
    ("root of text", update(GeometricAverage, None), TypeError, "GeometricAverage: .*NoneType"),
    ("pair", update(lambda: RunningAverage(output_transform=abs), (1.0, 2.0)), TypeError,
     "RunningAverage: wanted a number or a tensor, met tuple"),
    # attaching
    ("usage", lambda: Accuracy().attach(Engine(lambda e, b: 0), "a", usage="epoch"), ValueError, "epoch_wise.*'epoch'"),
    ("usage 3", lambda: Accuracy().detach(Engine(lambda e, b: 0), usage=3), TypeError, "Unhandled usage type int"),
    # what the engine puts out
    ("keys", run({"y": 1, "p": 2}), ValueError, r"contain \('y_pred', 'y'\).*\['y', 'p'\].*\['y_pred'\] are missing"),
    ("unequal", run(([1, 0], [1])), ValueError, r"2 items of the same length, got 2 of lengths \[2, 1\]"),
    ("three lists", run(([1], [1], [1])), ValueError, r"got 3 of lengths \[1, 1, 1\]"),
    ("rolled", run(([1], [1]), skip_unrolling=True), TypeError, r"met \(list, list\)"),
]  # fmt: skip
MISUSES = [Misuse(*row) for row in TABLE]


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse.name.replace(" ", "-"))
def test_misuse(misuse: Misuse) -> None:
    with pytest.raises(misuse.error, match=f"(?s){misuse.message}") as caught:
        misuse.call()
    assert type(caught.value) is misuse.error


@pytest.mark.parametrize("metric", [Accuracy, Precision, Recall], ids=lambda metric: metric.__name__)
def test_a_refused_batch_leaves_no_trace(metric: type[Metric]) -> None:
    refused, counted = metric(), metric()
    for part in (refused, counted):
        part.update((sparkle.tensor([1, 1, 0]), sparkle.tensor([1, 0, 0])))
    for output in ((long(4), long(5)), (long(4) + 2, long(4)), MULTICLASS):
        with pytest.raises((ValueError, RuntimeError)):
            refused.update(output)
    assert refused.compute() == counted.compute()


def test_a_refused_first_batch_settles_no_kind() -> None:
    accuracy = Accuracy()
    with pytest.raises(ValueError, match="0's and 1's"):
        accuracy.update((long(4) + 2, long(4)))
    accuracy.update(MULTICLASS)
    assert accuracy.compute() == 1.0


def test_a_mapping_that_is_not_taken() -> None:
    engine = Engine(lambda engine, batch: {"loss": 1.0})
    RunningAverage(output_transform=lambda output: output).attach(engine, "loss")
    with pytest.raises(TypeError, match="RunningAverage metric should be a tuple/list, but given dict"):
        engine.run([0])


def test_no_such_attribute() -> None:
    metric = Accuracy()
    with pytest.raises(AttributeError, match="attachh"):
        metric.attachh(None, "typo")
    assert not hasattr(metric, "std")


def test_metrics_are_not_iterable() -> None:
    with pytest.raises(TypeError):
        iter(Accuracy())
