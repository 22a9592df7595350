"""Normalized discounted cumulative gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core.backend import library
from ..metric import same
from .ranking import RankedItems

__all__ = ["NDCG"]


class NDCG(RankedItems):
    """DCG of the ranking / DCG of the best one, DCG = sum over the first k of gain / log2(1 + rank), for each k.

    relevance_threshold: y below it counts as 0. gain_function: "exp_rank" for 2^y - 1 (Burges et al. 2005),
    "linear_rank" for y (Järvelin, Kekäläinen 2002). An example without a relevant item has 0. See `RankedItems`.

    >>> import sparkle
    >>> ndcg = NDCG(top_k=[2])
    >>> ndcg.update((sparkle.tensor([[3.0, 2.0, 1.0]]), sparkle.tensor([[0.0, 1.0, 0.0]])))
    >>> [round(value, 6) for value in ndcg.compute()]
    [0.63093]
    """

    def __init__(
        self,
        top_k: Sequence[int] | int,
        ignore_zero_hits: bool = True,
        relevance_threshold: float = 1.0,
        gain_function: str = "exp_rank",
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if gain_function not in ("exp_rank", "linear_rank"):
            raise ValueError(f"gain_function must be either 'exp_rank' or 'linear_rank', but given {gain_function!r}")
        self.relevance_threshold, self.gain_function = relevance_threshold, gain_function
        super().__init__(top_k, ignore_zero_hits, output_transform, device, skip_unrolling)

    def _relevant(self, y: Any) -> Any:
        return y >= self.relevance_threshold

    def _gains(self, y: Any) -> Any:
        xp = library(y)
        relevant = xp.where(self._relevant(y), y, 0.0)
        return xp.exp2(relevant) - 1 if self.gain_function == "exp_rank" else relevant

    def _score(self, ranked: Any, k: int) -> Any:
        xp = library(ranked)
        discounts = 1 / xp.log2(xp.arange(2.0, k + 2))
        best = -xp.sort(-ranked, axis=1)[:, :k] @ discounts
        return xp.where(best > 0, ranked[:, :k] @ discounts / best, 0.0)
