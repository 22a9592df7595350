"""No update reads a number back: on a GPU the program would wait for it in each iteration.

The arrays here are NumPy's, but refuse to become Python's numbers, and are treated as those of a GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.core.tensor.base import wrap
from sparkle.metrics import Accuracy, BrierScore, Precision
from tests.metric_examples import EXAMPLES, Example

FAMILIES = ("sparkle.metrics.classification", "sparkle.metrics.similarity")
ROWS = [
    row
    for row in EXAMPLES
    if type(row.make()).__module__.startswith(FAMILIES) or row.name.startswith(("EpochMetric", "MetricGroup"))
]


class Away(np.ndarray):
    """An array far away."""

    def refuse(self, *args: Any) -> Any:
        raise AssertionError("a number was read back")

    __bool__ = __int__ = __float__ = __index__ = __complex__ = item = tolist = refuse


def away(array: np.ndarray) -> Any:
    return wrap(array.copy().view(Away))


def here(value: Any) -> Any:
    """What was gathered, as arrays that can be read."""
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if isinstance(value, sparkle.Tensor):
        return wrap(np.asarray(value.array))
    if isinstance(value, list):
        return [here(item) for item in value]
    return value


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkle.metrics.metric.numpy", None)
    monkeypatch.setattr("sparkle.metrics.sharing.numpy", None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
def test_nothing_is_read(row: Example) -> None:
    metric, wanted = row.make(), row.make()
    arrays = row.data(np.random.default_rng(0))
    for start in (0, 20):
        parts = [array[start : start + 20] for array in arrays]
        metric.update(tuple(away(part) for part in parts))
        wanted.update(tuple(sparkle.from_numpy(part.copy()) for part in parts))
    for part in getattr(metric, "metrics", {}).values() or [metric]:
        for key in part._state_dict_all_req_keys:
            setattr(part, key, here(getattr(part, key)))
        part._doubts = None
    assert str(metric.compute()) == str(wanted.compute())


def test_the_arrays_refuse() -> None:
    array = away(np.eye(3)).array
    for read in (int, float, bool, Away.item):
        with pytest.raises(AssertionError, match="read back"):
            read(array.sum())


WRONG = [
    (Accuracy(), (np.array([0, 2]), np.array([0, 1])), "y_pred must be comprised of 0's and 1's"),
    (Precision(), (np.eye(3), np.array([0, 1, 3])), r"y must be one of 0\.\.2"),
    (BrierScore(), (np.array([0.5, 1.5]), np.array([0, 1])), "y_pred must be probabilities"),
]


@pytest.mark.parametrize(("metric", "arrays", "message"), WRONG, ids=[type(row[0]).__name__ for row in WRONG])
def test_what_is_wrong_is_told_by_compute(metric: Any, arrays: Any, message: str) -> None:
    metric.update(tuple(away(array) for array in arrays))
    metric._doubts = {text: np.asarray(ok) for text, ok in metric._doubts.items()}
    with pytest.raises(ValueError, match=message):
        metric.compute()
    metric.reset()
    metric.update(tuple(away(array[:1]) for array in arrays))
    assert all(np.asarray(ok) for ok in metric._doubts.values())
