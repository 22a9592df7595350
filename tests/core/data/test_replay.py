"""Loaders, samplers and generators go on in the middle of a pass, with the order that was drawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import sparkle
from sparkle.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)

N = 10


def generator() -> Any:
    return sparkle.Generator().manual_seed(3)


class Foreign(Sampler):
    """A user's sampler: draws from Python's generator, knows nothing of states."""

    def __iter__(self) -> Iterator[int]:
        order = list(range(N))
        random.shuffle(order)
        return iter(order)

    def __len__(self) -> int:
        return N


class Stateful(Foreign):
    """A user's sampler with a state of its own."""

    def __init__(self) -> None:
        self.at, self.order = 0, list(range(N))
        self.loads = 0

    def __iter__(self) -> Iterator[int]:
        while self.at < N:
            self.at += 1
            yield self.order[self.at - 1]
        self.at = 0

    def state_dict(self) -> dict[str, Any]:
        return {"at": self.at}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.at = state["at"]
        self.loads += 1


SAMPLERS: dict[str, Callable[[], Any]] = {
    "sequential": lambda: SequentialSampler(range(N)),
    "random": lambda: RandomSampler(range(N)),
    "random, own generator": lambda: RandomSampler(range(N), generator=generator()),
    "random, replacement": lambda: RandomSampler(range(N), replacement=True, num_samples=12),
    "random, twice over": lambda: RandomSampler(range(N), num_samples=2 * N + 3),
    "subset": lambda: SubsetRandomSampler([3, 5, 7, 9, 11]),
    "weighted": lambda: WeightedRandomSampler([0.1, 0.2, 0.7], 8, generator=generator()),
    "batches": lambda: BatchSampler(RandomSampler(range(N)), 3, False),
    "batches, own generator": lambda: BatchSampler(RandomSampler(range(N), generator=generator()), 3, True),
    "batches, foreign": lambda: BatchSampler(Foreign(), 3, False),
    "batches, stateful": lambda: BatchSampler(Stateful(), 2, False),
}


class Stream(IterableDataset):
    def __iter__(self) -> Iterator[Any]:
        order = list(range(N))
        random.shuffle(order)
        return iter(order)


class StatefulIterator:
    def __init__(self) -> None:
        self.n = 0

    def __iter__(self) -> StatefulIterator:
        return self

    def __next__(self) -> int:
        if self.n == N:
            raise StopIteration
        self.n += 1
        return self.n

    def state_dict(self) -> dict[str, int]:
        return {"n": self.n}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.n = state["n"]


class WithIterator(IterableDataset):
    def __iter__(self) -> Iterator[int]:
        return StatefulIterator()


LOADERS: dict[str, Callable[[], Any]] = {
    "in order": lambda: DataLoader(range(N), batch_size=3),
    "shuffled": lambda: DataLoader(range(N), batch_size=3, shuffle=True),
    "shuffled tensors": lambda: DataLoader(TensorDataset(sparkle.arange(N)), batch_size=3, shuffle=True),
    "own generator": lambda: DataLoader(range(N), batch_size=3, shuffle=True, generator=generator()),
    "no batches": lambda: DataLoader(range(N), batch_size=None, sampler=RandomSampler(range(N))),
    "foreign": lambda: DataLoader(range(N), batch_size=3, sampler=Foreign(), drop_last=True),
    "stateful sampler": lambda: DataLoader(range(N), batch_size=2, sampler=Stateful()),
    "stream": lambda: DataLoader(Stream(), batch_size=3),
    "stream, no batches": lambda: DataLoader(Stream(), batch_size=None),
    "stateful iterator": lambda: DataLoader(WithIterator(), batch_size=3),
}


def values(items: list[Any]) -> list[Any]:
    return [
        [t.tolist() for t in i] if isinstance(i, list) and hasattr(i[0], "tolist") else i for i in map(plain, items)
    ]


def plain(item: Any) -> Any:
    return item.tolist() if hasattr(item, "tolist") else item


@pytest.mark.parametrize("name", [*SAMPLERS, *LOADERS])
def test_resumed_equals_unbroken(name: str) -> None:
    """Two passes; broken off at each place; the random numbers drawn afterwards are the same too."""
    make = (SAMPLERS | LOADERS)[name]
    sparkle.manual_seed(1), random.seed(2)
    whole = make()
    wanted = [values(list(whole)), values(list(whole))]
    for at in range(len(wanted[0]) + 1):
        sparkle.manual_seed(1), random.seed(2)
        first = make()
        items = iter(first)
        begun = values([next(items) for _ in range(at)])
        saved = first.state_dict()
        numbers = sparkle.random.get_rng_state(), random.getstate()
        second = make()
        second.load_state_dict(saved)
        assert second.state_dict() is not saved
        sparkle.random.set_rng_state(numbers[0]), random.setstate(numbers[1])
        rest = values(list(second))
        assert begun + rest == wanted[0], at
        assert values(list(second)) == wanted[1], at


@pytest.mark.parametrize("name", LOADERS)
def test_states_fit_into_a_file(name: str, tmp_path: Any) -> None:
    first, second = LOADERS[name](), LOADERS[name]()
    items = iter(first)
    next(items), next(items)
    sparkle.save(first.state_dict(), tmp_path / "state.pt")
    second.load_state_dict(sparkle.load(tmp_path / "state.pt"))
    assert values(list(second)) == values(list(items))


@pytest.mark.parametrize("name", ["in order", "shuffled", "own generator", "foreign", "stream"])
@pytest.mark.parametrize("at", [1, 2])
def test_one_batch_behind(name: str, at: int) -> None:
    first, second = LOADERS[name](), LOADERS[name]()
    items = iter(first)
    begun = [next(items) for _ in range(at)]
    second.load_state_dict(first.state_dict(behind=1))
    assert values(list(second)) == values(begun[-1:] + list(items))


@pytest.mark.parametrize("name", ["stateful sampler", "stateful iterator"])
def test_what_keeps_its_own_state_cannot_go_back(name: str) -> None:
    loader = LOADERS[name]()
    items = iter(loader)
    next(items)
    with pytest.raises(RuntimeError, match="cannot say where it was 1 batch ago"):
        loader.state_dict(behind=1)


def test_a_finished_pass_is_followed_by_a_new_one() -> None:
    first, second = LOADERS["shuffled"](), LOADERS["shuffled"]()
    list(first)
    second.load_state_dict(first.state_dict())
    assert len(list(second)) == 4


def test_the_batch_that_could_not_be_made_comes_again() -> None:
    class Broken(list):
        broken = True

        def __getitem__(self, index: Any) -> Any:
            if index == 4 and self.broken:
                raise OSError("disk")
            return super().__getitem__(index)

    data = Broken(range(6))
    loader = DataLoader(data, batch_size=2)
    items = iter(loader)
    next(items), next(items)
    with pytest.raises(OSError, match="disk"):
        next(items)
    data.broken = False
    again = DataLoader(data, batch_size=2)
    again.load_state_dict(loader.state_dict())
    assert values(list(again)) == [[4, 5]]


def test_generators() -> None:
    first, second = generator(), sparkle.Generator()
    sparkle.rand(3, generator=first)
    second.load_state_dict(first.state_dict())
    assert sparkle.rand(3, generator=first).tolist() == sparkle.rand(3, generator=second).tolist()


def test_the_order_a_seed_gives() -> None:
    """Golden: what a seed gave before passes could be gone on with."""
    sparkle.manual_seed(0)
    expected = sparkle.randperm(5).tolist()
    sparkle.manual_seed(0)
    assert list(RandomSampler(range(5))) == expected
