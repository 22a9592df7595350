"""Tensors that change shape or memory, and storages."""

from __future__ import annotations

import copy

import pytest

import sparkle


@pytest.fixture
def m():
    return sparkle.arange(6.0).reshape(2, 3).clone()


def test_resize_keeps_the_memory_where_it_is_large_enough(m):
    address = m.data_ptr()
    assert m.resize_(2, 2).tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert m.resize_(6).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert m.data_ptr() == address


def test_resize_to_more_keeps_the_elements(m):
    assert m.resize_(3, 4).flatten()[:6].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert m.resize_as_(sparkle.zeros(2)).shape == (2,)


def test_resize_of_a_view_begins_where_the_view_does(m):
    assert m[0, 1:].resize_(4).tolist() == [1.0, 2.0, 3.0, 4.0]


def test_resize_in_channels_last_order():
    x = sparkle.zeros(0).resize_(2, 3, 4, 5, memory_format=sparkle.channels_last)
    assert x.stride() == (60, 1, 15, 3)


def test_resize_is_refused_where_gradients_flow():
    for x in (sparkle.ones(2, requires_grad=True), sparkle.ones(2, requires_grad=True) * 2):
        with pytest.raises(RuntimeError, match="cannot resize variables that require grad"):
            x.resize_(3)


def test_set_takes_over_memory_and_its_count_of_writes(m):
    x = sparkle.empty(0).set_(m)
    x[0, 0] = 9.0
    assert m[0, 0] == 9.0
    assert x._version == m._version
    assert sparkle.empty(0).set_(m.storage(), 1, (2, 2), (1, 2)).tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert m.set_().numel() == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x.set_(sparkle.ones(1).long()), RuntimeError, "could not set memory of type int64"),
        (lambda x: x.set_(x.storage(), 4, (3,)), RuntimeError, "require 7 elements, the storage has 6"),
        (lambda x: x.set_(3), TypeError, "must be a Tensor or a storage, not int"),
        (lambda x: x.requires_grad_().set_(sparkle.ones(1)), RuntimeError, "leaf Variable that requires grad"),
        (lambda x: x.as_strided_((9,), (1,)), RuntimeError, "out of bounds for storage of 6"),
        (lambda x: x.storage().copy_(sparkle.ones(2).storage()), RuntimeError, "has 6 elements, the source 2"),
    ],
)
def test_what_is_refused(m, call, error, message):
    with pytest.raises(error, match=message):
        call(m)


def test_views_by_strides_know_their_base_and_offset(m):
    part = m.as_strided((2, 2), (1, 1), 3)
    assert part.storage_offset() == 3
    assert part._base is m
    assert part.untyped_storage().data_ptr() == m.data_ptr()
    assert m.as_strided_((2,), (3,), 1).tolist() == [1.0, 4.0]


def test_storages_write_into_the_tensor(m):
    m.storage().fill_(2.0)
    assert m.sum() == 12.0
    m[1].storage().copy_(sparkle.arange(6.0).storage())
    assert m.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    twin = m.storage().clone()
    assert twin.fill_(0).tolist() == [0.0] * 6
    assert m.sum() == 15.0
    assert m._version >= 2


def test_a_write_through_a_storage_is_noticed_by_backward(m):
    w = sparkle.ones(2, 3, requires_grad=True)
    y = (w * m).sum()
    m.storage().fill_(1.0)
    with pytest.raises(RuntimeError, match="modified"):
        y.backward()


def test_one_deepcopy_keeps_shared_memory_shared(m):
    whole, row, column = copy.deepcopy([m, m[1], m.t()[0]])
    whole[1] = 7.0
    assert row.tolist() == [7.0, 7.0, 7.0]
    assert column.tolist() == [0.0, 7.0]
    assert m[1].tolist() == [3.0, 4.0, 5.0]
    assert row._version == whole._version


def test_a_deepcopied_module_keeps_tied_weights_tied():
    a, b = sparkle.nn.Linear(2, 2), sparkle.nn.Linear(2, 2)
    b.weight = a.weight
    twin = copy.deepcopy(sparkle.nn.Sequential(a, b))
    assert twin[0].weight is twin[1].weight
    assert twin[0].weight is not a.weight


def test_data_of_a_tensor_that_requires_grad_must_be_floats():
    x = sparkle.ones(2, requires_grad=True)
    x.data = sparkle.zeros(3)
    assert x.shape == (3,)
    assert x.requires_grad
    with pytest.raises(RuntimeError, match=r"must be floats, met sparkle.int64"):
        x.data = sparkle.tensor([1])


def test_tensors_from_files(tmp_path):
    path = tmp_path / "numbers"
    x = sparkle.from_file(path, shared=True, size=3, dtype=sparkle.float64)
    x.copy_(sparkle.tensor([1.0, 2.0, 3.0]))
    copied = sparkle.from_file(path, size=2, dtype=sparkle.float64)
    assert copied.tolist() == [1.0, 2.0]
    copied.fill_(9.0)
    assert sparkle.from_file(path, size=3, dtype=sparkle.float64).tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(RuntimeError, match="has 24 bytes, 4 elements of float64 need 32"):
        sparkle.from_file(path, size=4, dtype=sparkle.float64)


def test_a_view_as_a_subclass():
    class Named(sparkle.Tensor):
        pass

    x = sparkle.ones(2, requires_grad=True)
    y = (x * 2).as_subclass(Named)
    assert type(y) is Named
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert x.to_dense() is x
    with pytest.raises(RuntimeError, match="must be a subclass of Tensor"):
        x.as_subclass(int)
