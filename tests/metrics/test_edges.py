"""Values at the edges: precision, nan, overflow, nothing to divide by, weights, sequences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import sparkle
from sparkle.metrics import (
    Accuracy,
    Average,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Metric,
    Precision,
    Recall,
    TopKCategoricalAccuracy,
)


def test_many_small_numbers_beside_a_large_one() -> None:
    """float32 would lose each of the small ones: 2^24 + 1 is 2^24 there."""
    average, loss = Average(), Loss(lambda y_pred, y: y_pred.mean())
    for value in [2.0**24] + [1.0] * 1000:
        average.update(sparkle.tensor(value))
        loss.update((sparkle.tensor([value]), sparkle.tensor([0.0])))
    assert average.compute() == (2**24 + 1000) / 1001
    assert loss.compute() == (2**24 + 1000) / 1001


@pytest.mark.parametrize(
    "make", [MeanSquaredError, MeanAbsoluteError, lambda: Loss(lambda y_pred, y: ((y_pred - y) ** 2).mean())]
)
def test_nan_stays_nan(make: Callable[[], Metric]) -> None:
    metric = make()
    metric.update((sparkle.tensor([1.0, float("nan")]), sparkle.tensor([1.0, 1.0])))
    metric.update((sparkle.tensor([1.0, 1.0]), sparkle.tensor([1.0, 1.0])))
    assert np.isnan(metric.compute())


def test_nan_score_is_the_highest() -> None:
    """As argmax has it."""
    output = sparkle.tensor([[0.5, float("nan"), 0.1]]), sparkle.tensor([1])
    for metric in (Accuracy(), TopKCategoricalAccuracy(1)):
        metric.update(output)
        assert metric.compute() == 1.0


def test_large_errors_do_not_overflow() -> None:
    metric = MeanSquaredError()
    metric.update((sparkle.tensor([1e30]), sparkle.tensor([0.0])))
    assert metric.compute() == pytest.approx(1e60)


def test_no_hits_is_zero() -> None:
    nothing_predicted = sparkle.tensor([0, 0]), sparkle.tensor([1, 1])
    nothing_true = sparkle.tensor([1, 1]), sparkle.tensor([0, 0])
    for metric, output in ((Precision(), nothing_predicted), (Recall(), nothing_true)):
        metric.update(output)
        assert metric.compute() == 0.0


def test_loss_is_weighted_by_the_batch() -> None:
    loss = Loss(lambda y_pred, y, scale=1.0: (y_pred - y).mean() * scale)
    loss.update((sparkle.tensor([1.0, 1.0, 1.0]), sparkle.zeros(3)))
    loss.update((sparkle.tensor([1.0]), sparkle.zeros(1), {"scale": 5.0}))
    assert loss.compute() == 2.0
    by_size = Loss(lambda y_pred, y: y_pred.mean(), batch_size=lambda y: y.shape[1])
    by_size.update((sparkle.tensor([1.0]), sparkle.zeros(2, 3)))
    by_size.update((sparkle.tensor([5.0]), sparkle.zeros(2, 1)))
    assert by_size.compute() == 2.0


def test_sequences() -> None:
    y_pred = sparkle.tensor([[[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.0, 0.1, 0.9]]])
    y = sparkle.tensor([[0, 0, 2]])
    for ignored, value in ((None, 2 / 3), (0, 1.0), ([0, 1], 1.0)):
        accuracy = Accuracy()
        accuracy.update(Accuracy.get_sequence_transform(ignored)((y_pred, y)))
        assert accuracy.compute() == pytest.approx(value)
    swapped = Accuracy.get_sequence_transform(output_transform=lambda output: output[::-1])
    assert swapped((y, y_pred))[0].shape == (3, 3)
