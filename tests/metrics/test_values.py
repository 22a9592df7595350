"""The value of each metric beside NumPy's: in one batch and in many, saved and loaded on the way, and from nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import sparkle
from sparkle.metrics import (
    Accuracy,
    Average,
    ConfusionMatrix,
    GeometricAverage,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Metric,
    NotComputableError,
    Precision,
    Recall,
    RootMeanSquaredError,
    RunningAverage,
    TopKCategoricalAccuracy,
    VariableAccumulation,
)

BATCHES = 4
random = np.random.default_rng(7)


# ---------------------------------------------------------------- outputs, each cut into BATCHES along its first dim


def scores(*shape: int) -> np.ndarray:
    return random.normal(size=shape).astype("float32")


def labels(classes: int, *shape: int) -> np.ndarray:
    return random.integers(0, classes, size=shape)


MULTICLASS = (scores(20, 3), labels(3, 20))
IMAGES = (scores(8, 3, 4, 5), labels(3, 8, 4, 5))
BINARY = (labels(2, 20), labels(2, 20))
COLUMN = (labels(2, 20, 1), labels(2, 20, 1))
COLUMN_OF_FLOATS = (labels(2, 20, 1).astype("float32"), labels(2, 20))
BINARY_IMAGES = (labels(2, 8, 3, 4), labels(2, 8, 3, 4))
MULTILABEL = (labels(2, 20, 4), labels(2, 20, 4))
MULTILABEL_IMAGES = (labels(2, 8, 4, 3, 5), labels(2, 8, 4, 3, 5))
WITH_UNKNOWN = (scores(20, 3), labels(5, 20) - 1)  # -1 and 3 are no classes
NUMBERS = (scores(20), scores(20))
VECTORS = (scores(20, 3), scores(20, 3))
BYTES = tuple(random.integers(0, 256, size=20).astype("uint8") for _ in range(2))
FAR = tuple((1e6 + random.normal(size=20)).astype("float32") for _ in range(2))


# ---------------------------------------------------------------- what NumPy gives


def rows(x: np.ndarray) -> np.ndarray:
    """(N, C, ...) as (N * ..., C)."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def accuracy(y_pred: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((y_pred.argmax(1) if y_pred.ndim > y.ndim else y_pred) == y))


def accuracy_of_rows(y_pred: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((rows(y_pred) == rows(y)).all(1)))


def table(y_pred: np.ndarray, y: np.ndarray, classes: int) -> np.ndarray:
    counts = np.zeros((classes, classes), dtype="int64")
    for true, guess in zip(y.reshape(-1), y_pred.argmax(1).reshape(-1), strict=True):
        if 0 <= true < classes:
            counts[true, guess] += 1
    return counts


def marks(y_pred: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true as zeros and ones (examples, classes)."""
    if y_pred.ndim > y.ndim:
        classes = np.arange(y_pred.shape[1])
        return y_pred.argmax(1).reshape(-1, 1) == classes, y.reshape(-1, 1) == classes
    return rows(y_pred) == 1, rows(y) == 1


def both_classes(y_pred: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return y_pred.reshape(-1, 1) == [0, 1], y.reshape(-1, 1) == [0, 1]


def one_class(y_pred: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return y_pred.reshape(-1, 1) == 1, y.reshape(-1, 1) == 1


def ratio(hits: Any, positives: Any) -> np.ndarray:
    hits, positives = np.asarray(hits, dtype=float), np.asarray(positives, dtype=float)
    return np.divide(hits, positives, out=np.zeros_like(hits), where=positives > 0)


def by_class(which: str, average: Any, marked: Callable[..., Any] = marks) -> Callable[..., Any]:
    """Precision ("predicted") or recall ("true") by NumPy."""

    def value(y_pred: np.ndarray, y: np.ndarray) -> Any:
        predicted, true = marked(y_pred, y)
        hits, positives = predicted & true, predicted if which == "predicted" else true
        if average == "samples":
            return float(ratio(hits.sum(1), positives.sum(1)).mean())
        if average == "micro":
            return float(ratio(hits.sum(), positives.sum()))
        each = ratio(hits.sum(0), positives.sum(0))
        if average == "macro":
            return float(each.mean())
        if average == "weighted":
            return float((each * true.sum(0)).sum() / true.sum())
        return float(each[0]) if len(each) == 1 else each

    return value


def mean_square(y_pred: sparkle.Tensor, y: sparkle.Tensor) -> sparkle.Tensor:
    return ((y_pred - y) ** 2).mean()


def far_errors(power: int) -> float:
    return float(np.mean(np.abs(FAR[0].astype("float64") - FAR[1].astype("float64")) ** power))


def decayed(values: np.ndarray, alpha: float) -> float:
    value = None
    for batch in np.array_split(values.astype(float), BATCHES):
        value = batch.mean() if value is None else alpha * value + (1 - alpha) * batch.mean()
    return float(value)


class Row(NamedTuple):
    """A metric, the arrays of its output, and its value."""

    name: str
    make: Callable[[], Metric]
    arrays: tuple[np.ndarray, ...]
    value: Any
    one_batch: bool = True  # is the value of one batch that of many?

    def outputs(self, batches: int) -> list[Any]:
        parts = zip(*(np.array_split(array, batches) for array in self.arrays), strict=True)
        tensors = [tuple(sparkle.from_numpy(np.ascontiguousarray(part)) for part in parts_of) for parts_of in parts]
        return tensors if len(self.arrays) > 1 else [output for (output,) in tensors]


def row(name: str, make: Callable[[], Metric], arrays: tuple[np.ndarray, ...], value: Any, **options: Any) -> Row:
    return Row(name, make, arrays, value(*arrays) if callable(value) else value, **options)


PRECISION_RECALL = [
    row(f"{kind.__name__.lower()} {name} {average}", lambda kind=kind, average=average, options=options: kind(
        average=average, **options), arrays, by_class(which, average, marked))
    for kind, which in ((Precision, "predicted"), (Recall, "true"))
    for name, arrays, marked, options, averages in (
        ("multiclass", MULTICLASS, marks, {}, (False, None, "macro", "micro", "weighted")),
        ("images", IMAGES, marks, {}, (False, "macro", "weighted")),
        ("binary", BINARY, one_class, {}, (False,)),
        ("binary", BINARY, both_classes, {}, (None, "macro", "micro", "weighted")),
        ("column", COLUMN, one_class, {}, (False,)),
        ("column", COLUMN_OF_FLOATS, both_classes, {}, ("macro",)),
        ("multilabel", MULTILABEL, marks, {"is_multilabel": True}, (False, "macro", "micro", "weighted", "samples")),
        ("multilabel images", MULTILABEL_IMAGES, marks, {"is_multilabel": True}, (False, "samples")),
    )
    for average in averages
]  # fmt: skip

ROWS = [
    row("accuracy multiclass", Accuracy, MULTICLASS, accuracy),
    row("accuracy images", Accuracy, IMAGES, accuracy),
    row("accuracy binary", Accuracy, BINARY, accuracy),
    row("accuracy column", Accuracy, COLUMN, accuracy),
    row("accuracy column of floats", Accuracy, COLUMN_OF_FLOATS, lambda p, y: float(np.mean(p[:, 0] == y))),
    row("accuracy binary images", Accuracy, BINARY_IMAGES, accuracy),
    row("accuracy multilabel", lambda: Accuracy(is_multilabel=True), MULTILABEL, accuracy_of_rows),
    row("accuracy multilabel images", lambda: Accuracy(is_multilabel=True), MULTILABEL_IMAGES, accuracy_of_rows),
    *PRECISION_RECALL,
    row("confusion", lambda: ConfusionMatrix(3), MULTICLASS, lambda p, y: table(p, y, 3)),
    row("confusion images", lambda: ConfusionMatrix(3), IMAGES, lambda p, y: table(p, y, 3)),
    row("confusion unknown labels", lambda: ConfusionMatrix(3), WITH_UNKNOWN, lambda p, y: table(p, y, 3)),
    row("confusion samples", lambda: ConfusionMatrix(3, "samples"), MULTICLASS, lambda p, y: table(p, y, 3) / 20),
    row(
        "confusion recall", lambda: ConfusionMatrix(3, "recall"), MULTICLASS,
        lambda p, y: table(p, y, 3) / table(p, y, 3).sum(1, keepdims=True),
    ),
    row(
        "confusion precision", lambda: ConfusionMatrix(3, "precision"), MULTICLASS,
        lambda p, y: table(p, y, 3) / table(p, y, 3).sum(0, keepdims=True),
    ),
    row(
        "top 2", lambda: TopKCategoricalAccuracy(2), MULTICLASS,
        lambda p, y: float(np.mean([label in np.argsort(-s)[:2] for s, label in zip(p, y, strict=True)])),
    ),
    row("top 1", lambda: TopKCategoricalAccuracy(1), MULTICLASS, accuracy),
    row("top all", lambda: TopKCategoricalAccuracy(3), MULTICLASS, 1.0),
    row("loss", lambda: Loss(mean_square), VECTORS, lambda p, y: float(np.mean((p - y) ** 2))),
    row("squared error", MeanSquaredError, NUMBERS, lambda p, y: float(np.mean((p - y) ** 2))),
    row("squared error of vectors", MeanSquaredError, VECTORS, lambda p, y: float(np.sum((p - y) ** 2) / 20)),
    row("squared error of bytes", MeanSquaredError, BYTES, lambda p, y: float(np.mean((p.astype(int) - y) ** 2))),
    row("squared error far", MeanSquaredError, FAR, far_errors(2)),
    row("absolute error", MeanAbsoluteError, NUMBERS, lambda p, y: float(np.mean(np.abs(p - y)))),
    row("absolute error of bytes", MeanAbsoluteError, BYTES, lambda p, y: float(np.mean(np.abs(p.astype(int) - y)))),
    row("absolute error far", MeanAbsoluteError, FAR, far_errors(1)),
    row("root squared error", RootMeanSquaredError, NUMBERS, lambda p, y: float(np.sqrt(np.mean((p - y) ** 2)))),
    row("average of rows", Average, (VECTORS[0],), lambda x: x.astype(float).mean(0)),
    row("average of columns", Average, (COLUMN[0],), lambda x: float(x.mean())),
    row("average far", Average, (FAR[0][:, None],), lambda x: float(x.astype(float).mean())),
    row(
        "geometric average", GeometricAverage, (np.exp(VECTORS[0]),),
        lambda x: np.exp(np.log(x.astype(float)).mean(0)),
    ),
    row(
        "accumulation", lambda: VariableAccumulation(lambda a, x: sparkle.maximum(a, x.max())), (BYTES[0][:, None],),
        lambda x: (float(x.max()), 20),
    ),
    row(
        "running average", lambda: RunningAverage(Accuracy(), alpha=0.75), BINARY,
        decayed(BINARY[0] == BINARY[1], 0.75), one_batch=False,
    ),
    row("difference", lambda: Precision() - Recall(), BINARY, lambda p, y: by_class("predicted", False, one_class)(p, y)
        - by_class("true", False, one_class)(p, y)),
]  # fmt: skip

EMPTY_IS_A_VALUE = {"accumulation"}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))


def update(metric: Metric, output: Any) -> None:
    """What an attached metric does with an output; the src of a running average first."""
    if isinstance(metric, RunningAverage):
        metric.src.update(output)
    metric.update(output)


def check(found: Any, wanted: Any) -> None:
    if isinstance(wanted, np.ndarray):
        assert found.shape == wanted.shape
        assert str(found.dtype) == f"sparkle.{wanted.dtype}"
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6)
    elif isinstance(wanted, tuple):
        assert tuple(float(x) for x in found) == wanted
    else:
        assert type(found) is float
        assert found == pytest.approx(wanted, rel=1e-6)


@each_row
def test_one_batch(row: Row) -> None:
    if not row.one_batch:
        return
    metric = row.make()
    update(metric, row.outputs(1)[0])
    check(metric.compute(), row.value)


@each_row
def test_many_batches_twice(row: Row) -> None:
    metric = row.make()
    for _ in range(2):
        metric.reset()
        for output in row.outputs(BATCHES):
            update(metric, output)
        check(metric.compute(), row.value)
        check(metric.compute(), row.value)  # computing changes nothing


@each_row
def test_goes_on_from_a_file(row: Row, tmp_path: Path) -> None:
    metric, other = row.make(), row.make()
    first, *rest = row.outputs(BATCHES)
    update(metric, first)
    sparkle.save({"metric": metric.state_dict()}, tmp_path / "state")
    for output in rest:
        update(metric, output)  # what was saved does not follow
    other.load_state_dict(sparkle.load(tmp_path / "state")["metric"])
    for output in rest:
        update(other, output)
    check(other.compute(), row.value)
    check(metric.compute(), row.value)


@each_row
def test_state_of_nothing(row: Row, tmp_path: Path) -> None:
    metric, other = row.make(), row.make()
    update(metric, row.outputs(BATCHES)[0])
    sparkle.save(other.state_dict(), tmp_path / "state")
    metric.load_state_dict(sparkle.load(tmp_path / "state"))
    for output in row.outputs(BATCHES):
        update(metric, output)
    check(metric.compute(), row.value)


@each_row
def test_nothing_was_seen(row: Row) -> None:
    metric = row.make()
    if row.name in EMPTY_IS_A_VALUE:
        check(metric.compute(), (0.0, 0))
        return
    names = "|".join(type(part).__name__ for part in getattr(metric, "_metrics", [metric]))
    with pytest.raises(NotComputableError, match=rf"({names}) must have at least one example"):
        metric.compute()
    update(metric, row.outputs(1)[0])
    metric.reset()
    with pytest.raises(NotComputableError):
        metric.compute()


@each_row
def test_outputs_with_gradients(row: Row) -> None:
    """No value keeps the graph of the outputs alive."""
    metric = row.make()
    for output in row.outputs(BATCHES):
        with_gradients = [
            x.clone().requires_grad_() if x.dtype.is_floating_point else x
            for x in (output if isinstance(output, tuple) else [output])
        ]
        update(metric, tuple(with_gradients) if isinstance(output, tuple) else with_gradients[0])
    value = metric.compute()
    check(value, row.value)
    values = value if isinstance(value, tuple) else [value]
    assert not any(isinstance(x, sparkle.Tensor) and x.requires_grad for x in values)


@pytest.mark.cuda
@each_row
def test_cuda(row: Row) -> None:
    """The same values from outputs on the GPU, with the sums there and with the sums on the CPU."""
    for device in (None, "cpu"):
        metric = row.make()
        for part in getattr(metric, "_metrics", [metric]):
            part._device = device and sparkle.device(device)
        for output in row.outputs(BATCHES):
            update(metric, tuple(x.cuda() for x in output) if isinstance(output, tuple) else output.cuda())
        value = metric.compute()
        check(value.cpu() if isinstance(value, sparkle.Tensor) else value, row.value)
