"""What metrics do with the arrays of tensors."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ..core.backend import library, to_numpy
from ..core.tensor.base import TensorBase


def pair(output: Any, metric: str) -> tuple[Any, Any]:
    """The arrays of `(y_pred, y)`; TypeError for other outputs, with the cure."""
    try:
        y_pred, y = output[0], output[1]
    except (TypeError, IndexError, KeyError):
        y_pred = y = None
    if not isinstance(y_pred, TensorBase) or not isinstance(y, TensorBase):
        raise TypeError(
            f"{metric}: wanted the output (y_pred, y), two tensors, met {_described(output)}; pass an output_transform that "
            "makes them of the engine's output"
        )
    return y_pred.array, y.array


def _described(output: Any) -> str:
    if isinstance(output, (tuple, list)):
        return f"({', '.join(type(x).__name__ for x in output)})"
    return type(output).__name__


def double_sum(array: Any, axis: Any = None) -> Any:
    """The sum in float64, left on the device."""
    xp = library(array)
    return xp.sum(array, axis=axis, dtype=xp.float64)


def number(value: Any) -> float:
    """A sum as a Python number: the one place where it is read back."""
    return float(to_numpy(value)) if hasattr(value, "dtype") else float(value)


def one_hot(xp: ModuleType, labels: Any, classes: int) -> Any:
    """Labels (N,) as a bool matrix (N, classes)."""
    return labels[:, None] == xp.arange(classes)


def rows_by_class(array: Any) -> Any:
    """(N, C, ...) as (N * ..., C)."""
    xp = library(array)
    return xp.moveaxis(array, 1, -1).reshape(-1, array.shape[1])
