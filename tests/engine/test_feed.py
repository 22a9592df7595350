"""The feed: opening at a position, putting back, letting go."""

from __future__ import annotations

from typing import Any

import pytest

from sparkle.engine.feed import Feed, is_one_time, length_of


def rest(feed: Feed) -> list[Any]:
    assert feed.iterator is not None
    return list(feed.iterator)


@pytest.mark.parametrize(
    ("data", "position", "expected"),
    [([0, 1, 2], 0, [0, 1, 2]), ([0, 1, 2], 2, [2]), ([0, 1, 2], 5, []), (iter([0, 1, 2]), 1, [1, 2])],
)
def test_open_passes_over(data: Any, position: int, expected: list[int]) -> None:
    feed = Feed()
    feed.open(data, position)
    assert rest(feed) == expected


def test_without_data_the_batches_are_none() -> None:
    feed = Feed()
    feed.open(None, position=3)
    assert feed.iterator is not None
    assert [next(feed.iterator) for _ in range(3)] == [None] * 3


def test_epoch_start_is_the_position_less_what_was_seen() -> None:
    feed = Feed()
    feed.open([0, 1, 2, 3], position=3, seen=1)
    assert feed.epoch_start == 2


def test_put_back() -> None:
    feed = Feed()
    feed.open([0, 1, 2], 1)
    feed.put_back(7)
    assert rest(feed) == [7, 1, 2]


def test_close_keeps_only_one_time_data() -> None:
    data, once = [1, 2], iter([1, 2])
    feed = Feed()
    feed.open(data)
    assert feed.holds(data)
    feed.close()
    assert not feed.holds(data)
    feed.open(once)
    feed.close()
    assert feed.holds(once)


class Liar:
    def __len__(self) -> int:
        raise TypeError("no length")


@pytest.mark.parametrize(("data", "length"), [([1], 1), ((n for n in "ab"), None), (Liar(), None), (None, None)])
def test_length(data: Any, length: int | None) -> None:
    assert length_of(data) == length


def test_one_time() -> None:
    assert [is_one_time(d) for d in ([1], iter([1]), (n for n in "a"), None)] == [False, True, True, False]
