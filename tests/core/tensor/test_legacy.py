"""The legacy constructors, and Variable."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle

TYPES = [
    ("FloatTensor", sparkle.float32),
    ("DoubleTensor", sparkle.float64),
    ("HalfTensor", sparkle.float16),
    ("LongTensor", sparkle.int64),
    ("IntTensor", sparkle.int32),
    ("ShortTensor", sparkle.int16),
    ("CharTensor", sparkle.int8),
    ("ByteTensor", sparkle.uint8),
    ("BoolTensor", sparkle.bool),
]


@pytest.mark.parametrize(("name", "dtype"), TYPES)
def test_each_type(name, dtype):
    make = getattr(sparkle, name)
    assert make(3, 2).shape == (3, 2)
    assert make().shape == (0,)
    assert make(sparkle.Size([2, 1])).shape == (2, 1)
    x = make([[1, 0]])
    assert (x.dtype, x.tolist(), type(x)) == (dtype, [[1, 0]], sparkle.Tensor)
    assert isinstance(x, make)
    assert x.type() == f"sparkle.{name}"
    assert sparkle.zeros(1, 2).type(make).dtype is dtype
    assert sparkle.zeros(1, 2).type(x.type()).dtype is dtype
    assert not any(isinstance(x, getattr(sparkle, other)) for other, _ in TYPES if other != name)
    assert repr(make) == f"<class 'sparkle.{name}'>"


def test_sequences_are_data_and_numbers_are_sizes():
    assert sparkle.FloatTensor((2, 3)).tolist() == [2.0, 3.0]
    assert sparkle.FloatTensor(2, 3).shape == (2, 3)
    assert sparkle.FloatTensor(np.array([1.5, 2.5])).tolist() == [1.5, 2.5]
    assert sparkle.LongTensor([1.9]).tolist() == [1]
    assert sparkle.Tensor([1, 2]).tolist() == [1.0, 2.0]
    x = sparkle.ones(2)
    assert sparkle.Tensor(x).data_ptr() == x.data_ptr()


@pytest.mark.parametrize("args", [(2.5,), ("a",), (None,), (2, [3]), (sparkle.ones(2),)], ids=str)
def test_refused(args):
    with pytest.raises(TypeError):
        sparkle.LongTensor(*args)


def test_default_tensor_type():
    try:
        sparkle.set_default_tensor_type("torch.DoubleTensor")
        assert sparkle.Tensor(2).dtype is sparkle.float64
        sparkle.set_default_tensor_type(sparkle.HalfTensor)
        assert sparkle.zeros(2).dtype is sparkle.float16
    finally:
        sparkle.set_default_tensor_type("sparkle.FloatTensor")
    with pytest.raises(TypeError, match="floating"):
        sparkle.set_default_tensor_type(sparkle.IntTensor)
    with pytest.raises(NotImplementedError, match="device="):
        sparkle.set_default_tensor_type("sparkle.cuda.FloatTensor")
    with pytest.raises(ValueError, match="invalid type"):
        sparkle.set_default_tensor_type("FloatyTensor")


def test_variable_is_a_leaf_on_the_same_memory():
    Variable = sparkle.autograd.Variable
    x = sparkle.ones(2)
    v = Variable(x, requires_grad=True)
    assert isinstance(v, Variable)
    assert isinstance(x, Variable)
    assert not isinstance(1, Variable)
    assert (v.requires_grad, v.is_leaf, v.data_ptr()) == (True, True, x.data_ptr())
    assert not Variable(v).requires_grad
    v.data.add_(0)
    v.detach().add_(0)
    assert x._version == 1
    (v * 3).sum().backward()
    assert v.grad.tolist() == [3.0, 3.0]
    with pytest.raises(TypeError, match="tensor"):
        Variable([1.0])
    with pytest.warns(UserWarning, match="volatile"):
        Variable(x, volatile=True)
