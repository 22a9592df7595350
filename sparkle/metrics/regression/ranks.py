"""Correlations of ranks."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy

from ..kept import KeepsExamples
from ..metric import same
from .base import RegressionMetric

Array = numpy.ndarray


class RankCorrelation(RegressionMetric, KeepsExamples):
    """Base of correlations of ranks. All examples are kept, and put in order by `compute`, on the CPU.

    check_compute_fn: taken as Ignite takes it; there is no function of the caller's that would have to be checked. The
    value is nan where an example is nan, where one of both is constant, and for a single example.
    """

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = True,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        super().__init__(output_transform, device, skip_unrolling)

    def _update(self, y_pred: Any, y: Any) -> None:
        self._keep_examples(y_pred, y)

    def compute(self) -> float:
        y_pred, y = self._examples()
        if numpy.isnan(y_pred).any() or numpy.isnan(y).any():
            return math.nan
        return self._correlation(y_pred, y)

    @abstractmethod
    def _correlation(self, y_pred: Array, y: Array) -> float:
        """The value of float64 arrays (N,), N > 0, without nan."""


class SpearmanRankCorrelation(RankCorrelation):
    """The correlation of the ranks of y_pred and y; equal numbers have the mean of their ranks (Spearman 1904).

    See `RankCorrelation` for arguments, `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> correlation = SpearmanRankCorrelation()
    >>> correlation.update((sparkle.tensor([1.0, 5.0, 7.0]), sparkle.tensor([1.0, 9.0, 8.0])))
    >>> correlation.compute()
    0.5
    """

    def _correlation(self, y_pred: Array, y: Array) -> float:
        middle = (len(y) + 1) / 2
        a, b = ranks(y_pred) - middle, ranks(y) - middle
        spread = float(a @ a) * float(b @ b)
        return max(-1.0, min(1.0, float(a @ b) / math.sqrt(spread))) if spread else math.nan


class KendallRankCorrelation(RankCorrelation):
    """How many more pairs of examples are in the same order in y_pred and y than not, of all pairs (Kendall 1938).

    variant: "b" leaves pairs that are equal in one of both out of the count of all pairs; "c" divides by what a table
    of so many rows and columns could reach (Stuart 1953); else ValueError. In O(N log N). See `RankCorrelation` for the
    other arguments, `RegressionMetric` for shapes and errors.

    >>> import sparkle
    >>> correlation = KendallRankCorrelation()
    >>> correlation.update((sparkle.tensor([1.0, 5.0, 7.0]), sparkle.tensor([1.0, 9.0, 8.0])))
    >>> round(correlation.compute(), 6)
    0.333333
    """

    def __init__(
        self,
        variant: str = "b",
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = True,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if variant not in ("b", "c"):
            raise ValueError(f"variant accepts 'b' or 'c', got {variant!r}.")
        self._variant = variant
        super().__init__(output_transform, check_compute_fn, device, skip_unrolling)

    def _correlation(self, y_pred: Array, y: Array) -> float:
        order = numpy.lexsort((y, y_pred))
        a, b = dense_ranks(y_pred)[order], dense_ranks(y)[order]
        n = len(a)
        pairs = n * (n - 1) // 2
        equal_a, equal_b, equal_both = equal_pairs(a), equal_pairs(b), equal_pairs(a * n + b)
        # Ties in a are sorted by b, so only pairs in opposite order are inversions of b.
        surplus = pairs - equal_a - equal_b + equal_both - 2 * inversions(b)
        if pairs in (equal_a, equal_b):
            return math.nan
        if self._variant == "b":
            value = surplus / math.sqrt(pairs - equal_a) / math.sqrt(pairs - equal_b)
        else:
            fewest = int(min(a.max(), b.max())) + 1
            value = 2 * surplus * fewest / (n * n * (fewest - 1))
        return max(-1.0, min(1.0, value))


def dense_ranks(x: Array) -> Array:
    """0 for the least, 1 for the next greater, ..."""
    return numpy.unique(x, return_inverse=True)[1]


def ranks(x: Array) -> Array:
    """1 for the least, ..., N for the greatest; equal numbers share the mean of theirs."""
    _, dense, counts = numpy.unique(x, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return (last - (counts - 1) / 2)[dense]


def equal_pairs(x: Array) -> int:
    """How many pairs of elements are equal."""
    counts = numpy.unique(x, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def inversions(x: Array) -> int:
    """How many pairs i < j have x_i > x_j, for whole numbers >= 0, in O(N log max x).

    Bit by bit from the highest: among elements that agree in all higher bits, kept in their first order, each 0 counts
    the 1s before it; then the 0s go before the 1s.
    """
    total = 0
    for bit in reversed(range(int(x.max()).bit_length())):
        group, ones = x >> (bit + 1), (x >> bit) & 1
        before = ones.cumsum() - ones
        starts = numpy.flatnonzero(numpy.diff(group, prepend=-1))  # group rises along x, sorted by it already
        sizes = numpy.diff(numpy.append(starts, len(x)))
        before -= numpy.repeat(before[starts], sizes)
        total += int(before[ones == 0].sum())
        zeros_in_group = numpy.repeat(numpy.add.reduceat(1 - ones, starts), sizes)
        first = numpy.repeat(starts, sizes)
        place = numpy.arange(len(x)) - first
        moved = numpy.empty_like(x)
        moved[first + numpy.where(ones == 1, zeros_in_group + before, place - before)] = x
        x = moved
    return total
