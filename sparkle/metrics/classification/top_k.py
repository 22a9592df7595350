"""Top-k accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.backend import library
from ..arrays import pair
from ..mean import MeanOverExamples
from ..metric import same


class TopKCategoricalAccuracy(MeanOverExamples):
    """How often the true class is among the k with the highest scores; y_pred (N, C), y (N,) or (N, 1).

    Raises RuntimeError for other shapes and for k > C.

    >>> import sparkle
    >>> top2 = TopKCategoricalAccuracy(k=2)
    >>> top2.update((sparkle.tensor([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), sparkle.tensor([1, 2])))
    >>> top2.compute()
    0.5
    """

    def __init__(
        self,
        k: int = 5,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self._k = k
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        self._check(y_pred.shape, y.shape)
        # The last k in ascending order: nan counts as the highest, as in argmax.
        best = library(y).argpartition(y_pred, -self._k, axis=1)[:, -self._k :]
        self._add((best == y.reshape(-1, 1)).sum(), y.shape[0])

    def _check(self, y_pred: tuple[int, ...], y: tuple[int, ...]) -> None:
        if len(y_pred) != 2 or y not in (y_pred[:1], (y_pred[0], 1)):
            raise RuntimeError(f"TopKCategoricalAccuracy: wanted y_pred (N, C) and y (N,), met {y_pred} and {y}")
        if not 0 < self._k <= y_pred[1]:
            raise RuntimeError(
                f"TopKCategoricalAccuracy: selected index k out of range: k is {self._k}, y_pred is {y_pred}: it must "
                f"lie in 1..{y_pred[1]}"
            )
