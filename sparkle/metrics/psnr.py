"""The peak signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.backend import library
from .arrays import pair
from .mean import MeanOverExamples
from .metric import same
from .quiet import quiet

EPS = 1e-10  # keeps the value of equal images finite


class PSNR(MeanOverExamples):
    """mean over examples of 10 log10(data_range^2 / mean squared error), in decibels, in float64.

    data_range: the largest possible difference, such as 255 or 1. y_pred and y are (N, ...) of one type. Raises
    TypeError for different types, ValueError for different shapes.

    >>> import sparkle
    >>> psnr = PSNR(data_range=1.0)
    >>> psnr.update((sparkle.zeros(2, 3, 4, 4), sparkle.full((2, 3, 4, 4), 0.1)))
    >>> round(psnr.compute(), 4)
    20.0
    """

    def __init__(
        self,
        data_range: float,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self.data_range = data_range
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        check_alike(y_pred, y, "PSNR")
        if not y.size:
            return
        xp = library(y)
        with quiet():
            squares = xp.subtract(y_pred, y, dtype=xp.float64) ** 2
            errors = squares.reshape(len(y), -1).mean(axis=1)
            self._add(10.0 * xp.log10(self.data_range**2 / (errors + EPS)).sum(), len(y))


def check_alike(y_pred: Any, y: Any, metric: str) -> None:
    """TypeError for different types, ValueError for different shapes and for arrays without dims."""
    if y_pred.dtype != y.dtype:
        raise TypeError(
            f"{metric}: Expected y_pred and y to have the same data type. Got y_pred: {y_pred.dtype} and y: {y.dtype}."
        )
    if y_pred.shape != y.shape or not y.ndim:
        raise ValueError(
            f"{metric}: Expected y_pred and y to have the same shape (N, ...). Got y_pred: {y_pred.shape} and y: "
            f"{y.shape}."
        )
