"""Probabilities from scores, in float64; 0 log 0 is 0."""

from __future__ import annotations

from typing import Any

from ...core.backend import library
from ..arrays import rows_by_class


def scores_by_class(array: Any, metric: object, name: str = "y_pred") -> Any:
    """Scores (B, C, ...) as float64 (B * ..., C); ValueError for others."""
    if array.ndim < 2:
        raise ValueError(
            f"{type(metric).__name__}: {name} must be in the shape of (B, C) or (B, C, ...), got {array.shape}."
        )
    return rows_by_class(array).astype("float64")


def probabilities(scores: Any) -> tuple[Any, Any]:
    """The softmax along the last axis, and its logarithm."""
    xp = library(scores)
    shifted = scores - scores.max(axis=-1, keepdims=True)
    powers = xp.exp(shifted)
    total = powers.sum(axis=-1, keepdims=True)
    return powers / total, shifted - xp.log(total)


def weighted(p: Any, log_p: Any) -> Any:
    """p * log_p, and 0 where p is 0, whatever its logarithm."""
    return p * library(p).where(p == 0, 0.0, log_p)
