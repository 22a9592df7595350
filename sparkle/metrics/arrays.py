"""What metrics do with the arrays of tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..core.backend import library, scatter_with
from ..core.tensor.base import TensorBase


def tensors(output: Any, metric: object) -> tuple[Any, Any]:
    """`(y_pred, y)`, two tensors; TypeError for other outputs, with the cure."""
    if isinstance(output, (tuple, list)) and len(output) == 2:
        y_pred, y = output
        if isinstance(y_pred, TensorBase) and isinstance(y, TensorBase):
            return y_pred, y
    raise TypeError(
        f"{type(metric).__name__}: wanted the output (y_pred, y), two tensors, met {_described(output)}; pass an "
        "output_transform that makes them of the engine's output"
    )


def pair(output: Any, metric: object) -> tuple[Any, Any]:
    """The arrays of `(y_pred, y)`; TypeError for other outputs, with the cure."""
    y_pred, y = tensors(output, metric)
    return y_pred.array, y.array


def _described(output: Any) -> str:
    if isinstance(output, (tuple, list)):
        return f"({', '.join(type(x).__name__ for x in output)})"
    return type(output).__name__


def as_sum(array: Any) -> Any:
    """A number without dims as one that sums are made of: of Python, or on a GPU, where it is not read, float64."""
    return array.item() if type(array) is numpy.ndarray else array.astype("float64")


def rows_by_class(array: Any) -> Any:
    """(N, C, ...) as (N * ..., C)."""
    return library(array).moveaxis(array, 1, -1).reshape(-1, array.shape[1])


def flat_rows(array: Any) -> Any:
    """(N, ...) as (N, n) in float64."""
    return array.reshape(len(array), math.prod(array.shape[1:])).astype("float64")


def count(labels: Any, classes: int) -> Any:
    """How often each of 0..classes-1 is among the labels (N,), all of which are one of these; int64."""
    if type(labels) is numpy.ndarray:
        return numpy.bincount(labels, minlength=classes)
    xp = library(labels)  # CuPy's bincount reads the smallest and the largest label back
    counts = xp.zeros(classes, dtype=xp.int64)
    scatter_with(xp, "add", counts, labels, 1)
    return counts
