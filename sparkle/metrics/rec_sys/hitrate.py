"""The hit rate."""

from __future__ import annotations

from typing import Any

from .ranking import RankedItems

__all__ = ["HitRate"]


class HitRate(RankedItems):
    """How often a relevant item (y > 0) is among the first k, for each k. See `RankedItems`.

    >>> import sparkle
    >>> rate = HitRate(top_k=[1, 2])
    >>> rate.update((sparkle.tensor([[4.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), sparkle.tensor([[0, 0, 1], [0, 0, 1]])))
    >>> rate.compute()
    [0.5, 1.0]
    """

    def _score(self, ranked: Any, k: int) -> Any:
        return (ranked[:, :k] > 0).any(axis=1).astype("float64")
