"""Going on in the middle of a pass: the order is drawn again as it was drawn, and what was given is passed over.

Names follow torch's StatefulDataLoader: `state_dict` says where the latest pass is, `load_state_dict` lets the next one
go on there.
"""

from __future__ import annotations

import random as python_random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import numpy

from .. import random


def is_stateful(value: Any) -> bool:
    """Has it `state_dict` and `load_state_dict`?"""
    return callable(getattr(value, "state_dict", None)) and callable(getattr(value, "load_state_dict", None))


def global_states(foreign: bool) -> dict[str, Any]:
    """The states of sparkle's streams; with those of Python's and NumPy's generators for code that may draw there."""
    seed, streams = random.snapshot()
    places = [[kind, -1 if index is None else index, state] for (kind, index), state in streams.items()]
    states: dict[str, Any] = {"seed": seed, "streams": places}
    if foreign:
        states |= {"python": python_random.getstate(), "numpy": numpy.random.get_state()}  # noqa: NPY002
    return states


def restore_global(states: Mapping[str, Any]) -> None:
    """Go on from what `global_states` gave."""
    streams = {(kind, None if index < 0 else index): numpy.asarray(state) for kind, index, state in states["streams"]}
    for place in streams:
        random.stream_on(*place)
    random.reinstate((states["seed"], streams))
    if "python" in states:
        version, words, gauss = states["python"]
        python_random.setstate((version, tuple(words), gauss))
        numpy.random.set_state(tuple(states["numpy"]))  # noqa: NPY002


class Pass:
    """One pass over something whose order is drawn when it begins: the states it was drawn from, and the items given.

    generators: those of its own that it draws from. foreign: whether it may draw from Python's and NumPy's too. Whoever
    gives the items on counts them in `given`.
    """

    def __init__(
        self, generators: Iterable[Any] = (), foreign: bool = False, saved: Mapping[str, Any] | None = None
    ) -> None:
        self.generators = list({id(g): g for g in generators if g is not None}.values())
        self.foreign = foreign
        self.given = 0
        self.start: dict[str, Any] | None = None  # None before the first item, and after the last
        if saved is not None:
            self.given, self.start = saved["given"], saved["start"]
            self._set_own(saved["own"])

    def items(self, iterate: Callable[[], Iterable[Any]], skip: bool = True) -> Iterator[Any]:
        """The items of `iterate()` that were not given yet.

        skip: whether the others are to be passed over here, and not by what is iterated. That leaves all generators as
        they were, own ones as they were saved.
        """
        if self.start is None or not skip:
            if self.start is None:
                self.start = {"global": global_states(self.foreign), "own": self._own()}
            items = iter(iterate())
        else:
            items = self._replayed(iterate, self.start)
        yield from items
        self.given, self.start = 0, None  # what comes next is a new pass

    def _replayed(self, iterate: Callable[[], Iterable[Any]], start: Mapping[str, Any]) -> Iterator[Any]:
        now, own = global_states(foreign=True), self._own()
        restore_global(start["global"])
        self._set_own(start["own"])
        try:
            items = iter(iterate())
            deque(islice(items, self.given), maxlen=0)
            first = [] if self.given else list(islice(items, 1))  # an order is drawn with the first item
        finally:
            restore_global(now)
            self._set_own(own)
        return chain(first, items)

    def state_dict(self, behind: int = 0) -> dict[str, Any]:
        """Where the pass is, or was so many items ago."""
        return {"given": self.given - behind, "start": self.start, "own": self._own()}

    def _own(self) -> list[Any]:
        return [generator.get_state() for generator in self.generators]

    def _set_own(self, states: Iterable[Any]) -> None:
        for generator, state in zip(self.generators, states, strict=True):
            generator.set_state(state)
