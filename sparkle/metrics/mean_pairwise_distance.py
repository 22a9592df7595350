"""The mean distance between predicted and true vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.backend import library
from .arrays import pair
from .mean import MeanOverExamples
from .metric import same
from .quiet import quiet


class MeanPairwiseDistance(MeanOverExamples):
    """The sum of the distances |y_pred - y + eps| between rows, divided by the number of examples, in float64.

    p: which norm of the difference, inf and 0 (the number of elements that differ) among them. y_pred and y are (N, D),
    or (N, ..., D). Raises ValueError for other shapes.

    >>> import sparkle
    >>> distance = MeanPairwiseDistance(eps=0.0)
    >>> distance.update((sparkle.tensor([[3.0, 0.0], [0.0, 0.0]]), sparkle.tensor([[0.0, 4.0], [0.0, 1.0]])))
    >>> distance.compute()
    3.0
    """

    def __init__(
        self,
        p: float = 2,
        eps: float = 1e-6,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self._p, self._eps = p, eps
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        if y.ndim < 2 or y_pred.shape != y.shape:
            raise ValueError(
                f"MeanPairwiseDistance: wanted y_pred and y of one shape (N, ..., D), met {y_pred.shape} and {y.shape}"
            )
        if y.size:
            xp = library(y)
            with quiet():
                differences = xp.subtract(y_pred, y, dtype=xp.float64) + self._eps
                self._add(xp.linalg.norm(differences, ord=self._p, axis=-1).sum(), y.shape[0])
