"""What metrics of predicted numbers share: their checks, and sums over examples."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ...core.backend import library
from ...core.tensor.base import TensorBase
from ..arrays import pair
from ..mean import MeanOverExamples
from ..metric import Metric
from ..quiet import quiet


class RegressionMetric(Metric):
    """Base of metrics of predicted numbers: the output is y_pred and y of one shape, (N,) or (N, 1), floats.

    Computed in float64. Raises TypeError for other types, ValueError for other shapes.
    """

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        check_shapes(y_pred.shape, y.shape, type(self).__name__)
        check_types(output, type(self).__name__)
        if y.size:
            with quiet():
                self._update(y_pred.reshape(-1).astype("float64"), y.reshape(-1).astype("float64"))

    @abstractmethod
    def _update(self, y_pred: Any, y: Any) -> None:
        """Take in float64 arrays (N,), N > 0."""


class MeanOfTerms(RegressionMetric, MeanOverExamples):
    """Base of metrics that are a mean of a term for each example."""

    def _update(self, y_pred: Any, y: Any) -> None:
        self._add(self._terms(y_pred, y).sum(), len(y))

    @abstractmethod
    def _terms(self, y_pred: Any, y: Any) -> Any:
        """The term of each example, float64 arrays (N,)."""


def check_shapes(y_pred: tuple[int, ...], y: tuple[int, ...], metric: str) -> None:
    """ValueError for shapes that are not the same, and not (N,) or (N, 1)."""
    for name, shape in (("y_pred", y_pred), ("y", y)):
        if not (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)):
            raise ValueError(f"{metric}: Input {name} should have shape (N,) or (N, 1), but given {shape}")
    if y_pred != y:
        raise ValueError(f"{metric}: Input data shapes should be the same, but given {y_pred} and {y}")


def check_types(output: tuple[TensorBase, TensorBase], metric: str) -> None:
    """TypeError for tensors that do not hold floats."""
    for name, x in zip(("y_pred", "y"), output, strict=True):
        if not x.dtype.is_floating_point:  # type: ignore[attr-defined]
            raise TypeError(f"{metric}: Input {name} dtype should be floating point, but given {x.dtype}")  # type: ignore[attr-defined]


def ratio(a: Any, b: Any) -> Any:
    """a / b, where 0 / 0 is 0: no error in what is zero is no error."""
    xp = library(a)
    return a / xp.where((a == 0) & (b == 0), 1.0, b)
