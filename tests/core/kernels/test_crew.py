"""The threads that share a loop: everything once, errors to the caller."""

from __future__ import annotations

import functools
import threading
import time

import numpy
import pytest

from sparkle.core.kernels.crew import Crew


def test_errors_in_a_thread_reach_the_caller():
    def work(start, stop):
        if start > 0:
            raise ValueError("in the thread")

    with pytest.raises(ValueError, match="in the thread"):
        Crew(2).run(work, 5000)


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("line", [1, 100, 1024])
@pytest.mark.parametrize("total", [1, 1024, 5000, 10_000])
def test_shares_cover_everything_once(size, line, total):
    seen = []
    assert Crew(size).run(lambda start, stop: seen.append((start, stop)), total, line)
    pieces = sorted(seen)
    assert [start for start, _ in pieces] == [0, *[stop for _, stop in pieces[:-1]]]
    assert all(start % line == 0 and start < stop for start, stop in pieces)
    assert pieces[-1][1] == total


def test_a_crew_at_work_and_a_crew_of_one_say_no():
    crew = Crew(2)
    answers = []
    assert crew.run(lambda start, stop: answers.append(crew.run(lambda a, b: None, 1)), 1)
    assert answers == [False]
    assert not Crew(1).run(lambda start, stop: answers.append(1), 10)
    assert answers == [False]


def test_many_jobs_in_a_row_and_after_a_pause():
    team, threads = Crew(3), set()
    for number in range(200):
        seen = []

        def work(start, stop, seen=seen, number=number):
            threads.add(threading.get_ident())
            seen.append((start, stop))
            time.sleep(0.0002 if number % 10 == 0 else 0)

        assert team.run(work, 12, 1)
        assert sorted(seen) == [(i, i + 1) for i in range(12)]
        time.sleep(0.002 if number % 50 == 0 else 0)
    assert len(threads) > 1


def test_threads_that_come_late_are_not_waited_for():
    team = Crew(2)
    assert team.run(lambda start, stop: None, 1)
    done = []
    assert team.run(lambda start, stop: done.append(start), 1)
    assert done == [0]
    assert not team.errors


def test_shares_of_a_compiled_loop_cover_everything_once():
    pytest.importorskip("numba")
    for size in (2, 3, 5):
        team = Crew(size)
        for total in (1, 7, 1000, 100_000):
            seen = numpy.zeros(total, numpy.int64)
            for _ in range(20):
                assert team.run_loop(compiled_count(), (seen,), total, 1)
            assert (seen == 20).all()


def test_a_compiled_loop_between_others_and_after_a_pause():
    pytest.importorskip("numba")
    team, seen, others = Crew(3), numpy.zeros(64, numpy.int64), []
    for number in range(100):
        assert team.run_loop(compiled_count(), (seen,), 64, 4)
        if number % 3 == 0:
            assert team.run(lambda start, stop: others.append(stop - start), 10, 1)
        time.sleep(0.005 if number % 20 == 0 else 0)
    assert (seen == 100).all()
    assert sum(others) == 10 * 34


def test_errors_in_a_compiled_loop_reach_the_caller():
    pytest.importorskip("numba")
    from sparkle.core.kernels.compiling import machine_code

    def refuse(start, stop):
        if stop > 3:
            raise ValueError

    with pytest.raises(RuntimeError, match="refuse"):
        Crew(2).run_loop(machine_code(refuse), (), 8, 1)


@functools.cache
def compiled_count():
    """A loop that adds 1 to each place."""
    from sparkle.core.kernels.compiling import machine_code

    def count(seen, start, stop):
        for i in range(start, stop):
            seen[i] += 1

    return machine_code(count)
