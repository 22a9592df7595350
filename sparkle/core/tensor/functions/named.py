"""The named tuples that functions with several results return, as torch's `return_types`."""

from __future__ import annotations

from typing import Any, NamedTuple


class Found(NamedTuple):
    """Elements and where they were along the dim: of max, min, sort, topk, median, mode, kthvalue, cummax, cummin."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"sparkle.return_types.Found(\nvalues={self.values!r},\nindices={self.indices!r})"


class Aminmax(NamedTuple):
    """The smallest and the largest element."""

    min: Any
    max: Any


class Frexp(NamedTuple):
    """mantissa * 2 ** exponent"""

    mantissa: Any
    exponent: Any


class Histogram(NamedTuple):
    """Counts, and the edges of the bins."""

    hist: Any
    bin_edges: Any
