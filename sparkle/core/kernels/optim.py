"""One pass of an update rule over many tensors at once: compiled by numba where that is installed, in threads."""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy

from ..settings import chosen_threads, get_num_threads

SHARE = 1 << 18  # elements below which waking another thread costs more than it brings
LINE = 1 << 10  # threads meet at multiples of this, away from each other's cache lines
TURNS = 4  # shares for each thread, so that one on a slower core takes fewer


def where(condition: Any, a: Any, b: Any) -> Any:
    """a or b by element, for rules: compiled it is a choice, where `numpy.where` would make an array."""
    return numpy.where(condition, a, b)


@functools.cache
def _loops() -> ModuleType | None:
    """The compiled loops' module; None where numba is not installed, or does not go with this NumPy."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle OpenMP threads of other kernels would starve BLAS
    try:
        return importlib.import_module(".optim_loops", __package__)
    except ImportError:
        return None


@functools.cache
def compiled(rule: Callable[..., Any], states: int, numbers: int) -> Callable[..., None] | None:
    """`rule(p, g, *states, *numbers) -> p or (p, *states)` as a loop over many tensors; None without numba.

    The loop's arguments: addresses, int64 of shape (2 + states, tensors); ends, the running sum of the tensors' sizes;
    the first and one past the last of all elements to visit; the numbers, an array of the tensors' type. The tensors
    are contiguous. Its results equal those of the rule on NumPy arrays bit for bit.
    """
    loops = _loops()
    return None if loops is None else loops.compile_loop(rule, states, numbers)


def run(loop: Callable[..., None], addresses: Any, ends: Any, numbers: Any) -> None:
    """The loop over all elements, divided among threads where there are many."""
    total = int(ends[-1])
    if total < SHARE or not _crew().run(loop, addresses, ends, total, numbers):
        loop(addresses, ends, 0, total, numbers)


class Crew:
    """Threads that wait for their share of a loop. The loops hold no Python lock while they run."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.process = os.getpid()
        self.busy = threading.Lock()
        self.done = threading.Semaphore(0)
        self.calls: list[threading.Semaphore] = []
        self.job: tuple[Any, ...] = ()
        self.errors: list[BaseException] = []

    def run(self, loop: Callable[..., None], addresses: Any, ends: Any, total: int, numbers: Any) -> bool:
        """False, and nothing done, when there is no second thread or the crew works for another caller."""
        if self.size < 2 or not self.busy.acquire(blocking=False):
            return False
        try:
            self._work_together(loop, addresses, ends, total, numbers)
        finally:
            self.busy.release()
        return True

    def _work_together(self, loop: Callable[..., None], addresses: Any, ends: Any, total: int, numbers: Any) -> None:
        self._start()
        share = -(-total // (self.size * TURNS) // LINE) * LINE
        # Taking the next number is one step of the interpreter, so no two threads get the same.
        self.job = (loop, addresses, ends, total, numbers, share, itertools.count())
        for call in self.calls:
            call.release()
        try:
            _take_turns(*self.job)
            for _ in self.calls:
                self.done.acquire()
        except BaseException:  # an interrupt: some threads may still be at work, so the next caller gets a new crew
            self.process = -1
            raise
        self.job = ()
        if self.errors:
            self.process = -1
            raise self.errors[0]

    def _start(self) -> None:
        for _ in range(len(self.calls) + 1, self.size):
            call = threading.Semaphore(0)
            self.calls.append(call)
            threading.Thread(target=self._wait, args=(call,), name="sparkle-optim", daemon=True).start()

    def _wait(self, call: threading.Semaphore) -> None:
        while True:
            call.acquire()
            try:
                _take_turns(*self.job)
            except BaseException as error:  # raised again where the step was called
                self.errors.append(error)
            finally:
                self.done.release()


def _take_turns(
    loop: Callable[..., None], addresses: Any, ends: Any, total: int, numbers: Any, share: int, turns: Iterator[int]
) -> None:
    """One share after the other, until there is none left."""
    for turn in turns:
        start = turn * share
        if start >= total:
            return
        loop(addresses, ends, start, min(start + share, total), numbers)


_held: list[Crew] = []


def _crew() -> Crew:
    """This process's crew: threads do not survive a fork."""
    if not _held or _held[0].process != os.getpid() or chosen_threads() not in (None, _held[0].size):
        _held[:] = [Crew(get_num_threads())]
    return _held[0]
