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


def made(forward, backward, **more):
    """A Function of two functions."""
    methods = {"forward": forward, "backward": backward, **more}
    return type("Made", (Function,), {name: staticmethod(f) for name, f in methods.items()})


def test_once_differentiable():
    @sparkle.autograd.function.once_differentiable
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g

    square = made(lambda ctx, x: (ctx.save_for_backward(x), x * x)[1], backward)
    x = leaf(3.0)
    square.apply(x).backward()
    assert x.grad.tolist() == [6.0]
    (g,) = grad(square.apply(x).exp(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        g.backward()


def test_vjp_is_another_name_of_backward():
    double = type("Double", (Function,), {"forward": staticmethod(lambda ctx, x: x * 2)})
    with pytest.raises(NotImplementedError, match="backward or vjp"):
        double.apply(leaf(1.0)).backward()
    double.vjp = staticmethod(lambda ctx, g: g * 2)
    x = leaf(1.0)
    double.apply(x).backward()
    assert x.grad.tolist() == [2.0]
    double.backward = double.vjp
    with pytest.raises(RuntimeError, match="both"):
        double.apply(x).backward()


def test_gradients_take_the_inputs_type():
    f = made(lambda ctx, x: x * 2, lambda ctx, g: g.double())
    x = sparkle.ones(2, requires_grad=True)
    f.apply(x).sum().backward()
    assert x.grad.dtype is sparkle.float32
    (g,) = grad(f.apply(x).sum(), x, create_graph=True)
    assert g.dtype is sparkle.float32


def test_results_that_are_no_tensors():
    seen = []
    f = made(lambda ctx, x: (x * 2, 3, None), lambda ctx, *gs: (seen.append(gs[1:]), gs[0] * 2)[1])
    x = leaf(1.0)
    y, three, nothing = f.apply(x)
    y.backward()
    assert (three, nothing, seen) == (3, None, [(None, None)])


def test_a_gradient_for_what_is_no_tensor_is_refused():
    f = made(lambda ctx, x, n: x * n, lambda ctx, g: (g, g))
    with pytest.raises(RuntimeError, match="position 2"):
        f.apply(leaf(1.0), 3).backward()


def test_dirty_results():
    def write(ctx, target, value):
        target.copy_(value)
        ctx.mark_dirty(target)
        return target

    put = made(write, lambda ctx, g: (None, g * 3))
    x, plain = leaf(1.0, 2.0), sparkle.zeros(4, dtype=sparkle.float64)
    part = plain[1:3]
    assert put.apply(part, x) is part
    (plain * plain).sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]
    with pytest.raises(RuntimeError, match="leaf"):
        put.apply(leaf(1.0, 2.0), x)
    forgets = made(lambda ctx, x: (ctx.mark_dirty(x), x * 2)[1], lambda ctx, g: g)
    with pytest.raises(RuntimeError, match="marked as dirty"):
        forgets.apply(x * 1)


@pytest.mark.parametrize("forward", [lambda ctx, x: x, lambda ctx, x: x[:1]], ids=["argument", "view"])
def test_results_that_share_an_arguments_memory_cannot_be_written(forward):
    y = made(forward, lambda ctx, g: g.expand(2)).apply(leaf(1.0, 2.0) * 1)
    with pytest.raises(RuntimeError, match="Function MadeBackward"):
        y.add_(1)
    with sparkle.no_grad():
        y.add_(1)


def test_the_node_is_the_context():
    x = leaf(1.0)
    a, b = made(lambda ctx, x: (ctx.save_for_backward(x), (x * 2, x * 3))[1], lambda ctx, g, h: g + h).apply(x)
    assert a.grad_fn is b.grad_fn
    assert isinstance(a.grad_fn, sparkle.autograd.function.FunctionCtx)
    assert a.grad_fn.saved_tensors[0] is x
    assert a.grad_fn.needs_input_grad == (True,)
    a.backward()
    with pytest.raises(RuntimeError, match="second time"):
        a.grad_fn.saved_tensors  # noqa: B018


def test_forward_mode_is_refused():
    f = made(lambda ctx, x: (ctx.save_for_forward(x), x)[1], lambda ctx, g: g)
    with pytest.raises(NotImplementedError, match="forward-mode"):
        f.apply(leaf(1.0))
