"""DLPack and NumPy: memory that is shared, and where it is not."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle


def test_a_write_on_one_side_is_seen_on_the_other():
    a = np.arange(6.0).reshape(2, 3).T
    x = sparkle.from_dlpack(a)
    assert x.stride() == (1, 3)
    x[0, 0] = 9.0
    assert a[0, 0] == 9.0
    back = np.from_dlpack(x)
    a[1, 1] = 7.0
    assert back[1, 1] == 7.0


@pytest.mark.parametrize("a", [np.array(3.0), np.zeros((0, 3)), np.array([True, False]), np.arange(6)[::2]])
def test_arrays_of_every_form(a):
    x = sparkle.from_dlpack(a)
    assert x.shape == a.shape
    assert x.tolist() == a.tolist()
    assert np.from_dlpack(x).tolist() == a.tolist()


def test_capsules_can_be_read_once():
    x = sparkle.tensor([1.0, 2.0])
    capsule = sparkle.utils.dlpack.to_dlpack(x)
    y = sparkle.utils.dlpack.from_dlpack(capsule)
    y[0] = 5.0
    assert x[0] == 5.0
    with pytest.raises(RuntimeError, match="can be read once"):
        sparkle.from_dlpack(capsule)
    versioned = x.__dlpack__(max_version=(1, 0))
    assert sparkle.from_dlpack(versioned).data_ptr() == x.data_ptr()


def test_copy_and_device():
    x = sparkle.ones(2)
    assert sparkle.from_dlpack(x, copy=True).data_ptr() != x.data_ptr()
    assert sparkle.from_dlpack(x, copy=False, device="cpu").data_ptr() == x.data_ptr()
    a = np.ones(2)
    sparkle.from_dlpack(a, copy=True).fill_(5)
    assert a.tolist() == [1.0, 1.0]


def test_what_has_a_history_or_no_memory_is_refused():
    x = sparkle.ones(2, requires_grad=True)
    for call in (np.from_dlpack, sparkle.from_dlpack, sparkle.utils.dlpack.to_dlpack):
        with pytest.raises(BufferError, match="require gradient"):
            call(x)
    with pytest.raises(RuntimeError, match="__dlpack__"):
        sparkle.from_dlpack(3)


def test_numpy_scalars_are_weak():
    x, n = sparkle.tensor([1.0, 2.0]), sparkle.tensor([1, 2])
    two = np.float64(2)
    for y in (
        x * two,
        two * x,
        x + np.int64(1),
        n * two,
        x**two,
        two**x,
        x.clamp(two),
        x.lerp(x, two),
        x / np.int64(2),
    ):
        assert y.dtype is sparkle.float32


def test_arrays_and_tensors_in_one_operator():
    x, a = sparkle.tensor([1.0, 2.0]), np.full((2, 2), 2.0, np.float32)
    for y in (x + a, a + x, x * a, a * x, x - a, a - x, x / a, a / x, x @ a, x < a, a < x):
        assert isinstance(y, sparkle.Tensor)
    assert (x @ a).tolist() == [6.0, 6.0]
    assert isinstance(np.exp(x), sparkle.Tensor)
    with pytest.raises(TypeError, match="unsupported operand"):
        x @ 3


def test_sizes_are_integers():
    assert sparkle.Size([sparkle.tensor(2), np.int64(3)]) == (2, 3)
    assert type(sparkle.Size([sparkle.tensor(2)])[0]) is int
    with pytest.raises(TypeError, match="item 1 is 'float'"):
        sparkle.Size([1, 2.5])
    assert sparkle.zeros(2)[:, sparkle.newaxis].shape == (2, 1)
