"""Which checkpoints are kept: the best few, worst first in a list, NaN worst of all."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple


class Item(NamedTuple):
    """A file that is kept, and how good it is."""

    priority: int | float
    filename: str


def is_wanted(saved: list[Item], priority: int | float, n_saved: int | None, or_equal: bool) -> bool:
    """Whether a file of this priority belongs among the `n_saved` best; a NaN never replaces anything.

    >>> is_wanted([Item(0.5, "a.pt")], 0.5, 1, or_equal=False), is_wanted([Item(math.nan, "a.pt")], 0.1, 1, False)
    (False, True)
    """
    if n_saved is None or len(saved) < n_saved:
        return True
    lowest = saved[0].priority
    if math.isnan(priority) or math.isnan(lowest):
        return not math.isnan(priority)
    return priority > lowest or (or_equal and priority == lowest)


def with_item(saved: list[Item], new: Item) -> list[Item]:
    """All files there will be with the new one; a file of the same name is replaced."""
    others = [item for item in saved if item.filename != new.filename]
    return sorted([*others, new], key=lambda item: (not math.isnan(item.priority), item.priority))


def state_of(items: list[Item]) -> OrderedDict[str, list[tuple[int | float, str]]]:
    """The list as a state_dict."""
    return OrderedDict(_saved=[(item.priority, item.filename) for item in items])


def items_of(state_dict: Mapping) -> list[Item]:
    """The list of a state_dict."""
    return [Item(priority, filename) for priority, filename in state_dict["_saved"]]
