"""Views and writes of every kind in every situation: what sparkle makes of them is what torch makes of them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import sparkle
from tests.core.tensor.inplace_table import APART, SEVERAL, VIEWS, WRITES

SITUATIONS = {
    "computed": "y = x * 1\nVIEW\nWRITE\nback((y * y).sum() + (v * 3).sum())\nout(x.grad, w.grad, y, v, y._version)",
    "leaf": "y = x\nVIEW\nWRITE\nout(x, v)",
    "plain": "y = plain\nVIEW\nWRITE\nout(y, v, y.requires_grad, v.requires_grad)\nback((y * y).sum())\nout(w.grad)",
    "plain twice": "y = plain\nVIEW\nWRITE\nu = v\nVIEW\nv.mul_(w)\nout(y, v, u)\nback((y * y).sum())\nout(w.grad)",
    "inside no_grad": "y = x * 1\nwith L.no_grad():\n    VIEW\n    WRITE\nback((y * y).sum())\nout(x.grad, y)",
    "view in no_grad": "y = x * 1\nwith L.no_grad():\n    VIEW\nWRITE\nback((y * y).sum())\nout(x.grad, y, v)",
    "leaf in no_grad": "y = x\nwith L.no_grad():\n    VIEW\n    WRITE\nback((x * x).sum())\nout(x.grad, y)",
    "saved before": "y = x * 1\nz = y * y\nVIEW\nWRITE\nback(z.sum())\nout(x.grad)",
    "view saved before": "y = x * 1\nVIEW\nz = v * v\nWRITE\nback(z.sum())\nout(x.grad)",
    "result saved": "y = x.exp()\nVIEW\nWRITE\nback(y.sum())\nout(x.grad)",
    "not saved": "y = x * 1\nz = y + 1\nVIEW\nWRITE\nback(z.sum())\nout(x.grad, z, y)",
    "base first": "y = x * 1\nVIEW\ny.mul_(3)\nWRITE\nback((y * y).sum() + (v * v).sum())\nout(x.grad, y, v)",
    "base after": "y = x * 1\nVIEW\nWRITE\ny.mul_(3)\nback((y * y).sum() + (v * v).sum())\nout(x.grad, y, v)",
    "two views": "y = x * 1\nVIEW\nu = y[1:]\nWRITE\nu.add_(1)\nback((y * y).sum() + (v * u.sum()).sum())\n"
    "out(x.grad, u)",
    "twice": "y = x * x\nVIEW\nWRITE\n(g,) = grad((y * y).sum() + (v * 3).sum(), x, create_graph=True)\nback(g.sum())\n"
    "out(x.grad)",
    "hooks": "y = x * 1\nVIEW\nWRITE\ny.register_hook(log)\nv.register_hook(log)\nback((y * y).sum() + v.sum())\n"
    "out(x.grad)",
    "retain_grad before": "y = x * 1\nVIEW\ny.retain_grad()\nv.retain_grad()\nWRITE\nback((y * y).sum() + v.sum())\n"
    "out(x.grad, y.grad, v.grad, v.retains_grad)",
    "retain_grad after": "y = x * 1\nVIEW\nWRITE\ny.retain_grad()\nv.retain_grad()\nback((y * y).sum() + v.sum())\n"
    "out(x.grad, y.grad, v.grad)",
    "requires_grad on the base": "y = plain\nVIEW\ny.requires_grad_()\nWRITE\nout(y, v)",
    "requires_grad on the view": "y = plain\nVIEW\nv.requires_grad_()\nWRITE\nout(y, v)",
    "base of a leaf": "y = plain\nVIEW\nv.requires_grad_()\ny.mul_(2)\nback((y * x).sum() + v.sum())\n"
    "out(x.grad, v.grad)",
    "detach_": "y = x * 1\nVIEW\nWRITE\nv.detach_()\nback((y * x).sum())\nout(x.grad, v, v.requires_grad)",
}


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    torch.set_num_threads(threads)


def outcome(L: Any, program: str) -> Any:
    """Tensors and gradients as lists, or the class of the error."""
    found: list[Any] = []
    logged: list[Any] = []

    def plain(value: Any) -> Any:
        return [value.requires_grad, value.detach().numpy().tolist()] if isinstance(value, L.Tensor) else value

    names = {
        "L": L,
        "x": L.arange(1.0, 13.0, dtype=L.float64).reshape(4, 3).requires_grad_(),
        "w": L.tensor(2.5, dtype=L.float64, requires_grad=True),
        "plain": L.ones(4, 3, dtype=L.float64),
        "out": lambda *values: found.extend(map(plain, values)),
        "back": lambda loss: loss.backward(),
        "grad": L.autograd.grad,
        "log": lambda g: logged.append(g.numpy().tolist()),
    }
    try:
        exec(program, names)
    except Exception as error:
        return type(error)
    return [*found, *sorted(logged, key=str)]


def assert_close(theirs: Any, ours: Any) -> None:
    if isinstance(theirs, list):
        assert isinstance(ours, list)
        assert len(theirs) == len(ours)
        for a, b in zip(theirs, ours, strict=True):
            assert_close(a, b)
    elif isinstance(theirs, float):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    else:
        assert ours == theirs


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("view", {**VIEWS, **SEVERAL, **APART})
def test_same_as_torch(situation: str, view: str) -> None:
    for write in WRITES if situation == "computed" else ("mul_", "copy_", "set all"):
        text = SITUATIONS[situation].replace("WRITE", WRITES[write])
        program = text.replace("VIEW", "v = " + {**VIEWS, **SEVERAL, **APART}[view])
        theirs, ours = outcome(torch, program), outcome(sparkle, program)
        if isinstance(theirs, type) or isinstance(ours, type):
            assert ours is theirs, program
        else:
            assert_close(theirs, ours)
