"""`out=`: results written into tensors that exist."""

from __future__ import annotations

import warnings

import pytest

import sparkle


def test_the_result_lies_in_the_memory_of_out_and_out_is_returned():
    x, out = sparkle.tensor([1.0, 2.0]), sparkle.zeros(2)
    address = out.data_ptr()
    assert sparkle.add(x, 1, out=out) is out
    assert out.data_ptr() == address
    assert out.tolist() == [2.0, 3.0]


def test_a_view_as_out_writes_into_its_base():
    base = sparkle.zeros(2, 2)
    sparkle.mul(sparkle.tensor([1.0, 2.0]), 3, out=base[:, 1])
    assert base.tolist() == [[0.0, 3.0], [0.0, 6.0]]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda x: sparkle.add(x, x.flip(0), out=x), [4.0, 4.0, 4.0]),
        (lambda x: sparkle.cumsum(x, 0, out=x), [1.0, 3.0, 6.0]),
        (lambda x: sparkle.sub(x[:2], x[1:], out=x[1:]), [1.0, -1.0, -1.0]),
        (lambda x: sparkle.cat([x[1:], x[:1]], out=x), [2.0, 3.0, 1.0]),
    ],
)
def test_out_may_be_among_the_arguments(call, wanted):
    x = sparkle.tensor([1.0, 2.0, 3.0])
    call(x)
    assert x.tolist() == wanted


def test_another_shape_is_resized_with_a_warning_unless_it_is_empty():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sparkle.exp(sparkle.zeros(2, 2), out=sparkle.empty(0)).shape == (2, 2)
    for call in (lambda out: sparkle.arange(3, out=out), lambda out: sparkle.sum(sparkle.ones(3), axis=0, out=out)):
        with pytest.warns(UserWarning, match="was resized since it had shape") as caught:
            call(sparkle.ones(2))
        assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="was resized since it had shape"):
        assert sparkle.exp(sparkle.zeros(2, 2), out=sparkle.ones(3)).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_a_smaller_result_stays_in_the_memory():
    out = sparkle.zeros(6)
    with pytest.warns(UserWarning, match="resized"):
        sparkle.ones(2, 2, out=out)
    assert out.untyped_storage().nbytes() == 24
    assert out.shape == (2, 2)


def test_results_of_several_tensors_take_a_tuple():
    values, indices = sparkle.empty(0), sparkle.empty(0, dtype=sparkle.int64)
    found = sparkle.sort(sparkle.tensor([3.0, 1.0]), out=(values, indices))
    assert found.values is values
    assert found.indices is indices
    assert indices.tolist() == [1, 0]


def test_functions_that_make_tensors_take_the_type_of_out():
    assert sparkle.arange(3, out=sparkle.empty(0)).tolist() == [0.0, 1.0, 2.0]
    assert sparkle.full((2,), 7, out=sparkle.empty(2, dtype=sparkle.float64)).tolist() == [7.0, 7.0]
    with pytest.raises(RuntimeError, match=r"does not match dtype of out parameter \(sparkle.float32\)"):
        sparkle.zeros(2, dtype=sparkle.int64, out=sparkle.empty(2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x, n: sparkle.add(x, 1, out=n), RuntimeError, "float32 can't be cast to the desired output type"),
        (lambda x, n: sparkle.mm(x, x, out=x.double()), RuntimeError, "expected out tensor to have dtype"),
        (lambda x, n: sparkle.add(x, 1, out=3), TypeError, "argument 'out' must be Tensor, not int"),
        (lambda x, n: sparkle.sort(x, out=x), TypeError, "'out' must hold 2 tensors, met 1"),
        (lambda x, n: sparkle.add(x, 1, out=(x, x)), TypeError, "'out' must hold 1 tensors, met 2"),
        (lambda x, n: sparkle.exp(x, out=x[:1].expand(2, 2)), RuntimeError, "single memory location"),
        (lambda x, n: sparkle.exp(x, out=x.clone().requires_grad_()), RuntimeError, "automatic differentiation"),
        (lambda x, n: sparkle.exp(x.requires_grad_(), out=n), RuntimeError, "automatic differentiation"),
        (lambda x, n: sparkle.cat([x.requires_grad_()], out=n), RuntimeError, "automatic differentiation"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(sparkle.ones(2, 2), sparkle.zeros(2, 2, dtype=sparkle.int64))


def test_a_refusal_writes_nothing():
    values, indices = sparkle.zeros(2), sparkle.zeros(2)
    with pytest.raises(RuntimeError, match=r"dtype sparkle.int64"):
        sparkle.sort(sparkle.tensor([3.0, 1.0]), out=(values, indices))
    assert values.tolist() == [0.0, 0.0]
    assert sparkle.is_grad_enabled()


def test_without_recording_leaves_may_be_written():
    weight = sparkle.zeros(2, requires_grad=True)
    with sparkle.no_grad():
        sparkle.add(weight, 1, out=weight)
    assert weight.tolist() == [1.0, 1.0]
    assert weight.is_leaf
    assert weight.requires_grad


def test_writing_counts_so_that_backward_notices():
    x = sparkle.ones(2, requires_grad=True)
    factor = sparkle.ones(2)
    y = (x * factor).sum()
    sparkle.zeros(2, out=factor)
    with pytest.raises(RuntimeError, match="modified"):
        y.backward()
