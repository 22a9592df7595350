"""Datasets, samplers, collation, and the loader."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import sparkle
from sparkle.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)

Point = namedtuple("Point", ["x", "y"])


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError(i)
        return i * i


class Stream(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


def test_batches_of_a_map_style_dataset():
    batches = [b.tolist() for b in DataLoader(Squares(5), batch_size=2)]
    assert batches == [[0, 1], [4, 9], [16]]
    assert [b.tolist() for b in DataLoader(Squares(5), batch_size=2, drop_last=True)] == [[0, 1], [4, 9]]
    assert [len(DataLoader(Squares(5), batch_size=2, drop_last=d)) for d in (False, True)] == [3, 2]


def test_shuffling_visits_all_once_in_a_new_order_each_epoch():
    loader = DataLoader(Squares(50), batch_size=7, shuffle=True)
    epochs = [[x for b in loader for x in b.tolist()] for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == [i * i for i in range(50)]
    assert epochs[0] != epochs[1]


def test_seeded_generator_repeats_the_order():
    def order():
        generator = sparkle.Generator().manual_seed(3)
        return [b.tolist() for b in DataLoader(Squares(20), batch_size=4, shuffle=True, generator=generator)]

    assert order() == order()


ROWS = {
    "whole": lambda d: d,
    "subset": lambda d: Subset(d, [3, 1, 2]),
    "subset by an array": lambda d: Subset(d, np.array([3, 1, 2])),
    "subset by a tensor": lambda d: Subset(d, sparkle.tensor([3, 1, 2])),
    "subset from the end": lambda d: Subset(d, (-1, 0, -2)),
    "subset of a subset": lambda d: Subset(Subset(d, [3, 1, 2]), range(1, 3)),
    "random split": lambda d: random_split(d, [3, 1], generator=sparkle.Generator().manual_seed(1))[0],
    "transposed": lambda d: TensorDataset(d.tensors[0].t()[:2].t(), *d.tensors),
    "strided": lambda d: TensorDataset(*(t[::2] for t in d.tensors)),
}


@pytest.mark.parametrize("options", [{}, {"drop_last": True}, {"sampler": [2, 0, 1]}, {"sampler": (1, 0)}], ids=str)
@pytest.mark.parametrize("kind", ROWS)
def test_rows_of_tensors_equal_samples_collated(kind, options):
    dataset = ROWS[kind](TensorDataset(sparkle.arange(12.0).reshape(4, 3), sparkle.arange(4), sparkle.ones(4) > 0))
    options = {} if len(dataset) < 3 and "sampler" in options else options
    fast = list(DataLoader(dataset, batch_size=2, **options))
    slow = list(DataLoader(dataset, batch_size=2, **options, collate_fn=lambda batch: default_collate(batch)))
    assert len(fast) == len(slow) > 0
    for a, b in zip(fast, slow, strict=True):
        assert isinstance(a, list)
        for x, y in zip(a, b, strict=True):
            assert sparkle.equal(x, y)
            assert x.dtype is y.dtype


def test_rows_that_are_no_places_are_left_to_the_samples():
    dataset = TensorDataset(sparkle.arange(3))
    assert DataLoader(dataset, sampler=[True], batch_size=1).__iter__().__next__()[0].shape == (1, 1, 3)  # x[True]
    with pytest.raises(IndexError, match="5"):
        next(iter(DataLoader(Subset(dataset, [5]))))


class Doubled(Subset):
    def __getitem__(self, i):
        return tuple(2 * x for x in super().__getitem__(i))


class Shifted(TensorDataset):
    def __getitem__(self, i):
        return tuple(x + 1 for x in super().__getitem__(i))


class ByLists(TensorDataset):
    def __getitems__(self, indices):
        return [(sparkle.tensor(100 + i),) for i in indices]


def test_what_a_class_says_of_its_samples_holds():
    data = sparkle.arange(4)
    datasets = {
        "doubled": Doubled(TensorDataset(data), [3, 1]),
        "subset of shifted": Subset(Shifted(data), [3, 1]),
        "split of doubled": random_split(Doubled(TensorDataset(data), [3]), [1])[0],
        "by lists": Subset(ByLists(data), [3, 1]),
    }
    batches = {name: next(iter(DataLoader(d, batch_size=2)))[0].tolist() for name, d in datasets.items()}
    expected = {"doubled": [6, 2], "subset of shifted": [4, 2], "split of doubled": [6], "by lists": [103, 101]}
    assert batches == expected
    assert Subset(Squares(9), [8, 2]).__getitems__([1, 0]) == [4, 64]


def test_a_batch_does_not_share_memory_with_the_dataset():
    data = sparkle.zeros(4, 2)
    (batch,) = next(iter(DataLoader(TensorDataset(data), batch_size=2)))
    batch.add_(1)
    assert data.sum().item() == 0


def test_tracked_tensors_stay_tracked():
    weights = sparkle.ones(4, requires_grad=True)
    (batch,) = next(iter(DataLoader(TensorDataset(weights), batch_size=4)))
    batch.sum().backward()
    assert weights.grad.tolist() == [1.0] * 4


def test_subclass_that_transforms_its_samples_is_asked_for_each():
    class Doubled(TensorDataset):
        def __getitem__(self, i):
            return tuple(2 * t for t in super().__getitem__(i))

    (batch,) = next(iter(DataLoader(Doubled(sparkle.ones(3)), batch_size=3)))
    assert batch.tolist() == [2.0, 2.0, 2.0]


def test_iterable_dataset():
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]
    assert list(ChainDataset([Stream(2), Stream(1)])) == [0, 1, 0]
    assert list(Stream(1) + Stream(2)) == [0, 0, 1]


def test_samplers():
    assert list(SequentialSampler(range(3))) == [0, 1, 2]
    assert sorted(RandomSampler(range(5))) == [0, 1, 2, 3, 4]
    assert len(list(RandomSampler(range(3), num_samples=7))) == 7
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=50))
    assert len(drawn) == 50
    assert set(drawn) == {0, 1, 2}
    assert sorted(SubsetRandomSampler([5, 7, 9])) == [5, 7, 9]
    assert set(WeightedRandomSampler([0.0, 1.0, 0.0], 20)) == {1}
    assert list(BatchSampler(SequentialSampler(range(5)), 2, False)) == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Squares(4), batch_sampler=[[3], [0, 1]])] == [[9], [0, 1]]
    assert [b.tolist() for b in DataLoader(Squares(4), sampler=[2, 0], batch_size=2)] == [[4, 0]]


def test_concat_and_subset():
    both = Squares(3) + Squares(2)
    assert isinstance(both, ConcatDataset)
    assert [both[i] for i in range(5)] == [0, 1, 4, 0, 1]
    assert both[-1] == 1
    assert Subset(Squares(9), [8, 2])[0] == 64


def test_random_split():
    parts = random_split(range(10), [7, 3])
    assert sorted(x for part in parts for x in part) == list(range(10))
    assert [len(p) for p in random_split(range(10), [0.5, 0.3, 0.2])] == [5, 3, 2]
    assert [len(p) for p in random_split(range(11), [0.5, 0.5])] == [6, 5]


COLLATED = [
    ([1.5, 2.5], "float64", [1.5, 2.5]),
    ([1, 2], "int64", [1, 2]),
    ([True, False], "bool", [True, False]),
    ([np.float32(1), np.float32(2)], "float32", [1.0, 2.0]),
    ([np.zeros((2, 2), np.int32)] * 2, "int32", [[[0, 0], [0, 0]]] * 2),
]


@pytest.mark.parametrize(("batch", "dtype", "values"), COLLATED, ids=[d for _, d, _ in COLLATED])
def test_collate_numbers_and_arrays(batch, dtype, values):
    out = default_collate(batch)
    assert out.dtype.name == dtype
    assert out.tolist() == values


def test_collate_structures():
    assert default_collate(["a", "b"]) == ["a", "b"]
    out = default_collate([Point(1, {"k": 2.0}), Point(3, {"k": 4.0})])
    assert isinstance(out, Point)
    assert out.x.tolist() == [1, 3]
    assert out.y["k"].tolist() == [2.0, 4.0]
    assert isinstance(default_collate([OrderedDict(a=1), OrderedDict(a=2)]), OrderedDict)
    assert [t.tolist() for t in default_collate([[1, 2], [3, 4]])] == [[1, 3], [2, 4]]


MISUSE = {
    "batch_size": (lambda: DataLoader(range(3), batch_size=0), ValueError, "positive integer"),
    "shuffle and sampler": (lambda: DataLoader(range(3), shuffle=True, sampler=[0]), ValueError, "mutually exclusive"),
    "batch_sampler": (
        lambda: DataLoader(range(3), batch_size=2, batch_sampler=[[0]]),
        ValueError,
        "mutually exclusive",
    ),
    "drop_last without batches": (
        lambda: DataLoader(range(3), batch_size=None, drop_last=True),
        ValueError,
        "drop_last",
    ),
    "workers": (lambda: DataLoader(range(3), num_workers=2), NotImplementedError, "num_workers=0"),
    "negative workers": (lambda: DataLoader(range(3), num_workers=-1), ValueError, "non-negative"),
    "prefetch": (lambda: DataLoader(range(3), prefetch_factor=2), ValueError, "prefetch_factor"),
    "persistent": (lambda: DataLoader(range(3), persistent_workers=True), ValueError, "persistent_workers"),
    "iterable shuffled": (lambda: DataLoader(Stream(3), shuffle=True), ValueError, "IterableDataset"),
    "empty random": (lambda: RandomSampler([]), ValueError, "positive integer"),
    "weights": (lambda: WeightedRandomSampler([[1.0]], 1), ValueError, "1d"),
    "split": (lambda: random_split(range(5), [2, 2]), ValueError, "sum of input lengths"),
    "sizes": (lambda: TensorDataset(sparkle.zeros(2), sparkle.zeros(3)), AssertionError, "size mismatch"),
    "unequal samples": (lambda: default_collate([sparkle.zeros(2), sparkle.zeros(3)]), RuntimeError, "equal size"),
    "unequal lists": (lambda: default_collate([[1], [1, 2]]), RuntimeError, "equal size"),
    "objects": (lambda: default_collate([object(), object()]), TypeError, "found object"),
    "strings in arrays": (lambda: default_collate([np.array(["a"])]), TypeError, "found"),
    "no getitem": (lambda: Dataset()[0], NotImplementedError, "__getitem__"),
    "no iter": (lambda: iter(IterableDataset()), NotImplementedError, "__iter__"),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name):
    call, error, message = MISUSE[name]
    with pytest.raises(error, match=message):
        call()


def test_hints_without_effect_warn():
    with pytest.warns(UserWarning, match="pin_memory"):
        DataLoader(range(3), pin_memory=True)
    with pytest.warns(UserWarning, match="worker processes"):
        DataLoader(range(3), worker_init_fn=print)


def test_data_is_also_under_utils():
    from sparkle.utils.data import DataLoader as Other

    assert Other is DataLoader
