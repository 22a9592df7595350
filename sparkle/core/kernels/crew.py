"""Threads that wait to take their shares of a loop, for work that holds no Python lock."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..settings import chosen_threads, get_num_threads

SHARE = 1 << 18  # elements below which waking another thread costs more than it brings
LINE = 1 << 10  # threads meet at multiples of this, away from each other's cache lines
TURNS = 4  # shares for each thread, so that one on a slower core takes fewer

Work = Callable[[int, int], Any]


def divided(work: Work, total: int, weight: int = 1, line: int = LINE) -> None:
    """work(start, stop) for parts of 0..total that cover it, in threads where total x weight elements are many.

    Where the parts begin depends on the number of threads, multiples of `line` always; so work must not care.
    """
    if total * weight < SHARE or not _crew().run(work, total, line):
        work(0, total)


class Crew:
    """Threads that wait for their share of a loop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.process = os.getpid()
        self.busy = threading.Lock()
        self.done = threading.Semaphore(0)
        self.calls: list[threading.Semaphore] = []
        self.job: tuple[Any, ...] = ()
        self.errors: list[BaseException] = []

    def run(self, work: Work, total: int, line: int = LINE) -> bool:
        """False, and nothing done, when there is no second thread or the crew works for another caller."""
        if self.size < 2 or not self.busy.acquire(blocking=False):
            return False
        try:
            self._work_together(work, total, line)
        finally:
            self.busy.release()
        return True

    def _work_together(self, work: Work, total: int, line: int) -> None:
        self._start()
        share = -(-total // (self.size * TURNS) // line) * line
        # Taking the next number is one step of the interpreter, so no two threads get the same.
        self.job = (work, total, share, itertools.count())
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
            threading.Thread(target=self._wait, args=(call,), name="sparkle-crew", daemon=True).start()

    def _wait(self, call: threading.Semaphore) -> None:
        while True:
            call.acquire()
            try:
                _take_turns(*self.job)
            except BaseException as error:  # raised again where the crew was called
                self.errors.append(error)
            finally:
                self.done.release()


def _take_turns(work: Work, total: int, share: int, turns: Iterator[int]) -> None:
    """One share after the other, until there is none left."""
    for turn in turns:
        start = turn * share
        if start >= total:
            return
        work(start, min(start + share, total))


_held: list[Crew] = []


def _crew() -> Crew:
    """This process's crew: threads do not survive a fork."""
    if not _held or _held[0].process != os.getpid() or chosen_threads() not in (None, _held[0].size):
        _held[:] = [Crew(get_num_threads())]
    return _held[0]
