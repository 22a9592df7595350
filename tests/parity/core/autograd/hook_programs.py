"""Hooks, nodes and refusals, the same text for sparkle and torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    x = L.ones(2, requires_grad=True)
    y = x * 3
    log = []
    y.grad_fn.register_prehook(lambda g: log.append(("pre", g)))
    y.grad_fn.register_hook(lambda gi, go: log.append(("post", gi, go)))
    y.register_hook(lambda g: log.append(("t", g)))
    y.retain_grad()
    y.register_hook(lambda g: g * 2)
    acc = x.expand_as(x).grad_fn.next_functions[0][0]
    acc.register_hook(lambda *a: log.append(("acc", a)))
    acc.register_prehook(lambda *a: log.append(("accpre", a)))
    x.register_hook(lambda g: log.append(("x", g)))
    x.register_post_accumulate_grad_hook(lambda t: log.append(("pa", t.grad)))
    y.sum().backward()
    show("order", lambda: (log, y.grad))
    s = L.ones(4, requires_grad=True).split(2)
    show("parts", lambda: (s[0].grad_fn is s[1].grad_fn, s[1].output_nr, s[0].grad_fn.next_functions))
    show("next of a part", lambda: (s[1] * 1).grad_fn.next_functions)
    show("next", lambda: ((x * 2).grad_fn.next_functions, (x * y).grad_fn.next_functions))
    show("metadata", lambda: y.grad_fn.metadata)
    show("bad grad_out", lambda: L.autograd.grad(y, x, [L.ones(2), L.ones(2)]))
    show("bad grad_out", lambda: L.autograd.grad(y, x, 3.0))
    show("mat", lambda: L.autograd.grad(y.sum(), x, allow_unused=False, materialize_grads=True))
    show("in nonten", lambda: L.autograd.grad(y.sum(), "a"))

    def bad_hook():
        z = x * 2
        z.register_hook(lambda g: "a")
        z.sum().backward()

    show("bad hook ret", bad_hook)

    def bad_hook():
        z = x * 2
        z.register_hook(lambda g: L.ones(3))
        z.sum().backward()

    show("bad hook shape", bad_hook)

    def bad_hook():
        z = x * 2
        z.grad_fn.register_hook(lambda gi, go: (L.ones(2),))
        z.sum().backward()

    show("bad node hook len", bad_hook)
    show("post acc nonleaf", lambda: y.register_post_accumulate_grad_hook(lambda t: 0))
    show("post acc no", lambda: L.ones(2).register_post_accumulate_grad_hook(lambda t: 0))

    def pa():
        x.register_post_accumulate_grad_hook(lambda t: t)
        (x * 2).sum().backward()

    show("post acc ret", pa)
    show("inputs leafnot", lambda: (x * 2).sum().backward(inputs=[L.ones(1)]))
    show("retain leaf", lambda: (x.retain_grad(), x.retains_grad))
    show("inputs ()", lambda: (x * 2).sum().backward(inputs=()))
    show("inputs unused", lambda: (x * 2).sum().backward(inputs=[L.ones(1, requires_grad=True)]))
    show("int grad out", lambda: (x * 2).backward(L.ones(2, dtype=L.int64)))
    show("dbl grad out", lambda: (x * 2).backward(L.ones(2, dtype=L.float64)))
    show("bcast grad out", lambda: (x * 2).backward(L.ones(1)))
    show("deepcopy", lambda: __import__("copy").deepcopy(x * 2))
