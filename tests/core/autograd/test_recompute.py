"""checkpoint and checkpoint_sequential."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import autograd
from sparkle.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential

BOTH = pytest.mark.parametrize("reentrant", [True, False])


def leaf(*values: float) -> Any:
    return sparkle.tensor(list(values), requires_grad=True)


class Counted:
    """exp(a^2) k, and with b also (that times b, sin(b^2)); counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, a: Any, b: Any = None, k: float = 1.0) -> Any:
        self.calls += 1
        y = (a * a).exp() * k
        return y if b is None else (y * b, (b * b).sin())


def gradients(f: Any, *args: Any, **options: Any) -> list[Any]:
    """Of the product of the sums of what f gives, for each tensor among args."""
    args = tuple(a.detach().clone().requires_grad_() if isinstance(a, sparkle.Tensor) else a for a in args)
    results = f(*args, **options)
    total = sparkle.ones(())
    for y in results if isinstance(results, tuple) else (results,):
        total = total * y.sum()
    total.backward()
    return [a.grad.tolist() for a in args if isinstance(a, sparkle.Tensor)]


@BOTH
@pytest.mark.parametrize("args", [(leaf(0.5, 1.5),), (leaf(0.5, 1.5), leaf(2.0, 3.0)), (leaf(0.5), None, 4.0)])
def test_gradients_are_the_same(reentrant: bool, args: tuple[Any, ...]) -> None:
    f = Counted()
    found = gradients(lambda *a: checkpoint(f, *a, use_reentrant=reentrant), *args)
    assert f.calls == 2
    for g, wanted in zip(found, gradients(f, *args), strict=True):
        np.testing.assert_allclose(g, wanted, rtol=1e-6)


@BOTH
def test_nested(reentrant: bool) -> None:
    f = Counted()

    def inner(t: Any) -> Any:
        return checkpoint(f, t.sin(), use_reentrant=reentrant) * t

    found = gradients(lambda t: checkpoint(inner, t, use_reentrant=reentrant), leaf(0.5, 1.5))
    np.testing.assert_allclose(found, gradients(lambda t: f(t.sin()) * t, leaf(0.5, 1.5)), rtol=1e-6)


@BOTH
def test_random_numbers_are_the_same_again(reentrant: bool) -> None:
    sparkle.manual_seed(0)
    x = sparkle.ones(100, requires_grad=True)
    y = checkpoint(lambda t: t * sparkle.rand(100) * t, x, use_reentrant=reentrant)
    state = sparkle.get_rng_state()
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * y.detach().numpy(), rtol=1e-6)
    assert sparkle.get_rng_state().tolist() == state.tolist()
    x.grad = None
    z = checkpoint(lambda t: t * sparkle.rand(100) * t, x, use_reentrant=reentrant, preserve_rng_state=False)
    z.sum().backward()
    assert not np.allclose(x.grad.numpy(), 2 * z.detach().numpy())


@BOTH
def test_parameters_in_the_function_get_gradients(reentrant: bool) -> None:
    layer = sparkle.nn.Linear(2, 2)
    x = leaf(1.0, 2.0)
    checkpoint(layer, x, use_reentrant=reentrant).sum().backward()
    assert layer.weight.grad.tolist() == [[1.0, 2.0], [1.0, 2.0]]


def test_what_is_inside_is_let_go() -> None:
    inner: list[Any] = []

    def f(t: Any) -> Any:
        h = t * 2
        inner.append(weakref.ref(h.array))
        return h * h * h

    gc.disable()
    try:
        x = leaf(1.0, 2.0)
        y = checkpoint(f, x, use_reentrant=False)
        assert inner[0]() is None
        y.sum().backward()
        assert inner[1]() is None
    finally:
        gc.enable()
    assert x.grad.tolist() == [24.0, 96.0]


def test_without_reentry_all_of_autograd_works() -> None:
    x = leaf(0.5, 1.5)
    y = checkpoint(Counted(), x, use_reentrant=False, k=2.0)
    (g,) = autograd.grad(y.sum(), x, create_graph=True)
    (h,) = autograd.grad(g.sum(), x)
    e = np.exp(x.detach().numpy() ** 2) * 2
    np.testing.assert_allclose(g.detach().numpy(), 2 * x.detach().numpy() * e, rtol=1e-6)
    np.testing.assert_allclose(h.numpy(), (2 + 4 * x.detach().numpy() ** 2) * e, rtol=1e-6)
    y = checkpoint(Counted(), x, use_reentrant=False).sum()
    y.backward(retain_graph=True)
    y.backward(inputs=[x])
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_a_function_that_does_something_else_again_is_found_out() -> None:
    calls: list[int] = []

    def shape(t: Any) -> Any:
        calls.append(1)
        return (t if len(calls) % 2 else t[:1]).exp()

    def fewer(t: Any) -> Any:
        calls.append(1)
        return t.exp().sin() if len(calls) % 2 else t.exp()

    for f, message in ((shape, "metadata"), (fewer, "number of tensors")):
        calls.clear()
        with pytest.raises(CheckpointError, match=message):
            checkpoint(f, leaf(1.0, 2.0), use_reentrant=False).sum().backward()


@pytest.mark.parametrize("early", [True, False])
def test_early_stop(early: bool) -> None:
    ends: list[int] = []

    def f(t: Any) -> Any:
        y = t.exp()
        ends.append(1)
        return y + 1

    checkpoint(f, leaf(1.0), use_reentrant=False, early_stop=early).backward()
    assert len(ends) == (1 if early else 2)


LAYERS = [sparkle.sin, sparkle.exp, lambda t: t * t, sparkle.cos, sparkle.tanh]


@BOTH
@pytest.mark.parametrize("segments", [1, 2, 3, 5])
def test_sequential(reentrant: bool, segments: int) -> None:
    x = leaf(0.5, 1.5)
    found = gradients(lambda t: checkpoint_sequential(LAYERS, segments, t, use_reentrant=reentrant), x)
    np.testing.assert_allclose(found, gradients(lambda t: checkpoint_sequential(LAYERS, 1, t, False), x), rtol=1e-6)
    model = sparkle.nn.Sequential(sparkle.nn.Linear(2, 2), sparkle.nn.Tanh(), sparkle.nn.Linear(2, 1))
    checkpoint_sequential(model, 2, x, use_reentrant=reentrant).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


REFUSED = {
    "kwargs": (lambda: checkpoint(Counted(), leaf(1.0), use_reentrant=True, k=2), ValueError),
    "grad": (lambda: autograd.grad(checkpoint(Counted(), x := leaf(1.0), use_reentrant=True), x), RuntimeError),
    "inputs": (lambda: checkpoint(Counted(), x := leaf(1.0), use_reentrant=True).backward(inputs=x), RuntimeError),
    "context_fn": (lambda: checkpoint(Counted(), leaf(1.0), use_reentrant=False, context_fn=int), NotImplementedError),
    "debug": (lambda: checkpoint(Counted(), leaf(1.0), use_reentrant=False, debug=True), NotImplementedError),
    "check": (lambda: checkpoint(Counted(), leaf(1.0), use_reentrant=False, determinism_check="?"), ValueError),
    "segments": (lambda: checkpoint_sequential(LAYERS, 6, leaf(1.0), use_reentrant=False), ValueError),
    "unknown": (lambda: checkpoint_sequential(LAYERS, 2, leaf(1.0), use_reentrant=False, k=1), ValueError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error = REFUSED[name]
    with pytest.raises(error):
        call()


def test_warnings() -> None:
    with pytest.warns(UserWarning, match="use_reentrant"):
        checkpoint(Counted(), leaf(1.0))
    with pytest.warns(UserWarning, match="None of the inputs"):
        assert not checkpoint(Counted(), sparkle.ones(1), use_reentrant=True).requires_grad
