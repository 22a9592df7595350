"""Programs that write in place, the same text for sparkle and torch, with what they come to.

PROGRAMS: program -> tensors and numbers, as lists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PROGRAMS: dict[Callable[..., Any], Any] = {}


def gives(*expected: Any) -> Callable[..., Any]:
    """The decorated program comes to this."""

    def note(program: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS[program] = list(expected)
        return program

    return note


def plain(value: Any) -> Any:
    """A program's results as nested lists."""
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    return np.round(value.detach().numpy(), 3).tolist() if hasattr(value, "detach") else value


def leaf(L, *shape):
    return L.from_numpy(np.arange(1.0, 1 + np.prod(shape), dtype="f4").reshape(shape)).requires_grad_()


@gives([1.0, 1.0, 0.0, 0.0])
def split_write_untracked(L):
    z = L.zeros(4)
    a, _b = z.split(2)
    a.add_(1)
    return z


@gives([2.0, 2.0, 2.0], [2.0, 4.0, 6.0])
def detach_write_unsaved(L):
    x = leaf(L, 3)
    y = x * 1
    z = y + 1
    y.detach().mul_(2)
    (z + y).sum().backward()
    return x.grad, y


@gives([18.0, 36.0, 0.0, 0.0])
def view_before_write(L):
    x = leaf(L, 4)
    y = x * 1
    v = y[:2]
    y.mul_(3)
    (v * v).sum().backward()
    return x.grad


@gives([516.0, 588.0, 588.0, 36.0], [2.0, 16.0, 18.0, 16.0])
def sibling(L):
    x = leaf(L, 4)
    y = x * 1
    a = y[:3]
    b = y[1:]
    a.mul_(2)
    b.add_(a.sum())
    (a.sum() * b.sum()).backward()
    return x.grad, y


@gives(
    [[2.0, 4.0, 0.0, 72.0], [0.0, 108.0, 14.0, 16.0]],
    [[1.0, 2.0, 7.0, 12.0], [7.0, 18.0, 7.0, 8.0]],
    [[7.0, 7.0], [12.0, 18.0]],
)
def chain(L):
    x = leaf(L, 2, 4)
    y = x * 1
    v = y.view(4, 2)
    w = v[1:3]
    u = w.t()
    u.mul_(3)
    u[0] = 7
    (y * y).sum().backward()
    return x.grad, y, u


@gives([8.0, 16.0, 48.0, 0.0], [6.0, 2.0, 4.0, 6.0])
def setitem_self_ref(L):
    x = leaf(L, 4)
    y = x * 1
    y[1:] = y[:-1] * 2
    y[0] = y[3]
    (y * y).sum().backward()
    return x.grad, y


@gives([2.0, 1.0, 1.0, 0.0])
def setitem_overlap(L):
    x = leaf(L, 4)
    y = x * 1
    y[1:] = y[:-1].clone()
    y.sum().backward()
    return x.grad


@gives([1.0, 1.0, 1.0, 1.0], [9.0, 8.0, 3.0, 4.0])
def leaf_nograd_ok(L):
    x = leaf(L, 4)
    y = (x + 1).sum()
    with L.no_grad():
        x[0] = 9
        x[[1]] = 8
    y.backward()
    return x.grad, x


@gives([2.0, 2.0, 2.0, 2.0], [2.0, 4.0, 6.0, 8.0])
def copy_leaf_value(L):
    x = leaf(L, 4)
    z = L.zeros(4)
    z.copy_(x)
    z.mul_(2)
    z.sum().backward()
    return (
        x.grad,
        z,
    )


@gives([0.0, 0.0, 0.0, 0.0])
def zero_tracked(L):
    x = leaf(L, 4)
    y = x * 1
    y.zero_()
    y.sum().backward()
    return x.grad


@gives([36.0, 0.0, 0.0, 9.0])
def fill_view(L):
    x = leaf(L, 4)
    y = x * 1
    y[1:3].fill_(3.0)
    y.prod().backward()
    return x.grad


@gives([0.0, 1.0, 1.0, 1.0], [3.5, 2.0, 3.0, 4.0])
def out_dtype_view(L):
    x = leaf(L, 4)
    y = x * 1
    v = y.view(2, 2)
    v[0, 0] = L.tensor(3.5, dtype=L.float64)
    y.sum().backward()
    return x.grad, y


@gives([0.0, 1.0, 0.0, 0.0])
def retain_rebased(L):
    x = leaf(L, 4)
    y = x * 1
    v = y[:2]
    y[0] = 3.0
    v.sum().backward()
    return x.grad


@gives([[2.0, 4.0, 6.0], [0.0, 40.0, 0.0]], [[1.0, 2.0, 3.0], [10.0, 10.0, 12.0]])
def advanced_on_view(L):
    x = leaf(L, 2, 3)
    y = x * 1
    v = y.t()
    v[[0, 2], 1] = L.tensor([5.0, 6.0])
    v[v > 4] *= 2
    (y * y).sum().backward()
    return x.grad, y


@gives([2.0, 16.0, 0.0, 0.0], [2.0, 16.0], [[0.0, 1.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
def index_put_view_value(L):
    x = leaf(L, 4)
    w = leaf(L, 2)
    z = L.zeros(2, 4)
    z[0][[1, 2]] = w * x[:2]
    (z * z).sum().backward()
    return x.grad, w.grad, z


@gives([[0.0, 4.0, 6.0], [18.0, 0.0, 12.0], [24.0, 16.0, 0.0]], [[6.0, 2.0, 3.0], [9.0, 1.0, 6.0], [12.0, 8.0, 1.0]])
def diag_write(L):
    x = leaf(L, 3, 3)
    y = x * 1
    y.diagonal().mul_(2)
    y.diagonal()[:] = 1
    y.T[0] += 5
    (y * y).sum().backward()
    return x.grad, y


@gives([2.0, 4.0, 0.0, 0.0, 10.0, 12.0], [1.0, 2.0, 9.0, 9.0, 5.0, 6.0])
def unfold_write(L):
    x = leaf(L, 6)
    y = x * 1
    y.unfold(0, 2, 2)[1] = 9
    (y * y).sum().backward()
    return x.grad, y


@gives([[0.0, 4.0, 6.0]], [[0.0], [2.0], [3.0]])
def squeeze_unsq_inplace(L):
    x = leaf(L, 1, 3)
    y = x * 1
    y.squeeze_(0)
    y.unsqueeze_(1)
    y[0] = 0
    (y * y).sum().backward()
    return x.grad, y


@gives(3, 3, 3)
def version_shared(L):
    x = L.zeros(3)
    v = x[1:]
    v.add_(1)
    x[0] = 2
    d = x.detach()
    d.zero_()
    return [x._version, v._version, d._version]


@gives([0.0, 56.0, 108.0])
def double_backward_after(L):
    x = leaf(L, 3)
    y = x * x
    y[0] = 2 * x[1]
    (g,) = L.autograd.grad((y * y).sum(), x, create_graph=True)
    g.sum().backward()
    return x.grad


@gives(True, True, False)
def requires_grad_after(L):
    y = L.zeros(3)
    v = y[:2]
    w = leaf(L, 2)
    y[1] = w[0]
    return [y.requires_grad, v.requires_grad, v.is_leaf]


@gives([1.0, 1.0, 10.0, 10.0], [1.0, 2.0, 30.0, 40.0])
def setitem_none_mask(L):
    x = leaf(L, 4)
    y = x * 1
    y[y > 2] = y[y > 2] * 10
    y.sum().backward()
    return x.grad, y


@gives([[5.0, 6.0], [3.0, 4.0], [1.0, 2.0]], [[5.0, 6.0], [3.0, 4.0], [1.0, 2.0]])
def swap_rows(L):
    x = leaf(L, 3, 2)
    y = x * 1
    y[[0, 2]] = y[[2, 0]]
    (y * leaf(L, 3, 2).detach()).sum().backward()
    return x.grad, y


@gives([0.0, 10.0, 10.0])
def hook_on_written(L):
    x = leaf(L, 3)
    y = x * 1
    y.register_hook(lambda g: g * 10)
    y[0] = 0
    y.sum().backward()
    return x.grad


@gives([1.0, 0.0, 0.0])
def set_on_grad_clone(L):
    x = leaf(L, 3)
    y = x.clone()
    y[1:] = 0
    y.sum().backward()
    return x.grad


@gives(
    [[2.0, 4.0], [14.0, 20.0], [10.0, 12.0], [14.0, 16.0]],
    [[14.0, 20.0], [14.0, 20.0]],
    [[1.0, 2.0], [7.0, 10.0], [5.0, 6.0], [7.0, 8.0]],
)
def indexadd_view(L):
    x = leaf(L, 4, 2)
    w = leaf(L, 2, 2)
    y = x * 1
    y[1:].index_add_(0, L.tensor([0, 0]), w)
    (y * y).sum().backward()
    return x.grad, w.grad, y


@gives([[4.0, 4.0, 0.0], [0.0, 14.0, 12.0]], [[2.0, 2.0, 0.5], [0.5, 7.0, 6.0]])
def scatter_view(L):
    x = leaf(L, 2, 3)
    y = x * 1
    y.t().scatter_add_(0, L.tensor([[0, 1]]), leaf(L, 1, 2))
    y.scatter_(1, L.tensor([[2], [0]]), 0.5)
    (y * y).sum().backward()
    return x.grad, y


@gives([[2.0, 4.0, 0.0], [8.0, 0.0, 0.0]], [[1.0, 2.0, 0.0], [4.0, 0.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]])
def masked_fill_view(L):
    x = leaf(L, 2, 3)
    y = x * 1
    v = y[:, 1:]
    v.masked_fill_(v > 2, 0)
    (y * y).sum().backward()
    return x.grad, y, v
