"""Metrics by groups."""

from __future__ import annotations

import numpy as np

from sparkle.metrics import Accuracy, MeanSquaredError, Precision, fairness

from .classification import binary, multiclass
from .example import Arrays, N, example


def groups_of(data: object) -> object:
    def grouped(random: np.random.Generator) -> Arrays:
        return *data(random), random.integers(0, 4, size=N)  # type: ignore[operator]

    return grouped


def numbers(random: np.random.Generator) -> Arrays:
    return random.normal(size=N), random.normal(size=N)


GROUPS = [0, 1, 2]
example(lambda: fairness.SelectionRate(), multiclass)
example(lambda: fairness.SubgroupMetric(MeanSquaredError(), GROUPS), groups_of(numbers))
example(lambda: fairness.SubgroupMetric(Precision(), GROUPS), groups_of(multiclass), "of tensors")
example(lambda: fairness.SubgroupDifference(Precision(average="macro"), GROUPS), groups_of(multiclass))
example(lambda: fairness.SubgroupDifference(1 - Accuracy(), GROUPS), groups_of(multiclass), "of a formula")
example(lambda: fairness.SubgroupAccuracyDifference(GROUPS), groups_of(binary))
example(lambda: fairness.DemographicParityDifference(GROUPS), groups_of(multiclass))
