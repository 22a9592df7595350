"""The value of a metric in situations that must not change it; `tests/metric_examples` has states and resets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import sparkle
from sparkle.engine import Engine
from sparkle.metrics import Metric, MetricsLambda

BATCHES = 4


class MetricRow(NamedTuple):
    """A metric, an output whose items are cut along their first dim, and its value.

    rel and abs: how far from the value it may be. one_batch: is the value of one batch that of many?
    """

    name: str
    make: Callable[[], Metric]
    output: tuple[Any, ...]
    value: Any
    rel: float = 1e-9
    abs: float = 1e-12

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    def batches(self, count: int) -> list[Any]:
        parts = zip(*(cut(item, count) for item in self.output), strict=True)
        return [tuple(part) if len(part) > 1 else part[0] for part in parts]


def cut(item: Any, count: int) -> list[Any]:
    """An array or list in parts, arrays as tensors; some parts are empty where there are too few rows."""
    if isinstance(item, np.ndarray):
        return [sparkle.from_numpy(part.copy()) for part in np.array_split(item, count)]
    edges = [len(item) * i // count for i in range(count + 1)]
    return [item[a:b] for a, b in pairwise(edges)]


def updated(metric: Any, outputs: list[Any]) -> Any:
    for output in outputs:
        metric.update(output)
    return metric


def one_batch(row: MetricRow) -> Any:
    return updated(row.make(), row.batches(1)).compute()


def many_batches(row: MetricRow) -> Any:
    metric = updated(row.make(), row.batches(BATCHES))
    metric.compute()  # changes nothing
    return metric.compute()


def merged(row: MetricRow) -> Any:
    first, *rest = row.batches(BATCHES)
    metric, other = updated(row.make(), [first]), updated(row.make(), rest)
    nothing = row.make()
    nothing.merge(metric)
    nothing.merge(row.make())
    nothing.merge(other)
    return nothing.compute()


def in_an_engine(row: MetricRow) -> Any:
    """As a part of another metric: its value is what the engine's metrics hold."""
    engine, seen = Engine(lambda engine, batch: batch), []
    MetricsLambda(lambda value: seen.append(value) or 1.0, row.make()).attach(engine, "m")
    engine.run(row.batches(BATCHES))
    return seen[-1]


SITUATIONS = {f.__name__: f for f in (one_batch, many_batches, merged, in_an_engine)}


def check(found: Any, wanted: Any, rel: float, abs: float) -> None:
    """The same types, shapes and, nearly, numbers; nan is nan."""
    if isinstance(wanted, dict):
        assert list(found) == list(wanted)
        found, wanted = list(found.values()), list(wanted.values())
    if isinstance(wanted, (list, tuple)):
        assert type(found) is type(wanted)
        assert len(found) == len(wanted)
        for a, b in zip(found, wanted, strict=True):
            check(a, b, rel, abs)
    elif isinstance(wanted, np.ndarray):
        assert isinstance(found, sparkle.Tensor)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found.numpy(), wanted, rel, abs)
    else:
        assert type(found) is type(wanted)
        np.testing.assert_allclose(found, wanted, rel, abs)
