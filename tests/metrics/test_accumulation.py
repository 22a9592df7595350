"""Averages of numbers, vectors and rows: how many examples each output counts for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.metrics import Average, GeometricAverage, VariableAccumulation

OUTPUTS: list[tuple[str, list[Any], Any, int]] = [
    ("numbers", [1, 2.0, np.float32(6)], 3.0, 3),
    ("bools", [True, False], 0.5, 2),
    ("0-d", [sparkle.tensor(1.0), sparkle.tensor(2.0)], 1.5, 2),
    ("integers", [sparkle.tensor(1), sparkle.tensor(2)], 1.5, 2),
    ("vectors", [sparkle.tensor([1.0, 2.0]), sparkle.tensor([3.0, 4.0])], [2.0, 3.0], 2),
    ("rows", [sparkle.tensor([[1.0, 2.0], [3.0, 4.0]]), sparkle.tensor([[5.0, 6.0]])], [3.0, 4.0], 3),
    ("one column", [sparkle.tensor([[1.0], [3.0]]), sparkle.tensor([[5.0]])], 3.0, 3),
    ("images", [sparkle.ones(2, 3, 4), 4 * sparkle.ones(1, 3, 4)], [[2.0] * 4] * 3, 3),
    ("number and vector", [1.0, sparkle.tensor([1.0, 3.0])], [1.0, 2.0], 2),
]


@pytest.mark.parametrize(("name", "outputs", "mean", "examples"), OUTPUTS, ids=[name for name, *_ in OUTPUTS])
def test_average(name: str, outputs: list[Any], mean: Any, examples: int) -> None:
    average, geometric = Average(), GeometricAverage()
    for output in outputs:
        average.update(output)
        geometric.update(output.double().exp() if isinstance(output, sparkle.Tensor) else math.exp(output))
    assert average.num_examples == geometric.num_examples == examples
    for value, wanted in ((average.compute(), mean), (geometric.compute(), np.exp(mean))):
        assert isinstance(value, sparkle.Tensor) == isinstance(mean, list)
        np.testing.assert_allclose(np.asarray(value), wanted)


def test_geometric_average_of_zero_and_less() -> None:
    for outputs in ([0.0, 2.0], [sparkle.tensor(0.0), sparkle.tensor(2.0)]):
        average = GeometricAverage()
        for output in outputs:
            average.update(output)
        assert average.compute() == 0.0
    for output in (-1.0, sparkle.tensor(-1.0)):
        average = GeometricAverage()
        average.update(output)
        assert math.isnan(average.compute())


def test_op_is_given_float64_tensors() -> None:
    seen: list[Any] = []
    accumulation = VariableAccumulation(lambda a, x: seen.append((a, x)) or x)
    for output in (sparkle.tensor([1, 2]), 3.0):
        accumulation.update(output)
    (first, x), (second, number) = seen
    assert (first.item(), first.dtype, x.dtype, second is x, number) == (
        0.0,
        sparkle.float64,
        sparkle.float64,
        True,
        3.0,
    )
    assert accumulation.compute() == (3.0, 2)
