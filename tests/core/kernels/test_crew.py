"""The threads that share a loop: everything once, errors to the caller."""

from __future__ import annotations

import functools
import threading
import time

import numpy
import pytest

from sparkle.core.kernels.crew import CLOSE, Crew


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
                assert team.run_loop(compiled_count(), (seen,), total, 1, CLOSE)
            assert (seen == 20).all()


def test_a_compiled_loop_between_others_and_after_a_pause():
    pytest.importorskip("numba")
    team, seen, others = Crew(3), numpy.zeros(64, numpy.int64), []
    for number in range(100):
        assert team.run_loop(compiled_count(), (seen,), 64, 4, CLOSE)
        if number % 3 == 0:
            assert team.run(lambda start, stop: others.append(stop - start), 10, 1)
        time.sleep(0.005 if number % 20 == 0 else 0)
    assert (seen == 100).all()
    assert sum(others) == 10 * 34


def test_small_loops_stay_with_their_thread_where_cores_are_far():
    pytest.importorskip("numba")
    from sparkle.core.kernels import sharing

    team, seen = Crew(2), numpy.zeros(1000, numpy.int64)

    def opened(loops, far, work):
        """How many of so many loops are offered to the other thread."""
        run(team, seen, CLOSE)
        before = team.board[sharing.NUMBER // 8]
        team.board[sharing.OPENED // 8], team.board[sharing.FAR // 8] = 0, far
        for _ in range(loops):
            run(team, seen, work)
        return team.board[sharing.NUMBER // 8] - before

    assert opened(2 * sharing.SELDOM, sharing.MOST, CLOSE - 1) == 2  # to look again
    assert opened(1, sharing.SURE - 1, CLOSE - 1) == 1
    assert opened(10, sharing.MOST, CLOSE) == 10
    assert (seen == 3 + 2 * sharing.SELDOM + 1 + 10).all()


def test_far_is_where_others_come_late():
    pytest.importorskip("numba")
    from sparkle.core.kernels import sharing

    team, seen = Crew(2), numpy.zeros(10, numpy.int64)
    late, soon, most = sharing.DISTANT + 1, sharing.DISTANT, sharing.MOST
    for took, before, after in ((late, 0, 1), (late, most, most), (soon, 2, 1), (soon, 0, 0), (-5, 2, 2)):
        run(team, seen, CLOSE)
        team.board[sharing.OPENED // 8], team.board[sharing.JOINED // 8] = 10**6, 10**6 + took
        team.board[sharing.FAR // 8] = before
        run(team, seen, CLOSE)
        assert team.board[sharing.FAR // 8] == after


def run(team, seen, work):
    assert team.run_loop(compiled_count(), (seen,), len(seen), 1, work)


def test_errors_in_a_compiled_loop_reach_the_caller():
    pytest.importorskip("numba")
    from sparkle.core.kernels.compiling import machine_code

    def refuse(start, stop):
        if stop > 3:
            raise ValueError

    with pytest.raises(RuntimeError, match="refuse"):
        Crew(2).run_loop(machine_code(refuse), (), 8, 1, CLOSE)


@functools.cache
def compiled_count():
    """A loop that adds 1 to each place."""
    from sparkle.core.kernels.compiling import machine_code

    def count(seen, start, stop):
        for i in range(start, stop):
            seen[i] += 1

    return machine_code(count)
