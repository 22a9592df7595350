"""Metrics by groups beside Ignite's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

random = np.random.default_rng(2)
N = 50
GROUPS = random.integers(0, 4, size=N)
OUTPUTS: dict[str, tuple[np.ndarray, ...]] = {
    "multiclass": (random.normal(size=(N, 5)).astype("float32"), random.integers(0, 5, size=N), GROUPS),
    "images": (random.normal(size=(N, 3, 4, 2)).astype("float32"), random.integers(0, 3, size=(N, 4, 2)), GROUPS),
    "binary": (random.integers(0, 2, size=N), random.integers(0, 2, size=N), GROUPS),
    "column": (random.integers(0, 2, size=(N, 1)), random.integers(0, 2, size=(N, 1)), GROUPS),
    "multilabel": (random.integers(0, 2, size=(N, 4)), random.integers(0, 2, size=(N, 4)), GROUPS),
}
MADE: dict[str, Any] = {
    "accuracy": lambda m, multi: m.fairness.SubgroupAccuracyDifference([0, 1, 2], is_multilabel=multi),
    "parity": lambda m, multi: m.fairness.DemographicParityDifference([0, 1, 2, 9], is_multilabel=multi),
    "by group": lambda m, multi: m.fairness.SubgroupMetric(m.Accuracy(is_multilabel=multi), [3, 1, 8]),
    "recall": lambda m, multi: m.fairness.SubgroupDifference(m.Recall(is_multilabel=multi), [0, 1, 2]),
    "rates": lambda m, multi: m.fairness.SubgroupMetric(m.fairness.SelectionRate(is_multilabel=multi), [0, 1]),
}


@pytest.mark.parametrize("data", OUTPUTS)
@pytest.mark.parametrize("made", MADE)
def test_as_ignite(made: str, data: str, ours: Any, theirs: Any, check_same: Any) -> None:
    values = []
    for lib in (ours, theirs):
        metric = MADE[made](lib.m, data == "multilabel")
        for parts in zip(*(np.array_split(x, 3) for x in OUTPUTS[data]), strict=True):
            metric.update(tuple(lib.tensor(part) for part in parts))
        values.append(metric.compute())
    check_same(*values)


MISUSE = [
    lambda m, L: m.fairness.SubgroupAccuracyDifference([0, 1]).compute(),
    lambda m, L: m.fairness.SubgroupAccuracyDifference([0, 1]).update((L.zeros(2), L.zeros(2), L.zeros(3))),
    lambda m, L: m.fairness.SubgroupAccuracyDifference([0, 1]).update((L.ones(2) * 3, L.ones(2), L.zeros(2))),
    lambda m, L: m.fairness.SelectionRate().compute(),
    lambda m, L: m.fairness.SelectionRate().update((L.zeros(2, 3), L.zeros(3))),
]


@pytest.mark.parametrize("misuse", MISUSE, ids=range(len(MISUSE)))
def test_same_errors(misuse: Any, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            misuse(lib.m, lib.L)
        raised.append(error.type.__name__)
    assert raised[0] == raised[1]
