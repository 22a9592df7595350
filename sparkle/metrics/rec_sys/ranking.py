"""What metrics of ranked items share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ...core.backend import library
from ..arrays import pair
from ..exceptions import check_seen
from ..metric import Metric, same
from ..quiet import quiet


class RankedItems(Metric):
    """Base of means over examples of how good the first k items are, for each k of top_k; `compute` gives a list.

    y_pred: scores of items (N, M), the best first; of equal scores the one of the first item is the better, and nan is
    the best. y: how relevant each is, (N, M), nan not at all. A k beyond M means all items. ignore_zero_hits: examples
    without a relevant item are left out; else they count 0. Raises ValueError for other shapes and arguments.
    """

    _state_dict_all_req_keys = ("_sums", "_num_examples")

    def __init__(
        self,
        top_k: Sequence[int] | int = 1,
        ignore_zero_hits: bool = True,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if not isinstance(top_k, (int, list, tuple)):
            raise ValueError(f"top_k must be either int or a list[int], got {top_k!r}")
        top_k = [top_k] if isinstance(top_k, int) else list(top_k)
        if not top_k:
            raise ValueError("top_k must have at least one positive value")
        if any(k <= 0 for k in top_k):
            raise ValueError(f"top_k must be list of positive integers only, but given {top_k}")
        self.top_k, self.ignore_zero_hits = tuple(sorted(top_k)), ignore_zero_hits
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._sums: Any = 0.0  # one for each k
        self._num_examples: Any = 0

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        if y_pred.shape != y.shape or y.ndim != 2:
            raise ValueError(
                f"{type(self).__name__}: y_pred and y must be in the same shape (N, M), got {y_pred.shape} and "
                f"{y.shape}."
            )
        if not y.size:
            return
        xp = library(y)
        with quiet():
            gains = self._gains(y.astype("float64"))
            ranked = xp.take_along_axis(gains, _best_first(xp, y_pred), axis=1)
            counted = self._relevant(y).any(axis=1) | (not self.ignore_zero_hits)
            each = [xp.where(counted, self._score(ranked, min(k, y.shape[1])), 0.0).sum() for k in self.top_k]
        self._sums = self._sums + self._keep(xp.stack(each))
        self._num_examples = self._num_examples + self._keep(counted.sum())

    def _relevant(self, y: Any) -> Any:
        """Which items are relevant?"""
        return y > 0

    def _gains(self, y: Any) -> Any:
        """What each item is worth."""
        return self._relevant(y).astype("float64")

    @abstractmethod
    def _score(self, ranked: Any, k: int) -> Any:
        """The score of each example, from what its items are worth, best first, (N, M)."""

    def compute(self) -> list[float]:
        check_seen(self, int(self._num_examples))
        return (self._sums / int(self._num_examples)).tolist()


def _best_first(xp: Any, scores: Any) -> Any:
    """The places of scores (N, M) in descending order; equal ones in the order in which they are."""
    return scores.shape[1] - 1 - xp.argsort(scores[:, ::-1], axis=1, kind="stable")[:, ::-1]
