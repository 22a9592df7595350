"""User Functions, the same text for sparkle and torch."""


# Short programs are lambdas.
# ruff: noqa: E731

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    Function = L.autograd.Function

    def mk(fw, bw, **k):
        return type(
            "F",
            (Function,),
            dict(forward=staticmethod(fw), backward=staticmethod(bw), **{a: staticmethod(b) for a, b in k.items()}),
        )

    x = L.ones(2, requires_grad=True)
    show("list", lambda: mk(lambda c, x: [x * 2, x * 3], lambda c, g, h: g + h).apply(x))
    show("none out", lambda: mk(lambda c, x: None, lambda c, g: g).apply(x))
    show("num out", lambda: mk(lambda c, x: 3, lambda c, g: g).apply(x))
    show("tuple mix", lambda: mk(lambda c, x: (x * 2, 3, None), lambda c, *g: (note(g), g[0])[1]).apply(x))

    def bk():
        a, _b, _c = mk(lambda c, x: (x * 2, 3, None), lambda c, *g: (note(g), g[0])[1]).apply(x)
        a.sum().backward()

    show("tuple mix bw", bk)
    show("same", lambda: (lambda y: (y is x, y.requires_grad))(mk(lambda c, x: x, lambda c, g: g).apply(x)))
    show("fewer", lambda: mk(lambda c, x, y: x * y, lambda c, g: g).apply(x, x).sum().backward())
    show("more", lambda: mk(lambda c, x: x * 2, lambda c, g: (g, g)).apply(x).sum().backward())
    show("more None", lambda: mk(lambda c, x: x * 2, lambda c, g: (g, None)).apply(x).sum().backward())
    show("nontensor grad", lambda: mk(lambda c, x, n: x * 2, lambda c, g: (g, g)).apply(x, 3).sum().backward())
    show(
        "grad for no-req tensor",
        lambda: mk(lambda c, x, n: x * 2, lambda c, g: (g, g)).apply(x, L.ones(2)).sum().backward(),
    )
    show("str grad", lambda: mk(lambda c, x: x * 2, lambda c, g: "a").apply(x).sum().backward())
    show("shape grad", lambda: mk(lambda c, x: x * 2, lambda c, g: L.ones(3)).apply(x).sum().backward())
    show("dtype grad", lambda: mk(lambda c, x: x * 2, lambda c, g: g.double()).apply(x).sum().backward())
    show("int grad", lambda: mk(lambda c, x: x * 2, lambda c, g: L.ones(2, dtype=L.int64)).apply(x).sum().backward())
    note(x.grad.dtype)

    def dirty_no(c, x):
        x.add_(1)
        c.mark_dirty(x)
        return x * 2

    show("dirty not ret", lambda: mk(dirty_no, lambda c, g: g).apply(x * 1))

    def dirty(c, x):
        x.add_(1)
        c.mark_dirty(x)
        return x

    D = mk(dirty, lambda c, g: g * 5)
    show("dirty leaf", lambda: D.apply(L.ones(2, requires_grad=True)))

    def dv():
        x = L.ones(4, requires_grad=True)
        y = x * 1
        v = y[:2]
        w = D.apply(v)
        y.sum().backward()
        return x.grad, w is v, v._version

    show("dirty view", dv)

    def dv2():
        x = L.ones(4, requires_grad=True)
        y = L.zeros(4)

        def f(c, a, b):
            a.copy_(b)
            c.mark_dirty(a)
            return a

        F = mk(f, lambda c, g: (None, g * 3))
        v = y[1:3]
        F.apply(v, x[:2])
        y.sum().backward()
        return x.grad

    show("dirty view into plain", dv2)

    def unmarked():
        def f(c, a):
            a.add_(1)
            return a

        y = x * 1
        z = mk(f, lambda c, g: g * 2).apply(y)
        z.sum().backward()
        return z is y

    show("unmarked", unmarked)

    def dirtynot():
        def f(c, a):
            c.mark_dirty(a * 2)
            return a * 3

        return mk(f, lambda c, g: g * 2).apply(x * 1)

    show("dirty not input", dirtynot)

    def viewout():
        F = mk(lambda c, a: a[:1], lambda c, g: L.cat([g, g]))
        y = x * 1
        z = F.apply(y)
        z.add_(1)
        return z

    show("view out in-place", viewout)

    def idout():
        F = mk(lambda c, a: a, lambda c, g: g)
        y = x * 1
        z = F.apply(y)
        z.add_(1)
        z.sum().backward()
        return z, y

    show("id out in-place", idout)

    def nondiff():
        def f(c, a):
            i = a * 0
            c.mark_non_differentiable(i)
            return a * 2, i

        a, b = mk(f, lambda c, g, h: (note(g, h), g)[1]).apply(x)
        a.sum().backward()
        return b.requires_grad

    show("nondiff", nondiff)

    def nond_mat():
        def f(c, a):
            c.set_materialize_grads(False)
            return a * 2, a * 3

        _a, b = mk(f, lambda c, g, h: (note(g, h), h)[1]).apply(x)
        b.sum().backward()

    show("no mat", nond_mat)
    show("instance call", lambda: mk(lambda c, a: a, lambda c, g: g)()(x))
    show("kwargs", lambda: mk(lambda c, a, k=2: a * k, lambda c, g: g).apply(x, k=4))
    show(
        "no backward",
        lambda: type("G", (Function,), {"forward": staticmethod(lambda c, x: x * 2)}).apply(x).sum().backward(),
    )
    show("no forward", lambda: type("G", (Function,), {}).apply(x))
    show(
        "both",
        lambda: (
            type(
                "G",
                (Function,),
                {
                    "forward": staticmethod(lambda c, x: x * 2),
                    "backward": staticmethod(lambda c, g: g),
                    "vjp": staticmethod(lambda c, g: g),
                },
            )
            .apply(x)
            .sum()
            .backward()
        ),
    )
    show(
        "vjp",
        lambda: (
            type(
                "G", (Function,), {"forward": staticmethod(lambda c, x: x * 2), "vjp": staticmethod(lambda c, g: g * 7)}
            )
            .apply(x * 1)
            .sum()
            .backward(),
            x.grad,
        ),
    )

    def once():
        from L.autograd.function import once_differentiable

        class Squared(Function):
            @staticmethod
            def forward(c, x):
                c.save_for_backward(x)
                return x * x

            @staticmethod
            @once_differentiable
            def backward(c, g):
                (x,) = c.saved_tensors
                return 2 * x * g

        x = L.tensor([2.0], requires_grad=True)
        (g,) = L.autograd.grad(Squared.apply(x), x, create_graph=True)
        note(g, g.requires_grad)
        g.backward()

    show("once", once)

    def save_twice():
        def f(c, a):
            c.save_for_backward(a)
            c.save_for_backward(a, a)
            return a * 2

        return mk(f, lambda c, g: (note(len(c.saved_tensors)), g)[1]).apply(x).sum().backward()

    show("save twice", save_twice)

    def access():
        f = lambda c, a: (c.save_for_backward(a), a * 2)[1]
        y = mk(f, lambda c, g: g).apply(x)
        note(y.grad_fn.saved_tensors, y.grad_fn.name(), y.grad_fn.needs_input_grad)
        y.sum().backward()
        return y.grad_fn.saved_tensors

    show("access", access)
    show("fw exc", lambda: mk(lambda c, a: 1 / 0, lambda c, g: g).apply(x))

    def save_non():
        def f(c, a):
            c.save_for_backward(3)
            return a * 2

        return mk(f, lambda c, g: g).apply(x)

    show("save non", save_non)

    def inter():
        def f(c, a):
            b = a.exp()
            c.save_for_backward(b, None)
            return b.sum()

        return mk(f, lambda c, g: g * c.saved_tensors[0]).apply(x).backward()

    show("inter", inter)
    show("grad none", lambda: mk(lambda c, a, b: a * b, lambda c, g: (None, g)).apply(x, x).sum().backward())
    show("all none", lambda: L.autograd.grad(mk(lambda c, a: a * 2, lambda c, g: None).apply(x).sum(), x))
    show(
        "all none allow",
        lambda: L.autograd.grad(mk(lambda c, a: a * 2, lambda c, g: None).apply(x).sum(), x, allow_unused=True),
    )
    show("int in", lambda: mk(lambda c, a: a.double(), lambda c, g: None).apply(L.ones(2, dtype=L.int64)).requires_grad)
    show(
        "bool out",
        lambda: mk(lambda c, a: (a * 2, a > 0), lambda c, g, h: (note(h), g)[1]).apply(x)[0].sum().backward(),
    )
    show(
        "no grad",
        lambda: mk(lambda c, a: (note(c.needs_input_grad, L.is_grad_enabled()), a * 2)[1], lambda c, g: g).apply(x),
    )

    def ng():
        with L.no_grad():
            return mk(lambda c, a: (note(c.needs_input_grad), a * 2)[1], lambda c, g: g).apply(x)

    show("ng", ng)
    show("default_mat list in", lambda: mk(lambda c, xs: xs[0] * 2, lambda c, g: g).apply([x]).requires_grad)
    show("setup ret", lambda: mk(lambda x: x * 2, lambda c, g: g, setup_context=lambda c, i, o: 3).apply(x))
    show(
        "setup inputs",
        lambda: (
            mk(lambda x, n: x * n, lambda c, g: (g, None), setup_context=lambda c, i, o: note(i, o))
            .apply(x, 2)
            .grad_fn.name()
        ),
    )
    show("scalar g broadcast", lambda: mk(lambda c, a: a * 2, lambda c, g: L.tensor(2.0)).apply(x).sum().backward())
