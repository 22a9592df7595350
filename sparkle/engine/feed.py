"""Where the batches come from, and how far they have been read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from typing import Any


class Feed:
    """The iterator over the data, and its position: batches read since it was at its start.

    Data that can be iterated again (a list, a loader) is reopened at a position: by its own `load_state_dict` where it
    has a state, else by passing over that many batches. Data that is its own iterator (a generator) can be read only
    once: it is kept, and read on, as long as the same object is given.
    """

    __slots__ = ("data", "ended", "epoch_start", "iterator")

    def __init__(self) -> None:
        self.data: Iterable | None = None
        self.iterator: Iterator | None = None
        self.epoch_start = 0  # the position at the start of the epoch; the engine counts on from there
        self.ended = False  # whether the end was met, and the length of the epoch learnt from it

    def open(
        self, data: Iterable | None, position: int = 0, seen: int = 0, state: Any = None, ended: bool = False
    ) -> None:
        """Iterate `data` from a position on, `seen` batches into the epoch; without data the batches are None.

        state: what the data itself knows of that position. ended: the data is at its end.
        """
        self.iterator = None  # the old one ends before the new one begins
        self.data = data
        self.epoch_start = position - seen
        self.ended = ended
        if data is None:
            self.iterator = repeat(None)
            return
        known = state is not None and is_stateful(data)
        if known:
            data.load_state_dict(state)  # type: ignore[attr-defined]
        if ended or (position and not known and position == length_of(data)):
            self.iterator = iter(())
            return
        self.iterator = iter(data)
        if position and not known:
            deque(islice(self.iterator, position), maxlen=0)

    def holds(self, data: Iterable | None) -> bool:
        """Whether this is the data being read, with its iterator still open."""
        return self.iterator is not None and self.data is data

    def put_back(self, batch: Any) -> None:
        """Give this batch again, next."""
        if self.iterator is not None:
            self.iterator = chain((batch,), self.iterator)

    def close(self) -> None:
        """Let the iterator go, with its worker processes and prefetched batches, unless it *is* the data."""
        if not is_one_time(self.data):
            self.iterator = None


def is_one_time(data: Iterable | None) -> bool:
    """Whether `data` is an iterator, which can be read only once.

    >>> is_one_time([1, 2]), is_one_time(iter([1, 2]))
    (False, True)
    """
    return isinstance(data, Iterator)


def is_stateful(data: Any) -> bool:
    """Whether `data` can say where it is, and go on from there when it is iterated next.

    >>> is_stateful([1, 2])
    False
    """
    return callable(getattr(data, "state_dict", None)) and callable(getattr(data, "load_state_dict", None))


def length_of(data: Iterable | None) -> int | None:
    """The number of batches, or None when the data does not know it.

    >>> length_of([1, 2]), length_of(iter([1, 2]))
    (2, None)
    """
    try:
        return len(data)  # type: ignore[arg-type]
    except TypeError:
        return None
