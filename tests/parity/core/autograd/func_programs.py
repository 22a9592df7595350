"""func, the same text for sparkle and torch."""


# Short programs are lambdas.
# ruff: noqa: E731

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    F = L.func
    x = L.tensor([1.0, 2.0])
    y = L.tensor([3.0, 4.0])
    s = L.tensor(2.0)
    f = lambda x, y: (x**2 * y).sum()
    show("grad", lambda: F.grad(f)(x, y))
    show("grad1", lambda: F.grad(f, argnums=1)(x, y))
    show("grad01", lambda: F.grad(f, argnums=(0, 1))(x, y))
    show("grad-1", lambda: F.grad(f, argnums=-1)(x, y))
    show("grad5", lambda: F.grad(f, argnums=5)(x, y))
    show("gg", lambda: F.grad(F.grad(lambda t: t**4))(s))
    show("ggg", lambda: F.grad(F.grad(F.grad(lambda t: t**4)))(s))
    show("aux", lambda: F.grad(lambda x: ((x**2).sum(), {"a": x * 3}), has_aux=True)(x))
    show("gv", lambda: F.grad_and_value(f)(x, y))
    show("gvaux", lambda: F.grad_and_value(lambda x: ((x**2).sum(), x * 3), has_aux=True)(x))
    show("nonscalar", lambda: F.grad(lambda x: x * 2)(x))
    show("nontensor", lambda: F.grad(lambda x: 3)(x))
    show("nontensor in", lambda: F.grad(lambda x: x)(3.0))
    show("int", lambda: F.grad(lambda x: (x * 1.0).sum())(L.tensor([1, 2])))
    show("dict", lambda: F.grad(lambda p: (p["w"] * x).sum() + (p["b"][0] * y).sum())({"w": x, "b": [y]}))
    show("unused", lambda: F.grad(lambda x, y: (x * 2).sum(), argnums=1)(x, y))
    show("const", lambda: F.grad(lambda x: L.ones(()))(x))
    show("vjp", lambda: (lambda r: (r[0], r[1](L.ones(2))))(F.vjp(lambda x: x**2, x)))
    show(
        "vjp2",
        lambda: (lambda r: (r[0], r[1]((L.ones(2), y)), r[1]((L.ones(2), y))))(F.vjp(lambda a, b: (a * b, a), x, y)),
    )
    show("vjpaux", lambda: (lambda r: (r[0], r[2], r[1](L.ones(2))))(F.vjp(lambda x: (x**2, x * 7), x, has_aux=True)))
    show("jvp", lambda: F.jvp(lambda x: x**2, (x,), (y,)))
    show("jvp2", lambda: F.jvp(lambda a, b: (a * b, a.sin()), (x, y), (y, x)))
    show("jvpaux", lambda: F.jvp(lambda x: (x**2, x * 7), (x,), (y,), has_aux=True))
    show("jvp bad", lambda: F.jvp(lambda x: x, x, y))
    show("jvp bad2", lambda: F.jvp(lambda x: x, (x,), (y, y)))
    show("jvp shape", lambda: F.jvp(lambda x: x, (x,), (L.ones(3),)))
    show("jvp const", lambda: F.jvp(lambda x: L.ones(2), (x,), (y,)))
    show("jvp lin", lambda: F.jvp(lambda x: x * 3, (x,), (y,)))
    show("jacrev", lambda: F.jacrev(lambda x: x**2)(x))
    show("jacrev2", lambda: F.jacrev(lambda a, b: (a * b, {"s": a.sum()}), argnums=(0, 1))(x, y))
    show("jacrevd", lambda: F.jacrev(lambda p: p["w"] * x)({"w": x, "b": y}))
    show("jacrevaux", lambda: F.jacrev(lambda x: (x**2, x), has_aux=True)(x))
    show("jj", lambda: F.jacrev(F.jacrev(lambda x: (x**3).sum()))(x))
    show("hess", lambda: F.hessian(lambda x: (x**3).sum() * x[0])(x))
    show("hess01", lambda: F.hessian(f, argnums=(0, 1))(x, y))
    w = L.tensor([1.0, 1.0], requires_grad=True)
    show("outer", lambda: F.grad(lambda x: (x**2 * w).sum())(x))
    show("outer rg", lambda: F.grad(lambda x: (x**2 * w).sum())(x).requires_grad)
    show("inner rg", lambda: F.grad(lambda x: (x**2).sum())(x).requires_grad)
    show("w rg", lambda: F.grad(lambda x: (x**3).sum())(w).requires_grad)

    def outer():
        g = F.grad(lambda x: (x**3 * w).sum())(w)
        g.sum().backward()
        return w.grad

    show("outer bw", outer)

    def ng():
        with L.no_grad():
            return F.grad(lambda x: (x**3).sum())(x), F.grad(lambda x: (x**3).sum())(w).requires_grad

    show("no_grad", ng)

    def ngin():
        def g(x):
            with L.no_grad():
                c = x**2
            return (x * c).sum()

        return F.grad(g)(x)

    show("no_grad inside", ngin)
    show("value", lambda: F.grad_and_value(lambda x: (x * x).sum())(w)[1].requires_grad)
    m = L.nn.Linear(2, 1)
    with L.no_grad():
        m.weight.fill_(2.0)
        m.bias.fill_(1.0)
    P = {"weight": L.ones(1, 2), "bias": L.zeros(1)}
    show("fc", lambda: F.functional_call(m, P, x))
    show("fc tuple", lambda: F.functional_call(m, P, (x,)))
    show("fc part", lambda: F.functional_call(m, {"weight": L.ones(1, 2)}, (x,)).detach())
    show("fc kw", lambda: F.functional_call(m, P, (), {"input": x}))
    show("fc unknown", lambda: F.functional_call(m, {"foo": x}, x))
    show("fc strict", lambda: F.functional_call(m, {"weight": L.ones(1, 2)}, x, strict=True))
    show("fc list", lambda: F.functional_call(m, [{"weight": L.ones(1, 2)}, {"bias": L.zeros(1)}], x))
    show("fc rep", lambda: F.functional_call(m, [P, P], x))
    show("fc grad", lambda: F.grad(lambda p: F.functional_call(m, p, (x,)).sum())(P))
    show("fc after", lambda: m.weight)
    t = L.nn.Sequential(L.nn.Linear(2, 2), L.nn.Linear(2, 2))
    t[1].weight = t[0].weight
    show(
        "tied",
        lambda: F.functional_call(t, {"0.weight": L.ones(2, 2), "0.bias": L.zeros(2), "1.bias": L.zeros(2)}, (x,)),
    )
    show(
        "tied no",
        lambda: F.functional_call(
            t,
            {"0.weight": L.zeros(2, 2), "1.weight": L.ones(2, 2), "0.bias": L.zeros(2), "1.bias": L.zeros(2)},
            (x,),
            tie_weights=False,
        ),
    )
    show("tied both", lambda: F.functional_call(t, {"0.weight": L.zeros(2, 2), "1.weight": L.ones(2, 2)}, (x,)))
