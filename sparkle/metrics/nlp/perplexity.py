"""Perplexity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ...core.backend import library
from ..arrays import pair
from ..exceptions import check_seen
from ..metric import Metric, same
from ..quiet import quiet

__all__ = ["Perplexity"]


class Perplexity(Metric):
    """exp(mean over tokens of -log softmax(y_pred)[y]), in float64.

    y_pred: (N, C, ...) of scores. y: (N, ...) of class numbers; those equal to ignore_index are left out. Raises
    ValueError for other shapes and other class numbers; those on a GPU are looked at by `compute` only.

    >>> import sparkle
    >>> perplexity = Perplexity()
    >>> perplexity.update((sparkle.zeros(2, 5, 3), sparkle.tensor([[0, 1, 2], [4, 4, -100]])))
    >>> round(perplexity.compute(), 12)
    5.0
    """

    _state_dict_all_req_keys = ("_sum_of_nll", "_num_tokens")

    def __init__(
        self, output_transform: Callable[[Any], Any] = same, device: Any = None, ignore_index: int = -100
    ) -> None:
        self._ignore_index = ignore_index
        super().__init__(output_transform, device)

    def reset(self) -> None:
        self._sum_of_nll: Any = 0.0
        self._num_tokens: Any = 0
        self._doubts = None

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        self._check(y_pred.shape, y.shape)
        xp, classes = library(y), y_pred.shape[1]
        if not y.size or not classes:
            return
        counted = y != self._ignore_index
        known = (y >= 0) & (y < classes)
        self._demand((known | ~counted).all(), f"y should hold class numbers 0..{classes - 1} or {self._ignore_index}")
        with quiet():
            scores = y_pred.astype("float64") - y_pred.max(axis=1, keepdims=True)
            picked = xp.take_along_axis(scores, xp.where(known, y, 0)[:, None].astype("int64"), axis=1)[:, 0]
            losses = xp.log(xp.exp(scores).sum(axis=1)) - picked
            self._sum_of_nll = self._sum_of_nll + self._keep(xp.where(counted, losses, 0.0).sum())
        self._num_tokens = self._num_tokens + self._keep(counted.sum())

    def _check(self, y_pred: tuple[int, ...], y: tuple[int, ...]) -> None:
        if len(y_pred) < 2:
            raise ValueError(f"Perplexity: y_pred must be at least 2-dimensional (got shape: {y_pred})")
        if len(y_pred) != len(y) + 1:
            raise ValueError(
                "Perplexity: y_pred must have exactly one more dimension than y (got "
                f"y_pred={len(y_pred)}D and y={len(y)}D)."
            )
        if (y_pred[0], *y_pred[2:]) != y:
            raise ValueError(
                f"Perplexity: y_pred and y have incompatible shapes: y_pred={y_pred}, y={y} (expected y_pred[0] == "
                "y[0] and y_pred[2:] == y[1:])."
            )

    def compute(self) -> float:
        check_seen(self, int(self._num_tokens))
        with quiet():
            return float(numpy.exp(float(self._sum_of_nll) / int(self._num_tokens)))
