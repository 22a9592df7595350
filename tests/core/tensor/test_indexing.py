"""Random indices: reading and writing as NumPy does where its rules are torch's, and gradients that count places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sparkle
from sparkle.core.ops.shaping.indexing import flat_places

SHAPE = (3, 4, 5)


def basic(n):
    bound = st.none() | st.integers(-n - 2, n + 2)
    return st.integers(-n, n - 1) | st.builds(slice, bound, bound, st.none() | st.integers(1, 3))


@st.composite
def basic_index(draw):
    parts = [draw(basic(n)) for n in SHAPE[: draw(st.integers(0, 3))]]
    if draw(st.booleans()):
        parts.append(...)
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts)


@st.composite
def array_index(draw):
    """Slices and arrays, without integers, whose rule differs between NumPy and torch."""
    shape = draw(st.sampled_from([(), (2,), (2, 1), (1, 3), (0,)]))
    parts = []
    for n in SHAPE[: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from(["slice", "array", "mask"]))
        if kind == "slice":
            parts.append(slice(draw(st.none() | st.integers(-n, n)), None))
        elif kind == "array" and shape:
            parts.append(
                np.array(draw(st.lists(st.integers(-n, n - 1), min_size=6, max_size=6)))[: np.prod(shape)].reshape(
                    shape
                )
            )
        else:
            parts.append(slice(None))
    return tuple(parts)


def ours(index):
    return tuple(sparkle.from_numpy(p) if isinstance(p, np.ndarray) else p for p in index)


@settings(max_examples=150, deadline=None)
@given(basic_index() | array_index())
def test_reads_as_numpy(index):
    a = np.arange(60.0).reshape(SHAPE)
    x = sparkle.from_numpy(a)
    got = x[ours(index)]
    assert np.array_equal(got.numpy(), a[index])
    arrays = any(isinstance(p, np.ndarray) for p in index)
    assert got.numel() == 0 or np.shares_memory(got.numpy(), a) == (not arrays)


@settings(max_examples=150, deadline=None)
@given(basic_index() | array_index(), st.booleans())
def test_writes_as_numpy(index, tensor):
    a = np.arange(60.0).reshape(SHAPE)
    x = sparkle.from_numpy(a.copy())
    value = np.full(a[index].shape[-1:], -1.0)
    a[index] = value if tensor else -1.0
    x[ours(index)] = sparkle.from_numpy(value) if tensor else -1.0
    assert np.array_equal(x.numpy(), a)


@settings(max_examples=100, deadline=None)
@given(basic_index() | array_index())
def test_gradient_counts_how_often_a_place_was_read(index):
    x = sparkle.zeros(SHAPE, dtype=sparkle.float64, requires_grad=True)
    x[ours(index)].sum().backward()
    counts = np.zeros(SHAPE)
    np.add.at(counts, index, 1)
    assert np.array_equal(x.grad.numpy(), counts)


@settings(max_examples=100, deadline=None)
@given(basic_index() | array_index())
def test_recorded_writes_equal_unrecorded_ones(index):
    plain, w = sparkle.zeros(SHAPE), sparkle.tensor(2.0, requires_grad=True)
    x = sparkle.ones(SHAPE, requires_grad=True)
    y = x * 1
    plain[ours(index)] = 2.0
    y[ours(index)] = w
    assert np.array_equal(y.detach().numpy(), np.where(plain.numpy() == 2, 2, 1))
    y.sum().backward()
    assert np.array_equal(x.grad.numpy(), plain.numpy() != 2)


@settings(max_examples=100, deadline=None)
@given(array_index())
def test_flat_places_are_those_of_the_index(index):
    arrays = [p for p in index if isinstance(p, np.ndarray)]
    if not arrays:
        return
    numbers = iter(range(3))
    pattern = tuple(next(numbers) if isinstance(p, np.ndarray) else None for p in index)
    whole = tuple(p if isinstance(p, np.ndarray) else slice(None) for p in index)
    assert np.array_equal(flat_places(np, pattern, SHAPE, arrays), np.arange(60).reshape(SHAPE)[whole])


def test_masks_select_in_order():
    x = sparkle.arange(6.0).reshape(2, 3)
    assert x[x % 2 == 0].tolist() == [0.0, 2.0, 4.0]
    x[x > 3] = 0
    assert x.tolist() == [[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]]
    x[sparkle.tensor([False, True]), 1:] = sparkle.tensor([7.0, 8.0])
    assert x.tolist() == [[0.0, 1.0, 2.0], [3.0, 7.0, 8.0]]


MESSAGES = [
    (lambda x: x[5], IndexError, "index 5 is out of bounds for dimension 0 with size 3"),
    (lambda x: x[:, 9], IndexError, "index 9 is out of bounds for dimension 1 with size 4"),
    (lambda x: x[[7]], IndexError, "index 7 is out of bounds for dimension 0 with size 3"),
    (lambda x: x[0, 0, 0, 0], IndexError, "too many indices for tensor of dimension 3"),
    (lambda x: x[[0], [0], [0], [0]], IndexError, "too many indices for tensor of dimension 3"),
    (lambda x: x[::-1], ValueError, "step must be greater than zero"),
    (
        lambda x: x[sparkle.tensor([True])],
        IndexError,
        r"mask \[1\] at index 0 does not match .* \[3, 4, 5\] at index 0",
    ),
    (lambda x: x[[0, 1], [0, 1, 2]], IndexError, "could not be broadcast together"),
    (lambda x: x["a"], TypeError, "got str"),
    (lambda x: x[1.5], IndexError, "got float"),
    (lambda x: x.__setitem__(0, "a"), TypeError, "can't assign a str"),
    (lambda x: x.__setitem__(0, sparkle.ones(3)), RuntimeError, r"Target sizes: \[4, 5\]"),
    (lambda x: x.__setitem__([0, 1], sparkle.ones(3)), RuntimeError, r"shape \[3\] cannot be broadcast .* \[2, 4, 5\]"),
    (lambda x: x.__setitem__([9], 1.0), IndexError, "index 9 is out of bounds for dimension 0"),
    (lambda x: x.view(7), RuntimeError, r"shape '\[7\]' is invalid for input of size 60"),
    (lambda x: x.mT.view(-1), RuntimeError, r"Use .reshape\(...\) instead"),
]


@pytest.mark.parametrize(("call", "error", "text"), MESSAGES)
def test_message(call, error, text):
    x = sparkle.zeros(SHAPE)
    with pytest.raises(error, match=text):
        call(x)
    assert x._version == 0


def test_failed_write_changes_nothing():
    x = sparkle.zeros(3)
    for write in (lambda: x.__setitem__([0, 9], 1.0), lambda: x.__setitem__([0, 1], sparkle.ones(3))):
        with pytest.raises((IndexError, RuntimeError)):
            write()
    assert x.tolist() == [0.0, 0.0, 0.0]
    assert x._version == 0


def test_long_list_of_lists_reads_rows():
    x = sparkle.arange(3.0)
    assert x[[[0, 1]] * 32].shape == (32, 2)
    with pytest.warns(UserWarning, match="non-tuple sequence"):
        assert sparkle.zeros(SHAPE)[[[0, 1], [1, 2]]].shape == (2, 5)
