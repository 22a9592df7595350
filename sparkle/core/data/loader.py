"""DataLoader: batches of a dataset, in the calling process; it can say where it is, and go on from there."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..tensor.making.creation import as_tensor
from .collate import default_collate
from .dataset import IterableDataset, is_tensor_rows
from .replay import Pass, is_stateful
from .sampler import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    draws_elsewhere,
    generators_of,
    stateful_part,
    uncounted,
)


class DataLoader:
    """Iterates over a dataset in batches.

    batch_size=None gives single samples; shuffle draws a new order each time; sampler or batch_sampler choose the order
    themselves; collate_fn makes a batch of a list of samples; drop_last leaves out an incomplete last batch. Loading
    happens in the calling process: num_workers other than 0 raises NotImplementedError.

    >>> list(DataLoader(range(5), batch_size=2))
    [tensor([0, 1]), tensor([2, 3]), tensor([4])]

    `state_dict` says where the latest pass is, `load_state_dict` lets the next one go on there, with the order that was
    drawn: names and meaning are those of torch's StatefulDataLoader. A sampler, an iterable dataset or its iterator
    with methods of these names is asked for its own state; all others are drawn again and passed over.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
    ) -> None:
        _check_workers(
            num_workers, timeout, worker_init_fn, multiprocessing_context, prefetch_factor, persistent_workers
        )
        if pin_memory:
            warnings.warn(
                "DataLoader: pin_memory has no effect: batches are made in ordinary host memory", stacklevel=2
            )
        iterable = isinstance(dataset, IterableDataset)
        _check_order(iterable, batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.dataset, self.num_workers, self.generator, self.drop_last = dataset, num_workers, generator, drop_last
        self.batch_size = None if batch_sampler is not None else batch_size
        self.pin_memory = pin_memory
        self.collate_fn = collate_fn or (
            default_collate if batch_size is not None or batch_sampler is not None else _as_is
        )
        self._samples_iterator: Any = None
        self._iterator_state: Any = None
        self._exhausted = False  # whether the last batch was the rest of the samples
        self.sampler: Any = sampler
        if sampler is None and not iterable:
            self.sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        self.batch_sampler: Any = batch_sampler
        if batch_sampler is None and batch_size is not None and not iterable:
            self.batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)

    def __iter__(self) -> Iterator[Any]:
        saved = self.__dict__.pop("_saved", {})
        foreign = self._iterable or draws_elsewhere(self._order)
        self._pass = Pass(self._generators(), foreign, saved.get("pass"))
        return self._batches(self._pass, self._take_states(saved))

    def _batches(self, current: Pass, skip: bool) -> Iterator[Any]:
        make = self._maker()
        for request in current.items(self._requests, skip):
            batch = make(request)
            current.given += 1
            yield batch
        self._samples_iterator, self._exhausted = None, False

    @property
    def _iterable(self) -> bool:
        return isinstance(self.dataset, IterableDataset)

    @property
    def _order(self) -> Any:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _generators(self) -> list[Any]:
        own = [self.generator] if callable(getattr(self.generator, "get_state", None)) else []
        return own + generators_of(self._order)

    def _requests(self) -> Iterable[Any]:
        """What each batch is made of: indices, or the samples of an iterable dataset."""
        if not self._iterable:
            return uncounted(self._order)
        if self._exhausted:
            return ()
        self._samples_iterator = samples = iter(self.dataset)
        if self._iterator_state is not None:
            samples.load_state_dict(self._iterator_state)
            self._iterator_state = None
        return samples if self.batch_size is None else self._grouped(samples)

    def _grouped(self, samples: Iterator[Any]) -> Iterator[list[Any]]:
        while batch := list(itertools.islice(samples, self.batch_size)):
            self._exhausted = len(batch) < self.batch_size  # type: ignore[operator]
            if not (self._exhausted and self.drop_last):
                yield batch

    def _maker(self) -> Callable[[Any], Any]:
        """From a request to the batch."""
        if self._iterable:
            return self.collate_fn
        if self.batch_sampler is None:
            return lambda index: self.collate_fn(self.dataset[index])
        if self.collate_fn is default_collate and is_tensor_rows(self.dataset):
            return self._rows
        return lambda indices: self.collate_fn(self._samples(indices))

    def _samples(self, indices: list[Any]) -> list[Any]:
        whole = getattr(self.dataset, "__getitems__", None)
        return whole(indices) if callable(whole) else [self.dataset[i] for i in indices]

    def _rows(self, indices: list[Any]) -> Any:
        """In-memory tensors: one indexing per tensor makes the batch, without a tensor for every sample."""
        rows = self.dataset.rows(indices)
        return rows if rows is not None else self.collate_fn(self._samples(indices))

    def state_dict(self, behind: int = 0) -> dict[str, Any]:
        """Where the latest pass is: the states that its order was drawn from, and how many batches it gave.

        behind: as it was so many batches ago. RuntimeError where a dataset or sampler with a state of its own, which
        cannot go back, is asked for that.

        >>> loader = DataLoader(range(6), batch_size=2, shuffle=True)
        >>> batches = iter(loader)
        >>> first = next(batches)
        >>> other = DataLoader(range(6), batch_size=2, shuffle=True)
        >>> other.load_state_dict(loader.state_dict())
        >>> [b.tolist() for b in other] == [b.tolist() for b in batches]
        True
        """
        saved = self.__dict__.get("_saved")
        if saved is not None and not behind:
            return dict(saved)
        current = self.__dict__.get("_pass") or Pass(self._generators())
        states = self._part_states()
        if behind and states:
            raise RuntimeError(f"DataLoader.state_dict: {', '.join(states)} cannot say where it was {behind} batch ago")
        return {"pass": current.state_dict(behind), **states}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Let the next pass go on where `state_dict` was taken."""
        self._saved = dict(state_dict)

    def _part_states(self) -> dict[str, Any]:
        iterator = self._samples_iterator
        parts = {"sampler": stateful_part(self._order), "dataset": self.dataset, "iterator": iterator}
        states = {name: part.state_dict() for name, part in parts.items() if is_stateful(part)}
        return states | ({"exhausted": True} if states and self._exhausted else {})

    def _take_states(self, saved: Mapping[str, Any]) -> bool:
        """Load the states of parts that have some; whether the order is still to be passed over here."""
        if "dataset" in saved:
            self.dataset.load_state_dict(saved["dataset"])
        if "sampler" in saved:
            stateful_part(self._order).load_state_dict(saved["sampler"])
        self._iterator_state, self._exhausted = saved.get("iterator"), saved.get("exhausted", False)
        return not ("sampler" in saved or "iterator" in saved or ("dataset" in saved and self._iterable))

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self.batch_sampler if self.batch_sampler is not None else self.sampler)
        n = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def _as_is(sample: Any) -> Any:
    """Without batches a sample is passed on; arrays and numbers in it become tensors."""
    if hasattr(sample, "dtype") and not hasattr(sample, "array"):
        return as_tensor(sample)
    if isinstance(sample, dict):
        return {key: _as_is(value) for key, value in sample.items()}
    if isinstance(sample, tuple) and hasattr(sample, "_fields"):
        return type(sample)(*map(_as_is, sample))
    if isinstance(sample, (tuple, list)):
        return [_as_is(item) for item in sample]
    return sample


def _check_workers(
    num_workers: int, timeout: float, init: Any, context: Any, prefetch_factor: Any, persistent_workers: bool
) -> None:
    if num_workers < 0:
        raise ValueError(f"num_workers option should be non-negative, met {num_workers}; use num_workers=0")
    if timeout < 0:
        raise ValueError(f"timeout option should be non-negative, met {timeout}")
    if num_workers > 0 or context is not None:
        raise NotImplementedError(
            f"DataLoader: num_workers={num_workers}: worker processes are not supported, batches are loaded in "
            f"the calling "
            "process; use num_workers=0"
        )
    if prefetch_factor is not None:
        raise ValueError(f"prefetch_factor option could only be specified in multiprocessing, met {prefetch_factor}")
    if persistent_workers:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if timeout or init is not None:
        warnings.warn("DataLoader: timeout and worker_init_fn concern worker processes; there are none", stacklevel=3)


def _check_order(
    iterable: bool, batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: bool
) -> None:
    if iterable and (shuffle or sampler is not None or batch_sampler is not None):
        raise ValueError(
            "DataLoader: an IterableDataset decides its own order: expected unspecified shuffle, sampler and "
            "batch_sampler, "
            f"but got shuffle={shuffle}, sampler={sampler}, batch_sampler={batch_sampler}"
        )
    if sampler is not None and shuffle:
        raise ValueError("DataLoader: sampler option is mutually exclusive with shuffle")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        raise ValueError(
            "DataLoader: batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
        )
    if batch_sampler is None and batch_size is None and drop_last:
        raise ValueError("DataLoader: batch_size=None disables batching and is mutually exclusive with drop_last")
