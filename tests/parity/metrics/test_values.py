"""The same data gives the same values in Ignite and in scikit-learn; the same misuse the same class of error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score, top_k_accuracy_score

import sparkle
from sparkle.metrics import Accuracy, ConfusionMatrix, Precision, Recall, TopKCategoricalAccuracy

BATCHES = 3


def scores(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def labels(seed: int, classes: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, classes, size=shape)


OUTPUTS: dict[str, tuple[np.ndarray, ...]] = {
    "multiclass": (scores(0, 21, 5), labels(1, 5, 21)),
    "two classes": (scores(0, 21, 2), labels(1, 2, 21)),
    "a class is missing": (scores(0, 21, 5), labels(1, 3, 21)),
    "signal": (scores(2, 6, 3, 7), labels(3, 3, 6, 7)),
    "images": (scores(2, 6, 3, 4, 5), labels(3, 3, 6, 4, 5)),
    "binary": (labels(4, 2, 21), labels(5, 2, 21)),
    "binary floats": (labels(4, 2, 21).astype("float32"), labels(5, 2, 21).astype("float32")),
    "binary bools": (labels(4, 2, 21).astype(bool), labels(5, 2, 21).astype(bool)),
    "column": (labels(4, 2, 21, 1), labels(5, 2, 21, 1)),
    "column and row": (labels(4, 2, 21, 1), labels(5, 2, 21)),
    "binary images": (labels(6, 2, 6, 4, 5), labels(7, 2, 6, 4, 5)),
    "one channel": (labels(6, 2, 6, 1, 4, 5), labels(7, 2, 6, 4, 5)),
    "all zero": (labels(4, 1, 21), labels(5, 1, 21)),
    "multilabel": (labels(8, 2, 21, 4), labels(9, 2, 21, 4)),
    "multilabel images": (labels(8, 2, 6, 4, 3, 5), labels(9, 2, 6, 4, 3, 5)),
    "labels out of range": (scores(0, 21, 3), labels(1, 6, 21) - 1),
    "numbers": (scores(10, 21), scores(11, 21)),
    "rows": (scores(10, 21, 3), scores(11, 21, 3)),
    "rows and column": (scores(10, 21, 1), scores(11, 21)),
    "integers": (labels(10, 100, 21), labels(11, 100, 21)),
    "one row": (scores(12, 21, 3),),
    "positive rows": (np.exp(scores(12, 21, 3)),),
    "one image": (scores(12, 6, 3, 4),),
}
SINGLE = ("multiclass", "two classes", "a class is missing", "signal", "images")
DOUBLE = (
    "binary",
    "binary floats",
    "binary bools",
    "column",
    "column and row",
    "binary images",
    "one channel",
    "all zero",
)
MULTI = ("multilabel", "multilabel images")


class Row(NamedTuple):
    """A metric of either library `m`, with tensors of `L`, and the names of its outputs."""

    name: str
    make: Callable[..., Any]
    outputs: tuple[str, ...]


def channels_last(output: Any) -> Any:
    return output[0].moveaxis(1, 2), output[1]


def averages(kind: str) -> list[Row]:
    return [
        Row(
            f"{kind} {average}{' multilabel' * multilabel}",
            lambda L, m, a=average, b=multilabel: getattr(m, kind)(average=a, is_multilabel=b),
            outputs,
        )
        for average in (False, None, True, "macro", "micro", "weighted", "samples")
        for multilabel, outputs in ((False, SINGLE + DOUBLE if average != "samples" else ()), (True, MULTI))
    ]


ROWS = [
    Row("accuracy", lambda L, m: m.Accuracy(), SINGLE + DOUBLE),
    Row("accuracy multilabel", lambda L, m: m.Accuracy(is_multilabel=True), MULTI),
    *averages("Precision"),
    *averages("Recall"),
    *(
        Row(f"confusion {average}", lambda L, m, a=average: m.ConfusionMatrix(3, average=a),
            ("signal", "images", "labels out of range"))
        for average in (None, "samples", "recall", "precision")
    ),
    *(
        Row(f"top {k}", lambda L, m, k=k: m.TopKCategoricalAccuracy(k), ("multiclass", "a class is missing"))
        for k in (1, 2, 5)
    ),
    *(
        Row(kind, lambda L, m, kind=kind: getattr(m, kind)(), ("numbers", "rows", "rows and column", "integers"))
        for kind in ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError")
    ),
    Row("loss", lambda L, m: m.Loss(L.nn.functional.mse_loss), ("numbers", "rows")),
    Row("loss of classes", lambda L, m: m.Loss(L.nn.CrossEntropyLoss()), ("multiclass", "images")),
    Row("loss by rows", lambda L, m: m.Loss(L.nn.functional.l1_loss, batch_size=lambda y: y.shape[1]), ("rows",)),
    Row("average", lambda L, m: m.Average(), ("one row", "one image")),
    Row("geometric", lambda L, m: m.GeometricAverage(), ("positive rows",)),
    Row("accumulation", lambda L, m: m.VariableAccumulation(lambda a, x: a + x.sum(0)), ("one row", "one image")),
    Row("f1", lambda L, m: (lambda p, r: (2 * p * r / (p + r)).mean())(m.Precision(), m.Recall()),
        ("multiclass", "images")),
    Row("formula", lambda L, m: (lambda a, e: 1 - a // 0.3 + (a - 0.5) ** 2 % 7 + 2**e)(m.Accuracy(), m.Accuracy()),
        ("multiclass",)),
    Row("cell", lambda L, m: m.ConfusionMatrix(3)[1, 2], ("images",)),
    Row("sequence", lambda L, m: m.Accuracy(m.Accuracy.get_sequence_transform(1, channels_last)), ("signal",)),
]  # fmt: skip
CASES = [(row, output) for row in ROWS for output in row.outputs]


def batches(lib: Any, output: str, count: int) -> list[Any]:
    parts = zip(*(np.array_split(array, count) for array in OUTPUTS[output]), strict=True)
    tensors = [tuple(lib.tensor(np.ascontiguousarray(part)) for part in parts_of) for parts_of in parts]
    return tensors if len(OUTPUTS[output]) > 1 else [first for (first,) in tensors]


def value(lib: Any, row: Row, output: str, count: int) -> Any:
    """What an engine with the metric attached ends with, in `count` batches."""
    engine = lib.e.Engine(lambda engine, batch: batch)
    row.make(lib.L, lib.m).attach(engine, "value")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ignite on labels that are not of dtype long
        return engine.run(batches(lib, output, count)).metrics["value"]


@pytest.mark.parametrize(("row", "output"), CASES, ids=[f"{r.name} {o}".replace(" ", "-") for r, o in CASES])
@pytest.mark.parametrize("count", [1, BATCHES])
def test_value(row: Row, output: str, count: int, ours: Any, theirs: Any, check_same: Any) -> None:
    # Ignite adds up in float32 what is float64 here.
    check_same(value(ours, row, output, count), value(theirs, row, output, count), rel=2e-6)


# ---------------------------------------------------------------- misuse


def update(make: Callable[[Any], Any], *outputs: Callable[[Any], Any]) -> Callable[..., Any]:
    def call(L: Any, m: Any) -> None:
        metric = make(m)
        for output in outputs:
            metric.update(output(L))

    return call


def run(output: Any, make: Callable[[Any], Any] = lambda m: m.Accuracy()) -> Callable[..., Any]:
    def call(L: Any, m: Any, e: Any) -> None:
        engine = e.Engine(lambda engine, batch: output)
        make(m).attach(engine, "m")
        engine.run([0])

    return call


def zeros(*shape: int) -> Callable[[Any], Any]:
    return lambda L: L.zeros(*shape)


def pair(a: tuple[int, ...], b: tuple[int, ...], scores: float = 0.0, label: int = 0) -> Callable[[Any], Any]:
    return lambda L: (L.zeros(*a) + scores, L.zeros(*b, dtype=L.int64) + label)


MISUSES: dict[str, Callable[..., Any]] = {
    "transform": lambda L, m: m.Accuracy(output_transform=3),
    "mode": lambda L, m: type("M", (m.Average,), {"__init__": lambda s: m.Metric.__init__(s, metrics_result_mode=1)})(),
    "abstract": lambda L, m: m.Metric(),
    "average": lambda L, m: m.Precision(average="mean"),
    "matrix average": lambda L, m: m.ConfusionMatrix(3, "micro"),
    "one class": lambda L, m: m.ConfusionMatrix(1),
    "normalize": lambda L, m: m.ConfusionMatrix.normalize(L.zeros(2, 2), "samples"),
    "op": lambda L, m: m.VariableAccumulation(None),
    "src": lambda L, m: m.RunningAverage(3),
    "alpha": lambda L, m: m.RunningAverage(m.Accuracy(), alpha=0.0),
    "src and transform": lambda L, m: m.RunningAverage(m.Accuracy(), output_transform=abs),
    "src and device": lambda L, m: m.RunningAverage(m.Accuracy(), device="cpu"),
    "neither": lambda L, m: m.RunningAverage(),
    "empty accuracy": lambda L, m: m.Accuracy().compute(),
    "empty precision": lambda L, m: m.Precision().compute(),
    "empty matrix": lambda L, m: m.ConfusionMatrix(3).compute(),
    "empty top": lambda L, m: m.TopKCategoricalAccuracy().compute(),
    "empty error": lambda L, m: m.MeanSquaredError().compute(),
    "empty loss": lambda L, m: m.Loss(abs).compute(),
    "empty average": lambda L, m: m.Average().compute(),
    "empty formula": lambda L, m: (m.Accuracy() + 1).compute(),
    "dims": update(lambda m: m.Accuracy(), pair((4, 3, 2), (4,))),
    "row and column": update(lambda m: m.Accuracy(), pair((4,), (4, 1))),
    "classes and column": update(lambda m: m.Accuracy(), pair((4, 3), (4, 1))),
    "sizes": update(lambda m: m.Recall(), pair((4, 3), (5,))),
    "pixels": update(lambda m: m.Precision(), pair((4, 3, 2, 2), (4, 2, 3))),
    "one label": update(lambda m: m.Accuracy(is_multilabel=True), pair((4, 1), (4, 1))),
    "no labels": update(lambda m: m.Accuracy(is_multilabel=True), pair((4,), (4,))),
    "scores": update(lambda m: m.Accuracy(), pair((4,), (4,), scores=0.5)),
    "targets": update(lambda m: m.Accuracy(), pair((4,), (4,), label=2)),
    "large label": update(lambda m: m.Precision(), pair((4, 3), (4,), label=3)),
    "samples": update(lambda m: m.Recall(average="samples"), pair((4, 3), (4,))),
    "kind": update(lambda m: m.Accuracy(), pair((4,), (4,)), pair((4, 3), (4,))),
    "classes": update(lambda m: m.Accuracy(), pair((4, 3), (4,)), pair((4, 5), (4,))),
    "matrix dims": update(lambda m: m.ConfusionMatrix(3), pair((4,), (4,))),
    "matrix classes": update(lambda m: m.ConfusionMatrix(3), pair((4, 5), (4,))),
    "matrix sizes": update(lambda m: m.ConfusionMatrix(3), pair((4, 3), (5,))),
    "k": update(lambda m: m.TopKCategoricalAccuracy(), pair((4, 3), (4,))),
    "elements": update(lambda m: m.MeanSquaredError(), pair((4,), (5,))),
    "no mean": update(lambda m: m.Loss(lambda p, y: p), pair((4,), (4,))),
    "loss of one": update(lambda m: m.Loss(abs), lambda L: (L.zeros(4),)),
    "loss of a number": update(lambda m: m.Loss(abs), lambda L: 0.5),
    "text": update(lambda m: m.Average(), lambda L: "a"),
    "usage": lambda L, m, e: m.Accuracy().attach(e.Engine(lambda e, b: 0), "m", usage="epoch"),
    "usage 3": lambda L, m, e: m.Accuracy().is_attached(e.Engine(lambda e, b: 0), usage=3),
    "missing keys": run({"y": 1}),
    "unequal lists": run(([1, 0], [1])),
    "three lists": run(([1], [1], [1])),
    "mapping": run({"loss": 1.0}, lambda m: m.RunningAverage(output_transform=lambda o: o)),
    "name clash": run(1.0, lambda m: m.MetricsLambda(lambda a: {"m": a}, m.Average())),
    "state": lambda L, m: m.Accuracy().load_state_dict(3),
    "empty state": lambda L, m: m.Accuracy().load_state_dict({}),
    "function after update": lambda L, m, e: _attach_updated(m, e),
    "update while attached": lambda L, m, e: _update_attached(m, e),
    "not iterable": lambda L, m: m.Accuracy() in 3,
}


def _attach_updated(m: Any, e: Any) -> None:
    metric = m.Average() + 1
    metric.update(1.0)
    metric.attach(e.Engine(lambda e, b: 0), "m")


def _update_attached(m: Any, e: Any) -> None:
    metric = m.Average() + 1
    metric.attach(e.Engine(lambda e, b: 0), "m")
    metric.update(1.0)


def raised(call: Callable[..., Any], lib: Any) -> type[BaseException]:
    arguments = (lib.L, lib.m, lib.e)[: call.__code__.co_argcount]
    try:
        call(*arguments)
    except Exception as error:
        return type(error)
    raise AssertionError(f"{lib.name} raised nothing")


@pytest.mark.parametrize("name", MISUSES)
def test_misuse(name: str, ours: Any, theirs: Any) -> None:
    assert raised(MISUSES[name], ours).__name__ == raised(MISUSES[name], theirs).__name__


# ---------------------------------------------------------------- scikit-learn


@pytest.mark.parametrize("kind", [Precision, Recall], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("average", [None, "macro", "micro", "weighted", "samples"])
@pytest.mark.parametrize("output", ["multiclass", "a class is missing", "binary", "all zero", "multilabel"])
def test_precision_recall_of_sklearn(kind: Any, average: str | None, output: str) -> None:
    if average == "samples" and output != "multilabel":
        return
    y_pred, y = OUTPUTS[output]
    classes = {"binary": 2, "all zero": 2, "multilabel": 4}.get(output, 5)
    metric = kind(average=average, is_multilabel=output == "multilabel")
    metric.update((sparkle.from_numpy(y_pred), sparkle.from_numpy(y)))
    guess = y_pred.argmax(1) if y_pred.dtype.kind == "f" else y_pred
    score = {Precision: precision_score, Recall: recall_score}[kind]
    wanted = score(y, guess, average=average, labels=range(classes), zero_division=0)
    np.testing.assert_allclose(np.asarray(metric.compute()), wanted)


def test_others_of_sklearn() -> None:
    y_pred, y = OUTPUTS["multiclass"]
    output = sparkle.from_numpy(y_pred), sparkle.from_numpy(y)
    accuracy, top, matrix = Accuracy(), TopKCategoricalAccuracy(2), ConfusionMatrix(5)
    for metric in (accuracy, top, matrix):
        metric.update(output)
    assert accuracy.compute() == accuracy_score(y, y_pred.argmax(1))
    assert top.compute() == top_k_accuracy_score(y, y_pred, k=2, labels=range(5))
    assert matrix.compute().tolist() == confusion_matrix(y, y_pred.argmax(1), labels=range(5)).tolist()
    many = OUTPUTS["multilabel"]
    labels_right = Accuracy(is_multilabel=True)
    labels_right.update(tuple(sparkle.from_numpy(array) for array in many))
    assert labels_right.compute() == accuracy_score(many[1], many[0])
