"""User Functions: the ctx protocol, double backward, and refusals."""

from __future__ import annotations

import pytest

import sparkle
from sparkle.autograd import Function, grad, gradcheck, gradgradcheck


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class ScaledSum(Function):
    @staticmethod
    def forward(ctx, x, y, scale):
        ctx.save_for_backward(x, y)
        ctx.scale = scale
        return (x * y * scale), x + y

    @staticmethod
    def backward(ctx, gp, gs):
        x, y = ctx.saved_tensors
        return gp * y * ctx.scale + gs, gp * x * ctx.scale + gs, None


class WithSetup(Function):
    @staticmethod
    def forward(x):
        return x * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g


def leaf(*values):
    return sparkle.tensor(list(values), dtype=sparkle.float64, requires_grad=True)


@pytest.mark.parametrize("function", [Exp, WithSetup])
def test_one_input(function):
    assert gradcheck(function.apply, leaf(0.5, -1.0))
    assert gradgradcheck(function.apply, leaf(0.5, -1.0))


def test_several_inputs_and_outputs_with_an_option():
    assert gradcheck(lambda x, y: ScaledSum.apply(x, y, 3.0), [leaf(0.5, -1.0), leaf(2.0, 1.0)])
    assert gradgradcheck(lambda x, y: ScaledSum.apply(x, y, 3.0), [leaf(0.5, -1.0), leaf(2.0, 1.0)])


def test_missing_gradients_are_zeros_unless_asked_otherwise():
    seen = []

    class Two(Function):
        @staticmethod
        def forward(ctx, x, materialize):
            ctx.set_materialize_grads(materialize)
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, a, b):
            seen.append(b if b is None else b.tolist())
            return a, None

    for materialize in (True, False):
        first, _ = Two.apply(leaf(1.0), materialize)
        first.sum().backward()
    assert seen == [[0.0], None]


def test_needs_input_grad_and_non_differentiable_results():
    seen = []

    class Max(Function):
        @staticmethod
        def forward(ctx, x, y):
            index = x * 0
            ctx.mark_non_differentiable(index)
            return x + y, index

        @staticmethod
        def backward(ctx, g, _):
            seen.append(ctx.needs_input_grad)
            return g, None

    value, index = Max.apply(leaf(1.0), sparkle.tensor([2.0], dtype=sparkle.float64))
    assert value.requires_grad
    assert not index.requires_grad
    value.sum().backward()
    assert seen == [(True, False)]


def test_mark_dirty():
    class AddOne(Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 5

    x = leaf(1.0)
    y = x * 1
    z = AddOne.apply(y)
    assert z is y
    z.sum().backward()
    assert x.grad.tolist() == [5.0]


def test_broadcast_gradient_is_summed():
    class Spread(Function):
        @staticmethod
        def forward(ctx, x):
            return x.expand(3, 2) * 1

        @staticmethod
        def backward(ctx, g):
            return g

    x = leaf(1.0, 2.0)
    Spread.apply(x).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((None, None), "incorrect number of gradients"),
        (sparkle.tensor([0.0, 0.0, 0.0]), "invalid gradient"),
        (1.0, "expected a tensor"),
    ],
    ids=["too few", "shape", "type"],
)
def test_wrong_answers_of_backward(answer, message):
    class Bad(Function):
        @staticmethod
        def forward(ctx, x, y, z):
            return x * y * z

        @staticmethod
        def backward(ctx, g):
            return answer if isinstance(answer, tuple) else (answer, answer, answer)

    with pytest.raises((RuntimeError, TypeError), match=message):
        Bad.apply(leaf(1.0, 2.0), leaf(1.0, 2.0), leaf(1.0, 2.0)).sum().backward()


def test_misuse():
    with pytest.raises(RuntimeError, match="should not be instantiated"):
        Exp()

    class Saves(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(3)
            return x

    with pytest.raises(TypeError, match="can only save tensors"):
        Saves.apply(leaf(1.0))


def test_saved_input_modified_later_is_refused():
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * ctx.saved_tensors[0] * g

    x = leaf(1.0)
    y = x * 1
    z = Square.apply(y)
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()
    y = x * 1
    z = Square.apply(y).sum()
    z.backward()
    with pytest.raises(RuntimeError, match="second time"):
        z.backward()


def test_grad_through_a_function_of_a_result():
    x = leaf(2.0)
    (g,) = grad(Exp.apply(x * x), x, create_graph=True)
    (h,) = grad(g, x)
    e = 2.718281828459045**4
    assert g.item() == pytest.approx(4 * e)
    assert h.item() == pytest.approx((2 + 16) * e)
