"""Inference mode, the same text for sparkle and torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    with L.no_grad(), L.inference_mode(False):
        note("grad in inf(False) in no_grad", L.is_grad_enabled())
    with L.inference_mode():
        note(L.is_grad_enabled())
        with L.enable_grad():
            note("enable in inf", L.is_grad_enabled())
        with L.inference_mode(False):
            note(L.is_grad_enabled(), L.is_inference_mode_enabled())
        a = L.ones(3)
        b = L.ones(3, requires_grad=True)
        note(b.is_inference(), b.requires_grad)
        bb = b * 2
        note(bb.requires_grad, bb.is_inference())
        with L.enable_grad():
            note((b * 2).requires_grad)
    x = L.ones(3, requires_grad=True)
    y = x * 2
    show("ver", lambda: a._version)
    show("add_", lambda: a.add_(1))
    show("view add_", lambda: a[:2].add_(1))

    def ng():
        with L.no_grad():
            a.add_(1)

    show("add_ no_grad", ng)
    show("req", lambda: a.requires_grad_())
    show("mul save", lambda: a * x)
    show("add nosave", lambda: (a + x).requires_grad)
    show("a*2", lambda: (a * 2).is_inference())
    show("view", lambda: a[0].is_inference())
    show("detach", lambda: a.detach().is_inference())
    show("clone", lambda: a.clone().is_inference())
    show("clone*x", lambda: (a.clone() * x).requires_grad)
    show("y+=a", lambda: y.add_(a).requires_grad)
    show("a.data", lambda: a.data.is_inference())
    show("setitem", lambda: a.__setitem__(0, 1))
    show("b op", lambda: b * 2)
    show("b back", lambda: (b * x).sum().backward())
    show("b+x", lambda: (b + 1).sum().backward())
    with L.inference_mode():
        show("view of normal", lambda: x[:2].is_inference())
        show("normal y inplace", lambda: y.add_(1)._version)
        show("normal leaf inplace", lambda: x.add_(1)._version)
        show("a add_", lambda: a.add_(1).is_inference())
        show("a req", lambda: a.requires_grad_().requires_grad)
        v = y[:2]
    show("v inpl outside", lambda: v.add_(1))

    def bw():
        with L.inference_mode():
            (y * 2).sum().backward()

    show("bw", bw)
    show("None", lambda: L.inference_mode(mode=True)(lambda: L.is_inference_mode_enabled())())
    show("set", lambda: L.set_grad_enabled("a"))
