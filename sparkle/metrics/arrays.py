"""What metrics do with the arrays of tensors."""

from __future__ import annotations

from typing import Any

from ..core.backend import library
from ..core.tensor.base import TensorBase


def pair(output: Any, metric: object) -> tuple[Any, Any]:
    """The arrays of `(y_pred, y)`; TypeError for other outputs, with the cure."""
    try:
        y_pred, y = output
    except (TypeError, ValueError):
        y_pred = y = None
    if not isinstance(y_pred, TensorBase) or not isinstance(y, TensorBase):
        raise TypeError(
            f"{type(metric).__name__}: wanted the output (y_pred, y), two tensors, met {_described(output)}; pass an "
            "output_transform that makes them of the engine's output"
        )
    return y_pred.array, y.array


def _described(output: Any) -> str:
    if isinstance(output, (tuple, list)):
        return f"({', '.join(type(x).__name__ for x in output)})"
    return type(output).__name__


def rows_by_class(array: Any) -> Any:
    """(N, C, ...) as (N * ..., C)."""
    return library(array).moveaxis(array, 1, -1).reshape(-1, array.shape[1])
