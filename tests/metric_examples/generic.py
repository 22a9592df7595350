"""Metrics of anything."""

from __future__ import annotations

import numpy as np

import sparkle
import sparkle.metrics as m

from .classification import multiclass
from .example import Arrays, N, example


def numbers(random: np.random.Generator) -> Arrays:
    return random.normal(size=N) + 3, random.normal(size=N)


def rows(random: np.random.Generator) -> Arrays:
    return (np.exp(random.normal(size=(N, 3))),)


def first(*tensors: sparkle.Tensor) -> sparkle.Tensor:
    return tensors[0]


def largest(a: sparkle.Tensor, x: sparkle.Tensor) -> sparkle.Tensor:
    return sparkle.maximum(a, x.max())


example(lambda: m.Loss(sparkle.nn.functional.mse_loss), numbers)
example(lambda: m.Average(), rows, "rows", first)
example(lambda: m.GeometricAverage(), rows, "rows", first)
example(lambda: m.VariableAccumulation(largest, merge_op=sparkle.maximum), rows, "largest", first)
example(lambda: m.EpochMetric(lambda y_pred, y: (y_pred - y).median().item()), numbers)
example(lambda: m.MetricGroup({"a": m.Accuracy(), "p": m.Precision(), "loss": m.ConfusionMatrix(4)}), multiclass)
example(lambda: 1 - m.Accuracy() * 2, multiclass, "formula")
example(
    lambda: m.RunningAverage(output_transform=lambda x: x), rows, output=lambda x: x.mean(), by_batch=True, merges=False
)
for kind in (m.MeanSquaredError, m.RootMeanSquaredError, m.MeanAbsoluteError):
    example(lambda k=kind: k(), numbers)
