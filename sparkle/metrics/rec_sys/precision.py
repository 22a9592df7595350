"""How early relevant items come: reciprocal rank and average precision."""

from __future__ import annotations

from typing import Any

from ...core.backend import library
from .ranking import RankedItems

__all__ = ["MAP", "MRR"]


class MRR(RankedItems):
    """Mean reciprocal rank: 1 / rank of the first relevant item (y > 0), 0 where it is not among the first k.

    See `RankedItems`.

    >>> import sparkle
    >>> mrr = MRR(top_k=[1, 3])
    >>> mrr.update((sparkle.tensor([[4.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), sparkle.tensor([[0, 0, 1], [0, 0, 1]])))
    >>> mrr.compute()
    [0.5, 0.75]
    """

    def _score(self, ranked: Any, k: int) -> Any:
        xp = library(ranked)
        return ((ranked[:, :k] > 0) / xp.arange(1.0, k + 1)).max(axis=1)


class MAP(RankedItems):
    """Mean average precision: over the relevant items (y > 0) among the first k, the mean precision at their ranks.

    The mean is over as many as there could be: the relevant items, at most k. See `RankedItems`.

    >>> import sparkle
    >>> average = MAP(top_k=[1, 3])
    >>> average.update((sparkle.tensor([[4.0, 2.0, 3.0]]), sparkle.tensor([[1, 1, 0]])))
    >>> [round(value, 6) for value in average.compute()]
    [1.0, 0.833333]
    """

    def _score(self, ranked: Any, k: int) -> Any:
        xp = library(ranked)
        relevant = ranked > 0
        hits = relevant[:, :k].cumsum(axis=1) * relevant[:, :k]
        possible = xp.clip(relevant.sum(axis=1), 1, k)
        return (hits / xp.arange(1.0, k + 1)).sum(axis=1) / possible
