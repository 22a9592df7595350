"""Gradients that the table cannot check, and memory that parts share."""

import numpy
import pytest

import sparkle
from sparkle.autograd import gradcheck, gradgradcheck
from sparkle.core import backend


def test_as_strided_scatter_gives_each_place_to_the_one_that_filled_it():
    x = sparkle.randn(3, 4, dtype=sparkle.float64, requires_grad=True)
    s = sparkle.randn(2, 2, dtype=sparkle.float64, requires_grad=True)
    y = sparkle.as_strided_scatter(x, s, (2, 2), (3, 2), 1)
    (y * sparkle.arange(12.0, dtype=sparkle.float64).reshape(3, 4)).sum().backward()
    assert x.grad.tolist() == [[0, 0, 2, 0], [0, 5, 0, 7], [8, 9, 10, 11]]
    assert s.grad.tolist() == [[1, 3], [4, 6]]
    assert gradcheck(
        lambda x, s: sparkle.as_strided_scatter(x[:, 1:], s, (2,), (5,)), (x, s[0].detach().requires_grad_())
    )


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_products_with_zeros(own, zeros):
    index = sparkle.tensor([0, 0, 0, 1])
    x = sparkle.tensor([2.0, 3.0, 5.0], dtype=sparkle.float64, requires_grad=True)
    src = sparkle.tensor([7.0, 11.0, 13.0, 17.0], dtype=sparkle.float64)
    src[:zeros] = 0
    src.requires_grad_()

    def product(x, src):
        return sparkle.scatter_reduce(x, 0, index, src, "prod", include_self=own)

    assert gradcheck(product, (x, src))
    if zeros < 2:
        assert gradgradcheck(product, (x, src))


def test_unsafe_parts_can_be_written_while_gradients_are_recorded():
    x = sparkle.ones(4, requires_grad=True) * 1
    parts = sparkle.unsafe_split(x, 2)
    parts[0].mul_(3)
    assert x.tolist() == [3, 3, 1, 1]


def test_products_in_rounds_equal_those_of_numpy():
    random = numpy.random.default_rng(0)
    target, values = random.random((4, 3)), random.random((6, 3))
    index = random.integers(0, 4, (6, 1)), numpy.arange(3)
    wanted = target.copy()
    numpy.multiply.at(wanted, index, values)
    backend._multiply_in_rounds(numpy, target, index, values)
    numpy.testing.assert_allclose(target, wanted)
