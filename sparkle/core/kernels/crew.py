"""Threads that wait to take their shares of a loop, for work that holds no Python lock."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from ..settings import chosen_threads, get_num_threads
from .compiling import loops

SHARE = 1 << 18  # elements below which waking another thread costs more than it brings
SMALL = 1 << 15  # the same where compiled code hands out the shares and the threads are awake
CLOSE = 1 << 17  # and where, besides, they run on cores that are far from each other
LINE = 1 << 10  # threads meet at multiples of this, away from each other's cache lines
BOARD = 7 * 16  # places of `sharing`
TURNS = 4  # shares for each thread, so that one on a slower core takes fewer
SELDOM = 5e-3  # seconds between two calls of sleeping threads for small loops
LOOKS = 30000  # at a number before a thread sleeps: about a millisecond

Work = Callable[[int, int], Any]


def divided(work: Work, total: int, weight: int = 1, line: int = LINE) -> None:
    """work(start, stop) for parts of 0..total that cover it, in threads where total x weight elements are many.

    Where the parts begin depends on the number of threads, multiples of `line` always; so work must not care.
    """
    if total * weight < SHARE or not _crew().run(work, total, line):
        work(0, total)


def shared(loop: Any, arguments: tuple[Any, ...], total: int, weight: int = 1, line: int = LINE) -> None:
    """loop(*arguments, start, stop), compiled, for parts of 0..total, as `divided` does; see `sharing`."""
    work = total * weight
    if work < SMALL or not _crew().run_loop(loop, arguments, total, line, work):
        loop(*arguments, 0, total)


class Crew:
    """Threads that wait for their share of a loop.

    A thread that has done its share looks out for the next one for a while before it sleeps: to wake a thread takes as
    long as a small loop. Whoever comes when all shares are taken is not waited for.
    """

    def __init__(self, size: int) -> None:
        self.size, self.turns = size, size * TURNS
        self.leader: Any = None  # of loops; asked for with the first one
        self.broken = False  # is somebody still at work who should not be?
        self.busy = threading.Lock()
        self.mates: list[Mate] = []
        self.posted = numpy.zeros(1, numpy.int64)
        board = numpy.zeros(BOARD + 8, numpy.int64)
        self.board = board[-board.ctypes.data % 64 // 8 :]  # from where a cache line begins
        self.board_at = self.board.ctypes.data
        self.woken = 0.0  # when threads were called last, in seconds
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

    def run_loop(self, loop: Any, arguments: tuple[Any, ...], total: int, line: int, work: int) -> bool:
        """`run` for a compiled loop that does the work of so many elements."""
        if self.size < 2 or not self.busy.acquire(blocking=False):
            return False
        try:
            if self.leader is None:
                self._gather()
                self.leader = loops("sharing").leader
            for mate in self.mates:
                if mate.asleep:
                    self._wake(work >= SHARE)
                    break
            share = -(-total // self.turns // line) * line
            if self.leader(loop)(self.board_at, work < CLOSE, total, share, *arguments):
                raise RuntimeError(f"{loop.__name__}: failed in a thread")
        finally:
            self.busy.release()
        return True

    def _wake(self, large: bool) -> None:
        """Call the threads that sleep. They will miss a small loop, and are called for the next ones, so seldom."""
        now = time.perf_counter()
        if large or now - self.woken > SELDOM:
            self.woken = now
            for mate in self.mates:
                if mate.asleep and mate.call.locked():
                    mate.call.release()

    def _gather(self) -> None:
        """Have all threads there."""
        if not self.mates:
            wait(self, -1)  # compiled here: a thread may be cut off by the program's end before it is on disk
            watch(self.posted, -1)
        while len(self.mates) < self.size - 1:
            self.mates.append(Mate(self))

    def _work_together(self, work: Work, total: int, line: int) -> None:
        self._gather()
        share = -(-total // self.turns // line) * line
        # Taking the next number, or a ticket, is one step of the interpreter, so no two threads get the same.
        tickets = dict.fromkeys(self.mates)
        turns = (work, total, share, itertools.count())
        self.job = tickets, turns
        self.posted[0] += 1
        for mate in self.mates:
            if mate.call.locked():  # else it has not answered the last call yet
                mate.call.release()
        try:
            _take_turns(*turns)
            for mate in self.mates:
                if tickets.pop(mate, self) is not self:
                    continue  # it has not come, and will find no ticket
                watch(mate.finished, mate.seen)
                mate.done.acquire()
                mate.seen += 1
        except BaseException:  # an interrupt: some threads may still be at work, so the next caller gets a new crew
            self.broken = True
            raise
        self.job = ()
        if self.errors:
            self.broken = True
            raise self.errors[0]


class Mate:
    """One of the threads."""

    def __init__(self, crew: Crew) -> None:
        self.call, self.done = threading.Lock(), threading.Lock()
        self.call.acquire()
        self.done.acquire()
        self.finished = numpy.zeros(1, numpy.int64)  # how many shares of jobs it has done
        self.asleep = False
        self.seen = 0  # how many of them the crew has heard of
        threading.Thread(target=self._wait, args=(crew,), name="sparkle-crew", daemon=True).start()

    def _wait(self, crew: Crew) -> None:
        while True:
            seen = crew.posted[0]
            if self.call.locked():  # else it is called already
                wait(crew, seen)
            self.asleep = True
            self.call.acquire()
            self.asleep = False
            job = crew.job
            if not job or job[0].pop(self, self) is self:
                continue
            try:
                _take_turns(*job[1])
            except BaseException as error:  # raised again where the crew was called
                crew.errors.append(error)
            finally:
                del job
                self.finished[0] += 1
                self.done.release()


def wait(crew: Crew, seen: int) -> None:
    """Help with compiled loops until none has come for a while, or another job has."""
    compiled = loops("sharing")
    if compiled is not None:
        compiled.serve(crew.board_at, crew.posted.ctypes.data, int(seen), LOOKS)


def watch(number: Any, seen: int) -> None:
    """Return when the number is another one than what was seen, or after a while; at once without numba."""
    compiled = loops("waiting")
    if compiled is not None:
        compiled.watch(number.ctypes.data, int(seen), LOOKS)


def _take_turns(work: Work, total: int, share: int, turns: Iterator[int]) -> None:
    """One share after the other, until there is none left."""
    for turn in turns:
        start = turn * share
        if start >= total:
            return
        work(start, min(start + share, total))


_held: list[Crew] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.clear)  # threads do not survive a fork


def _crew() -> Crew:
    """This process's crew."""
    if not _held or _held[0].broken or chosen_threads() not in (None, _held[0].size):
        _held[:] = [Crew(get_num_threads())]
    return _held[0]
