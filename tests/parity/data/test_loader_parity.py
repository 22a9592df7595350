"""The same calls of torch's data utilities and ours: batches, dtypes, lengths, error classes."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest
import torch
import torch.utils.data

import sparkle
import sparkle.utils.data

Pair = namedtuple("Pair", ["a", "b"])


def plain(lib, value):
    """Any batch as comparable Python values, with types and dtypes."""
    if isinstance(value, lib.Tensor):
        return ("tensor", str(value.dtype).split(".")[-1], value.tolist())
    if isinstance(value, dict):
        return {k: plain(lib, v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [plain(lib, v) for v in value])
    return value


BATCHES = {
    "ints": [1, 2],
    "floats": [1.0, 2.5],
    "bools": [True, False],
    "strings": ["a", "b"],
    "bytes": [b"a", b"b"],
    "numpy scalars": [np.float32(1), np.float32(2)],
    "numpy ints": [np.int16(1), np.int16(2)],
    "arrays": [np.zeros((2, 3)), np.ones((2, 3))],
    "0-d arrays": [np.array(1.5), np.array(2.5)],
    "tuples": [(1, 2.0), (3, 4.0)],
    "lists": [[1, "x"], [2, "y"]],
    "dicts": [{"a": 1, "b": [1.0]}, {"a": 2, "b": [2.0]}],
    "named": [Pair(1, 2), Pair(3, 4)],
    "nested": [({"x": (1, np.ones(2))}, [2.0]), ({"x": (3, np.zeros(2))}, [4.0])],
    "ragged arrays": [np.zeros(2), np.zeros(3)],
    "ragged lists": [[1], [1, 2]],
    "objects": [object(), object()],
    "none": [None, None],
    "text arrays": [np.array(["a"]), np.array(["b"])],
}


def outcome(lib, call):
    try:
        return plain(lib, call(lib))
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("name", BATCHES)
def test_default_collate(name):
    results = [outcome(lib, lambda L: L.utils.data.default_collate(list(BATCHES[name]))) for lib in (torch, sparkle)]
    assert results[1] == results[0]


class Data:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError(i)
        return np.float32(i), {"i": i, "name": f"s{i}"}


def loader(n=7, **options):
    return lambda L: list(L.utils.data.DataLoader(Data(n), **options))


def stream(L, n, **options):
    class Stream(L.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(n))

    return list(L.utils.data.DataLoader(Stream(), **options))


CALLS = {
    "batches": loader(batch_size=3),
    "drop_last": loader(batch_size=3, drop_last=True),
    "no batches": loader(batch_size=None),
    "sampler": loader(batch_size=2, sampler=[3, 1, 2]),
    "batch_sampler": loader(batch_sampler=[[1, 2], [0]]),
    "empty": loader(n=0),
    "collate_fn": loader(batch_size=4, collate_fn=lambda batch: len(batch)),
    "stream": lambda L: stream(L, 5, batch_size=2),
    "stream drop_last": lambda L: stream(L, 5, batch_size=2, drop_last=True),
    "stream no batches": lambda L: stream(L, 3, batch_size=None),
    "tensor dataset": lambda L: list(
        L.utils.data.DataLoader(L.utils.data.TensorDataset(L.arange(6).reshape(3, 2), L.zeros(3)), batch_size=2)
    ),
    "subset": lambda L: list(
        L.utils.data.DataLoader(L.utils.data.Subset(L.utils.data.TensorDataset(L.arange(6)), [5, 0, 2]), batch_size=2)
    ),
    "concat": lambda L: list(L.utils.data.ConcatDataset([Data(2), Data(3)])),
    "batch sampler": lambda L: list(L.utils.data.BatchSampler(range(5), 2, True)),
    "lengths": lambda L: [
        len(L.utils.data.DataLoader(Data(n), batch_size=b, drop_last=d))
        for n in (0, 1, 7)
        for b in (1, 3)
        for d in (False, True)
    ],
    "fractions": lambda L: [
        len(p) for f in ([0.5, 0.5], [0.3, 0.3, 0.4], [0.9, 0.1]) for p in L.utils.data.random_split(Data(11), f)
    ],
    "all drawn": lambda L: sorted(L.utils.data.RandomSampler(Data(9))),
    "batch_size 0": loader(batch_size=0),
    "batch_size text": loader(batch_size="2"),
    "shuffle with sampler": loader(shuffle=True, sampler=[0]),
    "batch_sampler with batch_size": loader(batch_size=2, batch_sampler=[[0]]),
    "no batches drop_last": loader(batch_size=None, drop_last=True),
    "negative workers": loader(num_workers=-1),
    "prefetch without workers": loader(prefetch_factor=2),
    "persistent without workers": loader(persistent_workers=True),
    "stream shuffled": lambda L: stream(L, 3, shuffle=True),
    "stream with sampler": lambda L: stream(L, 3, sampler=[0]),
    "shuffle nothing": lambda L: L.utils.data.DataLoader([], shuffle=True) and None,
    "split sizes": lambda L: L.utils.data.random_split(Data(5), [2, 2]),
    "split fractions": lambda L: L.utils.data.random_split(Data(5), [1.2, -0.2]),
    "tensor sizes": lambda L: L.utils.data.TensorDataset(L.zeros(2), L.zeros(3)),
    "replacement": lambda L: L.utils.data.RandomSampler(Data(3), replacement=1),
    "num_samples": lambda L: L.utils.data.RandomSampler(Data(3), num_samples=-1),
    "weights": lambda L: L.utils.data.WeightedRandomSampler([[1.0]], 2),
    "index": lambda L: L.utils.data.ConcatDataset([Data(2)])[5],
    "concat nothing": lambda L: L.utils.data.ConcatDataset([]),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls(name):
    results = [outcome(lib, CALLS[name]) for lib in (torch, sparkle)]
    assert results[1] == results[0]
