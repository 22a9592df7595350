"""Checkpoints, the same text for sparkle and torch."""


# Each program runs at once, so loop variables are what they were; short programs are lambdas.
# ruff: noqa: B023, E731

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    checkpoint, checkpoint_sequential = L.utils.checkpoint.checkpoint, L.utils.checkpoint.checkpoint_sequential
    x = lambda: L.tensor([0.5, 1.5], requires_grad=True)
    w = lambda: L.tensor([2.0, 3.0], requires_grad=True)
    calls = []

    def f(a, b=None, k=1):
        calls.append(1)
        y = (a * a).exp() * k
        return y if b is None else (y * b, (b * b).sin())

    for r in (True, False):

        def basic():
            calls.clear()
            a = x()
            checkpoint(f, a, use_reentrant=r).sum().backward()
            return a.grad, len(calls)

        show(f"{r} basic", basic)

        def two():
            a, b = x(), w()
            p, q = checkpoint(f, a, b, use_reentrant=r)
            (p.sum() * q.sum()).backward()
            return a.grad, b.grad

        show(f"{r} two", two)

        def one_unused():
            a, b = x(), w()
            _p, q = checkpoint(f, a, b, use_reentrant=r)
            q.sum().backward()
            return a.grad, b.grad

        show(f"{r} unused", one_unused)
        show(f"{r} kwargs", lambda: checkpoint(f, x(), k=3, use_reentrant=r).sum().backward())

        def nontensor():
            a = x()
            checkpoint(f, a, None, 4, use_reentrant=r).sum().backward()
            return a.grad

        show(f"{r} nontensor", nontensor)

        def nested():
            calls.clear()
            a = x()
            checkpoint(lambda t: checkpoint(f, t.sin(), use_reentrant=r) * 2, a, use_reentrant=r).sum().backward()
            return a.grad, len(calls)

        show(f"{r} nested", nested)

        def agrad():
            a = x()
            return L.autograd.grad(checkpoint(f, a, use_reentrant=r).sum(), a)

        show(f"{r} grad", agrad)

        def inputs():
            a = x()
            checkpoint(f, a, use_reentrant=r).sum().backward(inputs=[a])
            return a.grad

        show(f"{r} inputs", inputs)

        def dbl():
            a = x()
            (g,) = L.autograd.grad(checkpoint(f, a, use_reentrant=r).sum(), a, create_graph=True)
            g.sum().backward()
            return a.grad

        show(f"{r} double", dbl)

        def closure():
            a, b = x(), w()
            checkpoint(lambda t: t * b * b, a, use_reentrant=r).sum().backward()
            return a.grad, b.grad

        show(f"{r} closure", closure)

        def noreq():
            a, b = L.ones(2), w()
            y = checkpoint(lambda t: t * b * b, a, use_reentrant=r)
            return y.requires_grad

        show(f"{r} noreq", noreq)

        def rng(p=True):
            a = L.ones(50, requires_grad=True)
            L.manual_seed(0)
            y = checkpoint(lambda t: t * L.rand(50) * t, a, use_reentrant=r, preserve_rng_state=p)
            L.rand(1)
            y.sum().backward()
            L.rand(1)
            return (bool(L.allclose(a.grad, 2 * y)),)

        show(f"{r} rng", rng)
        show(f"{r} rng no", lambda: rng(False))

        def twice():
            a = x()
            y = checkpoint(f, a, use_reentrant=r).sum()
            y.backward()
            y.backward()

        show(f"{r} twice", twice)

        def retain():
            a = x()
            y = checkpoint(f, a, use_reentrant=r).sum()
            y.backward(retain_graph=True)
            y.backward()
            return a.grad

        show(f"{r} retain", retain)

        def ng():
            with L.no_grad():
                return checkpoint(f, x(), use_reentrant=r)

        show(f"{r} nograd", lambda: ng().requires_grad)
        seq = [L.sin, L.exp, lambda t: t * t, L.cos, L.tanh]

        def cs(n):
            a = x()
            checkpoint_sequential(seq, n, a, use_reentrant=r).sum().backward()
            return a.grad

        for n in (1, 2, 3, 5, 6):
            show(f"{r} seq {n}", lambda: cs(n))

        def err():
            state = [0]

            def g(t):
                state[0] += 1
                return t.exp().sin() if state[0] == 1 else t.exp()

            a = x()
            checkpoint(g, a, use_reentrant=r).sum().backward()

        show(f"{r} err", err) if not r else 0

        def err2():
            state = [0]

            def g(t):
                state[0] += 1
                return t.exp() if state[0] == 1 else t[:1].exp()

            a = x()
            checkpoint(g, a, use_reentrant=r).sum().backward()

        show(f"{r} err2", err2) if not r else 0
        show(f"{r} raise", lambda: checkpoint(lambda t: 1 / 0, x(), use_reentrant=r))

        def inner_mod():
            a = x()

            def g(t):
                u = t * 1
                u.add_(1)
                u[0] = 3
                return u * u

            y = checkpoint(g, a, use_reentrant=r)
            y.sum().backward()
            return a.grad

        show(f"{r} inplace", inner_mod)

        def tup_none():
            a = x()
            p, q, n = checkpoint(lambda t: (t * t, None, 3), a, use_reentrant=r)
            p.sum().backward()
            return a.grad, q, n

        show(f"{r} tuple none", tup_none)

        def nondiff():
            a = x()
            p, q = checkpoint(lambda t: (t * t, t > 1), a, use_reentrant=r)
            p.sum().backward()
            return a.grad, q

        show(f"{r} nondiff", nondiff)
    show("None", lambda: checkpoint(f, x()).sum().backward())
    show("dc", lambda: checkpoint(f, x(), use_reentrant=False, determinism_check="foo").sum().backward())
    show("seq kw", lambda: checkpoint_sequential([L.sin], 1, x(), use_reentrant=False, foo=3))
    show("unknown kw", lambda: checkpoint(f, x(), use_reentrant=False, foo=3))

    # saved hooks
