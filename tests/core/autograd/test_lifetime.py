"""What graphs cost while they live, and that they go: long chains, flat memory, no circles; and threads."""

from __future__ import annotations

import gc
import threading
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import autograd
from sparkle.utils.checkpoint import checkpoint

LONG = 100_000  # ops


def leaf(*values: float) -> Any:
    return sparkle.tensor(list(values), requires_grad=True)


def test_gradients_of_gradients_through_a_long_chain() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(LONG):
        y = y * 1.0
    (g,) = autograd.grad(y * y, x, create_graph=True)
    g.backward()
    assert x.grad.tolist() == [2.0]
    del y, g  # taken apart without recursion


def test_a_long_chain_without_backward_is_taken_apart() -> None:
    y = leaf(1.0)
    for _ in range(LONG):
        y = (y + 1.0)[:]
    del y


def test_a_long_chain_of_writes() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    for _ in range(2000):
        y.mul_(1.0)
        y[0] += 0.0
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_a_long_chain_of_functions() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = Twice.apply(y) * 0.5
    y.backward()
    assert x.grad.tolist() == [1.0]


def test_memory_of_a_training_loop_stays_flat() -> None:
    w, b = sparkle.randn(8, 1, requires_grad=True), sparkle.zeros(1, requires_grad=True)
    x = sparkle.randn(32, 8)

    def steps(n: int) -> None:
        for _ in range(n):
            h = (x @ w + b).tanh()
            h.register_hook(lambda g: None)
            h.square().mean().backward()
            with sparkle.no_grad():
                for p in (w, b):
                    p -= 0.01 * p.grad
                    p.grad = None

    def grown() -> int:
        before = tracemalloc.get_traced_memory()[0]
        steps(200)
        return tracemalloc.get_traced_memory()[0] - before

    steps(20)
    gc.disable()
    tracemalloc.start()
    try:
        # What a step leaves is left in every stretch; the free lists of Python and NumPy fill up in one of them.
        assert min(grown() for _ in range(4)) < 20_000  # bytes; a kept graph holds 5000 a step
    finally:
        tracemalloc.stop()
        gc.enable()


class Twice(autograd.Function):
    """2 x, which saves what it was given and what it made."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = x * 2
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, y = ctx.saved_tensors
        return g * y / x


class Both(autograd.Function):
    """Two results, one of them the argument itself, written in place."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        x.mul_(2)
        ctx.mark_dirty(x)
        other = x.sum()
        ctx.save_for_backward(x, other)
        ctx.mark_non_differentiable(other)
        return x, other

    @staticmethod
    def backward(ctx: Any, g: Any, _: Any) -> Any:
        return g * 2


def ops(x: Any) -> list[Any]:
    y = x * x
    z = y.exp()
    z.sum().backward()
    return [y, z]


def hooked(x: Any) -> list[Any]:
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    y.grad_fn.register_hook(lambda gi, go: None)
    y.grad_fn.register_prehook(lambda go: None)
    z = y * y
    autograd.graph.register_multi_grad_hook([x, y, z], lambda gs: None)
    z.sum().backward()
    return [y, z]


def functions(x: Any) -> list[Any]:
    y = Twice.apply(x * 1)
    a, b = Both.apply(y * 1)
    (a.sum() + y.sum()).backward()
    return [y, a, b]


def functions_without_backward(x: Any) -> list[Any]:
    y = Twice.apply(x * 1)
    return [y, *Both.apply(y * 1)]


def recomputed(x: Any) -> list[Any]:
    y = checkpoint(lambda t: (t * 2).exp(), x, use_reentrant=False)
    z = checkpoint(lambda t: checkpoint(lambda u: u.exp(), t.sin(), use_reentrant=False), y, use_reentrant=False)
    z.sum().backward()
    w = checkpoint(lambda t: t.exp(), x, use_reentrant=True)
    w.sum().backward()
    return [y, z, w]


def twice_differentiated(x: Any) -> list[Any]:
    y = (x * x).exp()
    (g,) = autograd.grad(y.sum(), x, create_graph=True)
    (h,) = autograd.grad(g.sum(), x, create_graph=True)
    return [y, g, h]


def written(x: Any) -> list[Any]:
    y = x * 1
    v = y[:1]
    v.mul_(3)
    y[0] = x[1]
    u = y.view(-1)
    u.add_(v)
    u.sum().backward()
    return [y, v, u]


def packed(x: Any) -> list[Any]:
    with autograd.graph.saved_tensors_hooks(lambda t: t.numpy().copy(), sparkle.from_numpy):
        y = Twice.apply(x * x)
    y.sum().backward()
    return [y]


def traced(x: Any) -> list[Any]:
    with autograd.set_detect_anomaly(True):
        y = (x * x).exp()
        y.sum().backward()
    return [y]


def transformed(x: Any) -> list[Any]:
    y = x * 1
    g = sparkle.func.grad(lambda t: (t**3).sum())(y)
    j = autograd.functional.jacobian(lambda t: t * t, y)
    return [y, g, j]


@pytest.mark.parametrize(
    "program",
    [
        *(ops, hooked, functions, functions_without_backward, recomputed, twice_differentiated, written, packed),
        *(traced, transformed),
    ],
)
def test_no_circles(program: Callable[[Any], list[Any]]) -> None:
    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0, 2.0)
        made = program(x)
        nodes = [t.grad_fn for t in made if t.grad_fn is not None]
        watched = [weakref.ref(t) for t in made] + [weakref.ref(node) for node in nodes]
        del made, nodes
        x.grad = None
        assert [w() for w in watched] == [None] * len(watched)
    finally:
        gc.enable()


def test_failed_backward_leaves_no_circle() -> None:
    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0)
        y = x * 2
        z = y * y
        y.add_(1)
        watched = [weakref.ref(y), weakref.ref(z)]
        with pytest.raises(RuntimeError):
            z.backward()
        del y, z
        assert [w() for w in watched] == [None, None]
    finally:
        gc.enable()


def in_threads(work: Callable[[int], None], n: int = 4) -> None:
    """Run work(0), ..., work(n - 1) at the same time; an error in one of them is raised here."""
    errors = []

    def guarded(i: int) -> None:
        try:
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_backward_from_several_threads_adds_up_in_shared_leaves() -> None:
    x = sparkle.ones(20_000, requires_grad=True)
    shared = x * 2

    def work(i: int) -> None:
        for _ in range(25):
            (shared * (i + 1)).sum().backward(retain_graph=True)

    in_threads(work)
    assert x.grad.unique().tolist() == [2.0 * 25 * (1 + 2 + 3 + 4)]


def test_threads_have_modes_of_their_own() -> None:
    ready, done = threading.Barrier(2), threading.Barrier(2)
    seen = {}

    def work(i: int) -> None:
        if i == 0:
            with sparkle.inference_mode(), autograd.set_detect_anomaly(True):
                ready.wait()
                done.wait()
            return
        ready.wait()
        x = leaf(1.0) * 2
        seen[i] = (
            *(sparkle.is_grad_enabled(), sparkle.is_inference_mode_enabled(), x.is_inference(), x.requires_grad),
            x.grad_fn.trace,
        )
        done.wait()

    in_threads(work, 2)
    assert seen == {1: (True, False, False, True, None)}


def test_hooks_of_one_walk_do_not_see_another_thread() -> None:
    lists = []
    a, b = leaf(1.0), leaf(1.0)
    autograd.graph.register_multi_grad_hook([a, b], lambda gs: lists.append([g is not None for g in gs]))

    def work(i: int) -> None:
        for _ in range(20):
            (a * b if i % 2 else a * 2).sum().backward()

    in_threads(work)
    assert sorted(lists) == [[True, False]] * 40 + [[True, True]] * 40


def test_results_of_threads_do_not_mix() -> None:
    def work(i: int) -> None:
        rng = np.random.default_rng(i)
        for _ in range(20):
            values = rng.standard_normal(100)
            x = sparkle.tensor(values, requires_grad=True)
            (x**3).sum().backward()
            np.testing.assert_allclose(x.grad.numpy(), 3 * values**2)

    in_threads(work)
