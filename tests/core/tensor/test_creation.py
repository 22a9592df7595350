"""Tensors from data, filled tensors and ranges."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import sparkle

DATA = [
    (1, "int64", 1),
    (1.5, "float32", 1.5),
    (True, "bool", True),
    ([1, 2], "int64", [1, 2]),
    ([1, 2.5], "float32", [1.0, 2.5]),
    ([True, 2], "int64", [1, 2]),
    ([], "float32", []),
    ([[], []], "float32", [[], []]),
    (range(3), "int64", [0, 1, 2]),
    (np.float64(2.0), "float64", 2.0),
    ([np.float64(2.0), 1], "float64", [2.0, 1.0]),
    ([np.int32(1), 2.5], "float32", [1.0, 2.5]),
    (np.array([1, 2], np.int8), "int8", [1, 2]),
    ([np.array([1.0, 2.0]), np.array([3.0, 4.0])], "float64", [[1.0, 2.0], [3.0, 4.0]]),
]


@pytest.mark.parametrize(("data", "dtype", "wanted"), DATA, ids=lambda x: repr(x)[:30])
def test_tensor_of(data, dtype, wanted):
    x = sparkle.tensor(data)
    assert (x.dtype.name, x.tolist()) == (dtype, wanted)


def test_tensors_in_lists_become_their_numbers():
    assert sparkle.tensor([sparkle.tensor(1), sparkle.tensor(2.5)]).tolist() == [1.0, 2.5]
    with pytest.raises(ValueError, match="stack"):
        sparkle.tensor([sparkle.ones(2), sparkle.ones(2)])


REFUSED = [
    ([[1], [1, 2]], ValueError, "length 1 at dim 1"),
    ([1, [1, 2]], TypeError, "list"),
    ([[1, 2], 1], TypeError, "not a sequence"),
    ("a", TypeError, "str"),
    (["a"], ValueError, "str"),
    (None, RuntimeError, "NoneType"),
    ([1, None], RuntimeError, "NoneType"),
    ({1: 2}, RuntimeError, "dict"),
    ([2**63], ValueError, "64 bits"),
    (np.array(["a"]), TypeError, "supported types"),
    (np.array([1 + 2j]), TypeError, "supported types"),
    (np.array([1, 2])[::-1], ValueError, "negative"),
    (np.array([1], ">i4"), ValueError, "byte order"),
]


@pytest.mark.parametrize(("data", "error", "text"), REFUSED, ids=lambda x: repr(x)[:30])
def test_tensor_refuses(data, error, text):
    with pytest.raises(error, match=text):
        sparkle.tensor(data)


@pytest.mark.parametrize("value", [256, -256, 3.0e9, float("nan"), float("inf")])
def test_numbers_that_do_not_fit_are_refused(value):
    with pytest.raises(RuntimeError, match="uint8"):
        sparkle.tensor([value], dtype=sparkle.uint8)
    with pytest.raises(RuntimeError, match="uint8"):
        sparkle.full((2,), value, dtype=sparkle.uint8)


def test_negative_numbers_wrap_around_in_unsigned_types():
    assert sparkle.tensor([-1], dtype=sparkle.uint8).tolist() == [255]
    assert sparkle.full((2,), -255, dtype=sparkle.uint8).tolist() == [1, 1]


def test_tensor_copies_and_the_others_share():
    a = np.zeros(3)
    copied, shared, also = sparkle.tensor(a), sparkle.from_numpy(a), sparkle.as_tensor(a)
    a[0] = 7
    assert (copied[0].item(), shared[0].item(), also[0].item()) == (0.0, 7.0, 7.0)
    shared.add_(1)
    assert a.tolist() == [8.0, 1.0, 1.0]
    assert sparkle.as_tensor(shared) is shared


def test_a_tensor_given_is_copied_with_a_warning():
    x = sparkle.ones(2)
    with pytest.warns(UserWarning, match="clone"):
        y = sparkle.tensor(x)
    assert y.data_ptr() != x.data_ptr()


def test_read_only_arrays_are_shared_and_never_written():
    a = np.zeros(3)
    a.flags.writeable = False
    for share in (sparkle.as_tensor, sparkle.from_numpy):
        with pytest.warns(UserWarning, match="not writable"):
            x = share(a)
    with pytest.raises(RuntimeError, match="read-only"):
        x.add_(1)
    assert a.tolist() == [0.0, 0.0, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sparkle.tensor(a).add_(1).tolist() == [1.0, 1.0, 1.0]


def test_asarray_copies_only_when_it_may():
    a = np.zeros(2)
    assert sparkle.asarray(a, copy=False).data_ptr() == a.ctypes.data
    assert sparkle.asarray(a, copy=True).data_ptr() != a.ctypes.data
    with pytest.raises(ValueError, match="alias"):
        sparkle.asarray(a, dtype=sparkle.float32, copy=False)
    with pytest.raises(ValueError, match="alias"):
        sparkle.asarray([1.0], copy=False)
    x = sparkle.ones(2, requires_grad=True)
    assert sparkle.asarray(x * 2).requires_grad
    assert not sparkle.asarray(x * 2, requires_grad=False).requires_grad


def test_arrays_of_other_libraries():
    class Image:
        def __array__(self, dtype=None, copy=None):
            return np.array([[1, 2]], np.uint8)

    assert sparkle.tensor(Image()).tolist() == [[1, 2]]
    assert sparkle.as_tensor(Image()).dtype is sparkle.uint8


def test_dlpack_shares_memory():
    a = np.zeros(3, np.float32)
    x = sparkle.from_dlpack(a)
    x.add_(1)
    assert a.tolist() == [1.0, 1.0, 1.0]
    back = np.from_dlpack(x)
    assert back.ctypes.data == x.data_ptr()
    with pytest.raises(RuntimeError, match="__dlpack__"):
        sparkle.from_dlpack([1])


def test_device_and_requires_grad():
    for x in (
        sparkle.tensor([1.0], device="cpu", requires_grad=True),
        sparkle.zeros(2, device="cpu", requires_grad=True),
        sparkle.full((2,), 1.5, requires_grad=True),
        sparkle.arange(3.0, requires_grad=True),
        sparkle.zeros_like(sparkle.ones(2), requires_grad=True),
    ):
        assert x.requires_grad
        assert x.is_leaf
        assert x.device == sparkle.device("cpu")
    with pytest.raises(RuntimeError, match="floating point"):
        sparkle.zeros(2, dtype=sparkle.int64, requires_grad=True)
    with pytest.raises(RuntimeError, match="gpu"):
        sparkle.zeros(2, device="gpu")


SIZES = [((2, 3),), (2, 3), ([2, 3],), (sparkle.Size([2, 3]),), (np.int64(2), 3)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", ["zeros", "ones", "empty", "rand", "randn"])
def test_sizes_as_numbers_or_one_sequence(name, sizes):
    assert getattr(sparkle, name)(*sizes).shape == (2, 3)


WRONG_SIZES = [
    ((), TypeError),
    ((2.5,), TypeError),
    (("a",), TypeError),
    ((2, (3,)), TypeError),
    ((-1,), RuntimeError),
    (([2, -3],), RuntimeError),
]


@pytest.mark.parametrize(("sizes", "error"), WRONG_SIZES)
@pytest.mark.parametrize("name", ["zeros", "ones", "empty", "rand", "randn"])
def test_wrong_sizes(name, sizes, error):
    with pytest.raises(error):
        getattr(sparkle, name)(*sizes)


def test_unsupported_options_are_named():
    with pytest.raises(TypeError, match="names"):
        sparkle.zeros(2, names=("a",))
    with pytest.raises(RuntimeError, match="layout"):
        sparkle.zeros(2, layout="sparse")


def test_like_keeps_type_and_memory_order():
    x = sparkle.zeros(2, 3, dtype=sparkle.float64).t()
    for make in (sparkle.zeros_like, sparkle.ones_like, sparkle.empty_like, sparkle.rand_like, sparkle.randn_like):
        y = make(x)
        assert (y.dtype, y.shape, y.stride()) == (x.dtype, x.shape, x.stride())
    y = sparkle.ones_like(x, dtype=sparkle.int8, memory_format=sparkle.contiguous_format)
    assert (y.dtype, y.stride()) == (sparkle.int8, (2, 1))
    image = sparkle.zeros(2, 3, 4, 5)
    assert sparkle.empty_like(image, memory_format=sparkle.channels_last).stride() == (60, 1, 15, 3)
    with pytest.raises(TypeError, match="Tensor"):
        sparkle.zeros_like([1])


def test_new_methods_take_type_and_device():
    x = sparkle.zeros(2, dtype=sparkle.float64)
    made = [x.new_zeros(2, 3), x.new_ones((2, 3)), x.new_empty(2, 3), x.new_full((2, 3), 7)]
    made += [x.new_tensor([[1, 2, 3]] * 2)]
    assert {y.dtype for y in made} == {sparkle.float64}
    assert {tuple(y.shape) for y in made} == {(2, 3)}
    assert x.new_zeros(2, dtype=sparkle.int8, requires_grad=False).dtype is sparkle.int8
    assert x.new([1, 2]).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("args", "wanted"),
    [((4,), [0, 1, 2, 3]), ((1, 4), [1, 2, 3]), ((5, 0, -2), [5, 3, 1]), ((0, 1, 0.25), [0, 0.25, 0.5, 0.75]),
     ((3, 3), []), ((2**53 + 1, 2**53 + 3), [2**53 + 1, 2**53 + 2])],
)
def test_arange(args, wanted):
    assert sparkle.arange(*args).tolist() == wanted


@pytest.mark.parametrize("args", [(0, 1, 0), (0, 1, -1), (float("nan"),), (float("inf"),)])
def test_arange_refuses(args):
    with pytest.raises(RuntimeError):
        sparkle.arange(*args)


def test_linspace_meets_both_ends():
    for n in range(2, 200):
        x = sparkle.linspace(0.1, 0.7, n, dtype=sparkle.float64)
        assert (x[0].item(), x[-1].item(), len(x)) == (0.1, 0.7, n)


def test_facts():
    x = sparkle.ones(2, 3)
    assert sparkle.is_tensor(x)
    assert not sparkle.is_tensor(x.numpy())
    assert sparkle.is_storage(x.storage())
    assert sparkle.numel(x) == 6
    assert sparkle.can_cast(sparkle.int32, sparkle.float16)
    assert sparkle.result_type(x.long(), 1.5) is sparkle.float32


def test_default_dtype():
    try:
        sparkle.set_default_dtype(sparkle.float64)
        for make in (sparkle.tensor, sparkle.zeros, sparkle.rand, sparkle.arange, sparkle.Tensor, sparkle.eye):
            argument = 2.0 if make in (sparkle.tensor, sparkle.arange) else 2
            assert make(argument).dtype is sparkle.float64
        assert sparkle.FloatTensor(2).dtype is sparkle.float32
    finally:
        sparkle.set_default_dtype(sparkle.float32)
