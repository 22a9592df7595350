"""What metrics cost: seconds per iteration beside Ignite's, for an engine that puts out the same (64, 10) batch.

`ROWS` maps a row's name to `measure(library)`, where library is "sparkle" or "ignite".
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

ITERATIONS = {"sparkle": 3000, "ignite": 500}
N, CLASSES = 64, 10


def one(engine: Any, lib: Any, metrics: Any) -> None:
    """Attach Accuracy."""
    metrics.Accuracy().attach(engine, "accuracy")


def six(engine: Any, lib: Any, metrics: Any) -> None:
    """Attach Accuracy, Loss, ConfusionMatrix, Precision, Recall and F1, each on its own."""
    one(engine, lib, metrics)
    metrics.Loss(lib.nn.functional.cross_entropy).attach(engine, "loss")
    metrics.ConfusionMatrix(CLASSES).attach(engine, "matrix")
    metrics.Precision().attach(engine, "precision")
    metrics.Recall().attach(engine, "recall")
    metrics.Fbeta(1.0).attach(engine, "f1")


def six_with_parts(engine: Any, lib: Any, metrics: Any) -> None:
    """Attach the same, F1 computed from the attached Precision and Recall."""
    one(engine, lib, metrics)
    metrics.Loss(lib.nn.functional.cross_entropy).attach(engine, "loss")
    metrics.ConfusionMatrix(CLASSES).attach(engine, "matrix")
    precision, recall = metrics.Precision(), metrics.Recall()
    precision.attach(engine, "precision")
    recall.attach(engine, "recall")
    metrics.Fbeta(1.0, precision=precision, recall=recall).attach(engine, "f1")


def measure(library: str, prepare: Callable[[Any, Any, Any], None], n: int | None = None) -> float:
    """Seconds per iteration of one run of `n` iterations."""
    lib = importlib.import_module({"ignite": "torch"}.get(library, library))
    engines, metrics = (importlib.import_module(f"{library}.{part}") for part in ("engine", "metrics"))
    random, n = np.random.default_rng(0), n or ITERATIONS[library]
    y_pred = lib.from_numpy(random.normal(size=(N, CLASSES)).astype("float32"))
    output = y_pred, lib.from_numpy(random.integers(0, CLASSES, N))
    engine = engines.Engine(lambda engine, batch: output)
    prepare(engine, lib, metrics)
    start = perf_counter()
    engine.run(range(n))
    return (perf_counter() - start) / n


def row(prepare: Callable[[Any, Any, Any], None]) -> Callable[[str], float]:
    """A row that attaches what `prepare` attaches."""
    return lambda library: measure(library, prepare)


ROWS: dict[str, Callable[[str], float]] = {
    "metrics, Accuracy": row(one),
    "metrics, six together": row(six),
    "metrics, six together, F1 from the others": row(six_with_parts),
}
