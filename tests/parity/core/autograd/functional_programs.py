"""autograd.functional, the same text for sparkle and torch."""


# Each program runs at once, so loop variables are what they were; short programs are lambdas.
# ruff: noqa: B023, E731

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    F = L.autograd.functional
    x = L.tensor([1.0, 2.0])
    y = L.tensor([[3.0, 1.0], [2.0, 5.0]])
    f1 = lambda x: x**2 * 2
    f2 = lambda x, y: (y @ x, (x * x).sum(), y * 2)
    fs = lambda x: (x**3).sum()
    fs2 = lambda x, y: (x**3).sum() * (y**2).sum()
    const = lambda x: L.ones(2)
    unused = lambda x, y: x * 2
    for n, f, i in [
        ("f1", f1, x),
        ("f2", f2, (x, y)),
        ("fs", fs, x),
        ("fs2", fs2, (x, y)),
        ("const", const, x),
        ("unused", unused, (x, y)),
        ("nt", lambda x: 3, x),
        ("tup", f1, (x,)),
        ("int", f1, L.tensor([1, 2])),
        ("list", lambda x, y: [x, y], (x, y)),
        ("view", lambda x: x, x),
        ("0d", lambda x: x * x, L.tensor(2.0)),
    ]:
        show(n + " jac", lambda: F.jacobian(f, i))
        show(n + " jac vec", lambda: F.jacobian(f, i, vectorize=True)) if n not in ("nt",) else 0
        show(n + " jac strict", lambda: F.jacobian(f, i, strict=True))
        show(n + " jac cg", lambda: F.jacobian(f, i, create_graph=True))
        show(n + " hess", lambda: F.hessian(f, i))
        show(n + " hess strict", lambda: F.hessian(f, i, strict=True))
        show(n + " vjp", lambda: F.vjp(f, i))
        show(n + " vjp v", lambda: F.vjp(f, i, v=L.ones(2)))
        show(n + " vjp strict", lambda: F.vjp(f, i, v=L.ones(2), strict=True))
        show(n + " jvp", lambda: F.jvp(f, i, v=i))
        show(n + " jvp none", lambda: F.jvp(f, i))
        show(n + " jvp strict", lambda: F.jvp(f, i, v=i, strict=True))
        show(n + " hvp", lambda: F.hvp(f, i, v=i))
        show(n + " hvp strict", lambda: F.hvp(f, i, v=i, strict=True))
        show(n + " vhp", lambda: F.vhp(f, i, v=i))
        show(n + " vhp none", lambda: F.vhp(f, i))
        show(n + " vhp strict", lambda: F.vhp(f, i, v=i, strict=True))
    show("vjp badv", lambda: F.vjp(f1, x, v=L.ones(3)))
    show("vjp badv2", lambda: F.vjp(f1, x, v=(L.ones(2), L.ones(2))))
    show("inputs str", lambda: F.jacobian(f1, "a"))
    show("inputs list", lambda: F.jacobian(f1, [x]))
    show("strategy", lambda: F.jacobian(f1, x, strategy="forward-mode"))
    show("fwd vec", lambda: F.jacobian(f1, x, strategy="forward-mode", vectorize=True))
    show("strict vec", lambda: F.jacobian(f1, x, strict=True, vectorize=True))
    show("outer", lambda: F.hessian(fs, x, outer_jacobian_strategy="forward-mode"))
    w = L.tensor([1.0, 2.0], requires_grad=True)
    show("cg leaf", lambda: F.jacobian(lambda x: x * x * w, w, create_graph=True))

    def cgb():
        j = F.jacobian(lambda x: x**3, w, create_graph=True)
        j.sum().backward()
        return w.grad

    show("cg bw", cgb)
    show("ncg", lambda: F.jacobian(lambda x: x**3, w).requires_grad)
    show("hvp cg", lambda: F.hvp(fs, w, v=w, create_graph=True)[1].requires_grad)
    show("vjp cg", lambda: [t.requires_grad for t in F.vjp(f1, w, v=x, create_graph=True)])
    show("vjp ncg", lambda: [t.requires_grad for t in F.vjp(f1, w, v=x)])
    with L.no_grad():
        show("nograd jac", lambda: F.jacobian(f1, x))
        show("nograd hvp", lambda: F.hvp(fs, x, v=x))
    show("lin", lambda: F.hessian(lambda x: x.sum(), x))
    show("lin strict", lambda: F.hessian(lambda x: x.sum(), x, strict=True))
    show("lin hvp", lambda: F.hvp(lambda x: x.sum(), x, x))
    show("lin hvp strict", lambda: F.hvp(lambda x: x.sum(), x, x, strict=True))
    show("lin jvp strict", lambda: F.jvp(lambda x: x * 2, x, x, strict=True))
