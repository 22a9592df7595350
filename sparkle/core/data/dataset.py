"""Datasets: something with `__getitem__` and `__len__`, or something to iterate."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy

from ..tensor.base import TensorBase, wrap
from ..tensor.functions.sampling import randperm

Sample = TypeVar("Sample", covariant=True)


class Dataset(Generic[Sample]):
    """Base of map-style datasets: a subclass defines `__getitem__(index)` and, for most samplers, `__len__()`."""

    def __getitem__(self, index: Any) -> Sample:
        raise NotImplementedError(f"{type(self).__name__}: subclasses of Dataset should implement __getitem__")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample]):
    """Base of datasets that are iterated: a subclass defines `__iter__()`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__}: subclasses of IterableDataset should implement __iter__")

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Any, ...]]):
    """Samples are the i-th rows of tensors that have the same first size.

    >>> import sparkle
    >>> TensorDataset(sparkle.zeros(3, 2), sparkle.arange(3))[1]
    (tensor([0., 0.]), tensor(1))
    """

    def __init__(self, *tensors: Any) -> None:
        sizes = [len(t) for t in tensors]
        if len(set(sizes)) > 1:
            raise AssertionError(f"TensorDataset: size mismatch between tensors: their first sizes are {sizes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def rows(self, indices: Sequence[int]) -> list[Any] | None:
        """The samples at these places, collated: what `default_collate` makes of them, without a tensor for each."""
        places = numpy.asarray(indices)
        if places.dtype.kind != "i" or places.ndim != 1 or any(t.tracked for t in self.tensors):
            return None
        return [wrap(_rows_at(t.array, places)) for t in self.tensors]


def _rows_at(array: Any, places: Any) -> Any:
    """array[places], for which `take` needs two thirds of the time; it copies the whole of what is not contiguous."""
    if type(array) is numpy.ndarray:
        return array.take(places, 0) if array.flags.c_contiguous else array[places]
    return array[places.tolist()]


class Subset(Dataset[Sample]):
    """The samples of a dataset at the given indices."""

    def __init__(self, dataset: Dataset[Sample], indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """The samples at these places: asked of the dataset at once where it can; one by one in a class of its own."""
        if type(self).__getitem__ is not Subset.__getitem__:
            return [self[i] for i in indices]
        whole = getattr(self.dataset, "__getitems__", None)
        places = [self.indices[i] for i in indices]
        return whole(places) if callable(whole) else [self.dataset[i] for i in places]

    def __len__(self) -> int:
        return len(self.indices)

    def rows(self, indices: Sequence[int]) -> list[Any] | None:
        """Collated samples, where the dataset can give them at once; None where it cannot."""
        whole = getattr(self.dataset, "rows", None)
        return None if whole is None else whole([self.indices[i] for i in indices])


class ConcatDataset(Dataset[Sample]):
    """Several map-style datasets one after the other."""

    def __init__(self, datasets: Iterable[Dataset[Sample]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset: datasets should not be an empty iterable")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise AssertionError("ConcatDataset: an IterableDataset has no indices; use ChainDataset")
        self.cumulative_sizes = list(itertools.accumulate(len(d) for d in self.datasets))  # type: ignore[arg-type]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        n = len(self)
        if not -n <= index < n:  # IndexError ends an iteration, so it is kept for running past the end
            kind = IndexError if index >= n else ValueError
            raise kind(f"ConcatDataset: index {index} is out of range for {n} samples")
        index %= n
        which = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class ChainDataset(IterableDataset[Any]):
    """Several iterable datasets one after the other."""

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = list(datasets)

    def __iter__(self) -> Iterator[Any]:
        for d in self.datasets:
            if not isinstance(d, IterableDataset):
                raise AssertionError(f"ChainDataset: only supports IterableDataset, met {type(d).__name__}")
            yield from d

    def __len__(self) -> int:
        return sum([len(d) for d in self.datasets])  # type: ignore[arg-type, misc]


def random_split(dataset: Dataset[Any], lengths: Sequence[float], generator: Any = None) -> list[Subset[Any]]:
    """Split a dataset at random into parts of the given lengths, or fractions of 1.

    Fractions are rounded down, and what is left is dealt out one by one from the first part on.
    Raises ValueError where the lengths do not add up to the dataset's.

    >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    size = len(dataset)  # type: ignore[arg-type]
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1 + 1e-9:
        sizes = _from_fractions(lengths, size)
    else:
        sizes = [int(n) for n in lengths]
    if sum(sizes) != size:
        raise ValueError(f"random_split: sum of input lengths {sizes} is {sum(sizes)}, the dataset has {size} samples")
    order = randperm(size, generator=generator).tolist()
    ends = list(itertools.accumulate(sizes))
    return [Subset(dataset, order[end - n : end]) for n, end in zip(sizes, ends, strict=True)]


def _from_fractions(fractions: Sequence[float], size: int) -> list[int]:
    for i, f in enumerate(fractions):
        if not 0 <= f <= 1:
            raise ValueError(f"random_split: fraction at index {i} is not between 0 and 1: {f}")
    sizes = [math.floor(size * f) for f in fractions]
    for i in range(size - sum(sizes)):
        sizes[i % len(sizes)] += 1
    for i, n in enumerate(sizes):
        if n == 0:
            warnings.warn(f"random_split: the part at index {i} is empty", stacklevel=3)
    return sizes


def is_tensor_rows(dataset: Any) -> bool:
    """Can the dataset give collated rows at once? Not where a class of the user's says what a sample is."""
    if isinstance(dataset, Subset):
        return _gives_samples_of(Subset, dataset) and is_tensor_rows(dataset.dataset)
    return (
        isinstance(dataset, TensorDataset)
        and _gives_samples_of(TensorDataset, dataset)
        and all(isinstance(t, TensorBase) for t in dataset.tensors)
    )


def _gives_samples_of(base: type, dataset: Any) -> bool:
    names = "__getitem__", "__getitems__"
    return all(getattr(type(dataset), name, None) is getattr(base, name, None) for name in names)
