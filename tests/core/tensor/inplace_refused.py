"""Programs that write in place where autograd could not follow: each ends in a RuntimeError, in sparkle as in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.core.tensor.inplace_programs import leaf

REFUSED: list[Callable[..., Any]] = []


def refused(program: Callable[..., Any]) -> Callable[..., Any]:
    """Add the decorated program."""
    REFUSED.append(program)
    return program


@refused
def index_leaf_view(L):
    x = leaf(L, 3)
    x[0] = 1.0


@refused
def unbind_write(L):
    x = leaf(L, 3, 2)
    a, _b, _c = (x * 2).unbind()
    a.mul_(2)
    return a


@refused
def split_write_incoming(L):
    z = L.zeros(4)
    w = leaf(L, 2)
    a, _b = z.split(2)
    a.add_(w)
    z.sum().backward()
    return w.grad


@refused
def chunk_setitem(L):
    z = leaf(L, 4) * 1
    a, _b = z.chunk(2)
    a[0] = 5
    return z


@refused
def slice_of_chunk_then_write(L):
    z = L.zeros(4)
    w = leaf(L, 1)
    a, _b = z.chunk(2)
    a[:1].mul_(w)
    return z


@refused
def write_base_then_chunk_view(L):
    x = leaf(L, 4)
    z = x * 1
    a, _b = z.chunk(2)
    z.mul_(2)
    a.sum().backward()
    return x.grad


@refused
def nograd_view(L):
    x = leaf(L, 4)
    z = x * 1
    with L.no_grad():
        v = z[:2]
    v.mul_(2)
    z.sum().backward()
    return x.grad


@refused
def nograd_view_of_leaf(L):
    x = leaf(L, 4)
    with L.no_grad():
        v = x[:2]
    v.mul_(2)
    return x


@refused
def detach_write(L):
    x = leaf(L, 3)
    y = x * 1
    z = y * y
    y.detach().mul_(2)
    z.sum().backward()
    return x.grad


@refused
def iter_write(L):
    z = leaf(L, 3, 2) * 1
    for r in z:
        r.mul_(2)
    return z


@refused
def expand_write(L):
    x = leaf(L, 3, 1)
    y = (x * 1).expand(3, 2)
    y.mul_(2)
    return y


@refused
def index_saved(L):
    x = leaf(L, 3)
    i = L.tensor([0, 1])
    y = x[i]
    i.add_(1)
    y.sum().backward()
    return x.grad


@refused
def scatter_index_saved(L):
    x = leaf(L, 3)
    i = L.tensor([0, 1])
    y = x.gather(0, i)
    i.zero_()
    y.sum().backward()
    return x.grad


@refused
def mask_saved(L):
    x = leaf(L, 3)
    m = x > 1
    y = x.masked_fill(m, 0)
    m.zero_()
    y.sum().backward()
    return x.grad


@refused
def loop_fill(L):
    x = leaf(L, 4)
    y = L.zeros(4)
    for i in range(4):
        y[i] = x[i] * (y[i - 1] if i else 1)
    y.sum().backward()
    return x.grad, y


@refused
def leaf_accum_nograd(L):
    x = leaf(L, 4)
    y = (x * x).sum()
    with L.no_grad():
        x.add_(1)
    y.backward()
    return x.grad


@refused
def t_inplace_leaf(L):
    x = leaf(L, 2, 3)
    x.t_()
    return x


@refused
def view_of_leaf_twice(L):
    x = leaf(L, 2, 2)
    x.view(-1)[0] = 1


@refused
def inplace_saved_result(L):
    x = leaf(L, 3)
    y = x.exp()
    y[0] = 1
    y.sum().backward()
    return x.grad


@refused
def inplace_saved_view(L):
    x = leaf(L, 3)
    y = x * 1
    v = y[:2]
    z = (v * v).sum()
    y[2] = 0
    z.backward()
    return x.grad


@refused
def augmented_leaf(L):
    x = leaf(L, 3)
    x += 1
