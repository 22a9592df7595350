"""Cosine similarity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.backend import library
from ..arrays import flat_rows, pair
from ..mean import MeanOverExamples
from ..metric import same
from ..quiet import quiet


class CosineSimilarity(MeanOverExamples):
    """The mean over examples of x . y / (max(|x|, eps) max(|y|, eps)); y_pred and y are (N, ...), each made flat.

    Raises ValueError where their shapes differ. nan makes the value nan.

    >>> import sparkle
    >>> similarity = CosineSimilarity()
    >>> similarity.update((sparkle.tensor([[1.0, 0.0], [1.0, 1.0]]), sparkle.tensor([[2.0, 0.0], [1.0, -1.0]])))
    >>> similarity.compute()
    0.5
    """

    def __init__(
        self,
        eps: float = 1e-8,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self.eps = eps
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        x, y = pair(output, self)
        if x.shape != y.shape or x.ndim < 2:
            raise ValueError(f"CosineSimilarity: wanted two of one shape (N, ...), got {x.shape} and {y.shape}")
        with quiet():
            x, y = (self._unit(flat_rows(array)) for array in (x, y))
            self._add((x * y).sum(), len(y))

    def _unit(self, rows: Any) -> Any:
        xp = library(rows)
        return rows / xp.maximum(xp.sqrt((rows * rows).sum(axis=1, keepdims=True)), self.eps)
