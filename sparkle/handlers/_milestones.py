"""Values on lines between milestones."""

from __future__ import annotations

import numbers
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any


def split(milestones_values: Any) -> tuple[list[int], list[float]]:
    """Return the milestones and the values of (milestone, value) pairs.

    Raises:
        TypeError: no sequence; a milestone that is no integer.
        ValueError: no pair; something that is no pair, a tuple; milestones that decrease.
    """
    if not isinstance(milestones_values, Sequence):
        raise TypeError(f"Argument milestones_values should be a list or tuple, but given {type(milestones_values)}")
    if len(milestones_values) < 1:
        raise ValueError(f"Argument milestones_values should be with at least one value, but given {milestones_values}")
    milestones: list[int] = []
    for pair in milestones_values:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ValueError(
                f"Argument milestones_values should be a list of pairs (milestone, param_value), but has {pair!r:.80}"
            )
        if not isinstance(pair[0], numbers.Integral):
            raise TypeError(f"Value of a milestone should be integer, but given {type(pair[0])} {pair[0]!r:.80}")
        if milestones and pair[0] < milestones[-1]:
            raise ValueError(
                f"Milestones should be increasing integers, but given {pair[0]} is smaller than the previous "
                f"milestone {milestones[-1]}"
            )
        milestones.append(int(pair[0]))
    return milestones, [value for _, value in milestones_values]


def interpolate(milestones: Sequence[int], values: Sequence[float], index: int) -> float:
    """Return the value at `index`: on the line between two milestones, constant before the first and after the last.

    >>> [interpolate([2, 4], [1.0, 0.0], index) for index in range(6)]
    [1.0, 1.0, 1.0, 0.5, 0.0, 0.0]
    """
    after = bisect_right(milestones, index)
    if after in (0, len(milestones)):
        return values[max(after - 1, 0)]
    start, end = milestones[after - 1], milestones[after]
    return values[after - 1] + (values[after] - values[after - 1]) * (index - start) / (end - start)
