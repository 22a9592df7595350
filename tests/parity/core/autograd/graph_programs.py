"""Saved tensor hooks, hooks over several tensors and anomalies, the same text for sparkle and torch."""


# Each program runs at once, so loop variables are what they were.
# ruff: noqa: B023

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any


def programs(L: Any, show: Callable[..., None], note: Callable[..., None]) -> None:
    """Calls show(name, program) for each."""
    G = L.autograd.graph

    def x():
        return L.tensor([0.5, 1.5], requires_grad=True)

    def w():
        return L.tensor([2.0, 3.0], requires_grad=True)

    def sh():
        log = []
        a = x()
        with G.saved_tensors_hooks(
            lambda t: (log.append(("p", t.tolist())), t)[1], lambda t: (log.append(("u", t.tolist())), t)[1]
        ):
            y = (a * a).exp().sum()
        y.backward()
        return log, a.grad

    show("sh", sh)

    def shdouble():
        a = x()
        with G.saved_tensors_hooks(lambda t: t.numpy().copy(), lambda n: L.from_numpy(n)):
            y = (a * a * a).exp().sum()
            (g,) = L.autograd.grad(y, a, create_graph=True)
        (g * g).sum().backward()
        return a.grad

    show("sh double", shdouble)

    def shscale():
        a = x()
        with G.saved_tensors_hooks(lambda t: t * 2, lambda t: t):
            y = (a * a).sum()
        y.backward()
        return a.grad

    show("sh scale", shscale)

    def shbad():
        a = x()
        with G.saved_tensors_hooks(lambda t: t, lambda t: 3):
            y = (a * a).sum()
        y.backward()

    show("sh bad", shbad)

    def shraise():
        a = x()
        with G.saved_tensors_hooks(lambda t: 1 / 0, lambda t: 3):
            (a * a).sum()

    show("sh raise", shraise)
    show("after", lambda: (x() * 2).requires_grad)

    def shmod():
        a = x()
        with G.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t):
            (a * a).sum()

    show("sh mod", shmod)

    def shdis():
        with G.disable_saved_tensors_hooks("nope"), G.saved_tensors_hooks(lambda t: t, lambda t: t):
            pass

    show("sh dis", shdis)

    def shfn():
        class F(L.autograd.Function):
            @staticmethod
            def forward(c, x):
                y = x.exp()
                c.save_for_backward(x, y)
                return y

            @staticmethod
            def backward(c, g):
                x, y = c.saved_tensors
                return g * y * x

        log = []
        a = x()
        with G.saved_tensors_hooks(lambda t: (log.append(t.tolist()), t)[1], lambda t: t):
            y = F.apply(a * 1)
        (g,) = L.autograd.grad(y.sum(), a, create_graph=True)
        g.sum().backward()
        return len(log), g, a.grad

    show("sh fn", shfn)

    def soc():
        a = x()
        with G.save_on_cpu():
            y = (a * a).exp().sum()
        y.backward()
        return a.grad

    show("soc", soc)

    def shnest():
        a = x()
        log = []
        with G.saved_tensors_hooks(lambda t: (log.append(1), t)[1], lambda t: t):
            b = a * a
            with G.saved_tensors_hooks(lambda t: (log.append(2), t)[1], lambda t: t):
                c = b.exp()
            d = c.exp()
        d.sum().backward()
        return log, a.grad

    show("shnest", shnest)

    def shng():
        a = x()
        log = []
        with G.saved_tensors_hooks(lambda t: (log.append(1), t)[1], lambda t: t):
            with L.no_grad():
                a * a
            with L.enable_grad():
                c = a * a
        c.sum().backward()
        return len(log)

    show("shng", shng)

    def shmut():
        a = x()
        y = a * 1
        with G.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
            z = (y * y).sum()
        y.add_(1)
        z.backward()
        return a.grad

    show("shmut", shmut)

    # multi hook
    def mh(mode, sel):
        a, b, c = x(), w(), x()
        y = a * b
        log = []
        h = G.register_multi_grad_hook(
            [a, y, c], lambda g: log.append(g if not isinstance(g, (list, tuple)) else list(g)), mode=mode
        )
        out = (y * b).sum() if sel == 0 else (y + c).sum()
        out.backward()
        h.remove()
        (a * 2).sum().backward()
        return log

    for m in ("all", "any"):
        for s in (0, 1):
            show(f"mh {m} {s}", lambda: mh(m, s))
    show("mh bad", lambda: mh("foo", 0))

    def mhi():
        a, b, c = x(), w(), x()
        y = a * b
        log = []
        G.register_multi_grad_hook([a, y, c], lambda g: log.append(list(g)))
        L.autograd.grad((y * c).sum(), [y])
        return log

    show("mhi", mhi)

    def ge():
        a = x()
        y = a * 2
        z = (y * y).sum()
        e = G.get_gradient_edge(y)
        s = G.get_gradient_edge(a.split(1)[1])
        g = L.autograd.grad(z, [e, a], retain_graph=True)
        return g, e.output_nr, s.output_nr, s.node.name()

    show("ge", ge)
    show("ge no", lambda: G.get_gradient_edge(L.ones(1)))

    def iv():
        a = x()
        y = a * 1
        z = y * y
        G.increment_version(y)
        z.sum().backward()

    show("iv", iv)

    # anomaly
    def an(create):
        with warnings.catch_warnings(record=True) as rec:
            warnings.simplefilter("always")
            try:
                with L.autograd.detect_anomaly():
                    a = L.tensor([0.0], requires_grad=True)
                    y = a.sqrt() * 0
                    y.backward(create_graph=create)
            except RuntimeError as e:
                note(str(e).split(" output")[0])
        stories = [str(r.message) for r in rec if str(r.message).startswith("Error detected in SqrtBackward0")]
        note(len(stories), "autograd/graph_programs.py" in stories[0])

    show("an", lambda: an(False))
    show("an2", lambda: an(True))

    def anoff():
        a = L.tensor([0.0], requires_grad=True)
        (a.sqrt() * 0).backward()
        return a.grad

    show("anoff", anoff)

    def anfn():
        class F(L.autograd.Function):
            @staticmethod
            def forward(c, x):
                return x * 1

            @staticmethod
            def backward(c, g):
                raise ValueError("mine")

        with warnings.catch_warnings(record=True) as rec:
            warnings.simplefilter("always")
            try:
                with L.autograd.set_detect_anomaly(True):
                    F.apply(x()).sum().backward()
            except ValueError as e:
                note(str(e))
        return [str(r.message).split(".")[0] for r in rec]

    show("anfn", anfn)

    def annan():
        with L.autograd.set_detect_anomaly(True, check_nan=False):
            a = L.tensor([0.0], requires_grad=True)
            (a.sqrt() * 0).backward()
            return a.grad

    show("annan", annan)
