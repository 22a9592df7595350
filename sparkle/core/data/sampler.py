"""Samplers: in which order the samples of a dataset are visited."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any

from ..tensor.functions.sampling import multinomial, randint, randperm
from ..tensor.making.creation import as_tensor
from .replay import Pass, is_stateful


class Sampler:
    """Base of samplers: a subclass defines `__iter__()`, over indices, and `__len__()`."""

    def __init__(self, data_source: Any = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__}.__iter__")


class ResumableSampler(Sampler):
    """Base of the samplers here: the order is drawn as a pass begins, and drawn again to go on in the middle of one.

    >>> sampler = RandomSampler(range(5))
    >>> indices = iter(sampler)
    >>> first = [next(indices), next(indices)]
    >>> other = RandomSampler(range(5))
    >>> other.load_state_dict(sampler.state_dict())
    >>> list(other) == list(indices)
    True
    """

    generator: Any = None

    def _order(self) -> Iterable[Any]:
        """One new pass."""
        raise NotImplementedError(f"{type(self).__name__}._order")

    def __iter__(self) -> Iterator[Any]:
        saved, part = self.__dict__.pop("_saved", None), stateful_part(self)
        self._pass = Pass(generators_of(self), draws_elsewhere(self), saved)
        if part is not None and saved is not None:
            part.load_state_dict(saved["sampler"])
        return self._items(self._pass, skip=part is None)

    def _items(self, current: Pass, skip: bool) -> Iterator[Any]:
        for item in current.items(self._order, skip):
            current.given += 1
            yield item

    def state_dict(self) -> dict[str, Any]:
        """Where the latest pass is: the states that its order was drawn from, and how many items it gave."""
        if "_saved" in self.__dict__:
            return dict(self._saved)
        current = self.__dict__.get("_pass") or Pass(generators_of(self))
        part = stateful_part(self)
        return current.state_dict() | ({} if part is None else {"sampler": part.state_dict()})

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Let the next pass go on where `state_dict` was taken."""
        self._saved = dict(state_dict)


class SequentialSampler(ResumableSampler):
    """0, 1, 2, ..."""

    def _order(self) -> Iterable[int]:
        return range(len(self.data_source))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(ResumableSampler):
    """A random order; with replacement, or several times over, when num_samples asks for it."""

    def __init__(
        self, data_source: Sized, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        super().__init__(data_source)
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement should be a boolean value, but got replacement={replacement}")
        self.replacement, self._num_samples, self.generator = replacement, num_samples, generator
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(
                f"RandomSampler: num_samples should be a positive integer value, but got {self.num_samples}"
            )

    @property
    def num_samples(self) -> int:
        """How many indices one pass gives."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def _order(self) -> Iterable[int]:
        n, count = len(self.data_source), self.num_samples
        if self.replacement:
            return randint(0, n, (count,), generator=self.generator).tolist()
        rounds = [randperm(n, generator=self.generator).tolist()[: count - start] for start in range(0, count, n)]
        return rounds[0] if len(rounds) == 1 else itertools.chain.from_iterable(rounds)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(ResumableSampler):
    """The given indices in a random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        super().__init__()
        self.indices, self.generator = indices, generator

    def _order(self) -> Iterable[int]:
        return [self.indices[i] for i in randperm(len(self.indices), generator=self.generator).tolist()]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(ResumableSampler):
    """Indices 0..len(weights)-1 drawn with probability in proportion to their weights."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        super().__init__()
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(
                f"WeightedRandomSampler: num_samples should be a positive integer value, but got {num_samples}"
            )
        if not isinstance(replacement, bool):
            raise ValueError(f"WeightedRandomSampler: replacement should be a boolean value, but got {replacement}")
        self.weights = as_tensor(weights).double()
        if self.weights.ndim != 1:
            raise ValueError(
                f"WeightedRandomSampler: weights should be a 1d sequence, met shape {tuple(self.weights.shape)}"
            )
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def _order(self) -> Iterable[int]:
        return multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator).tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(ResumableSampler):
    """Lists of batch_size indices of another sampler; drop_last leaves out a last, shorter one."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        super().__init__()
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def _order(self) -> Iterator[list[int]]:
        for batch in self._pieces(uncounted(self.sampler)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def _pieces(self, indices: Iterable[int]) -> Iterator[list[int]]:
        size = self.batch_size
        if type(indices) is list:
            return (indices[start : start + size] for start in range(0, len(indices), size))
        several = iter(indices)
        return iter(lambda: list(itertools.islice(several, size)), [])

    def __len__(self) -> int:
        n = len(self.sampler)  # type: ignore[arg-type]
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def _chain(order: Any) -> Iterator[Any]:
    """An order, the order that it is made of, and so on."""
    while order is not None:
        yield order
        order = getattr(order, "sampler", None)


def uncounted(order: Any) -> Iterable[Any]:
    """One new pass over an order, for somebody who counts the items: the samplers here need not count them too."""
    counted = getattr(type(order), "__iter__", None) is ResumableSampler.__iter__
    return order._order() if counted and "_saved" not in vars(order) else order


def generators_of(order: Any) -> list[Any]:
    """The generators that an order is drawn from, beside the global ones."""
    found = [getattr(part, "generator", None) for part in _chain(order)]
    return [g for g in found if callable(getattr(g, "get_state", None))]


def draws_elsewhere(order: Any) -> bool:
    """Is there a part that is not one of the samplers here, and may draw from Python's or NumPy's generators?"""
    return any(getattr(type(part), "__iter__", None) is not ResumableSampler.__iter__ for part in _chain(order))


def stateful_part(order: Any) -> Any:
    """The part that keeps a state of its own, by methods other than those of the samplers here; None without one."""
    for part in _chain(order):
        if is_stateful(part) and getattr(type(part), "state_dict", None) is not ResumableSampler.state_dict:
            return part
    return None
