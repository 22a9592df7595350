"""Writes in place: what programs come to, and which are refused."""

from __future__ import annotations

import pytest

import sparkle
from sparkle.core.autograd import Version
from tests.core.tensor.inplace_programs import PROGRAMS, leaf, plain
from tests.core.tensor.inplace_refused import REFUSED
from tests.core.tensor.inplace_table import APART, SEVERAL, VIEWS, WRITES, written


@pytest.mark.parametrize(("program", "expected"), PROGRAMS.items(), ids=[p.__name__ for p in PROGRAMS])
def test_program(program, expected):
    got = program(sparkle)
    assert plain(list(got) if isinstance(got, (tuple, list)) else [got]) == expected


@pytest.mark.parametrize("program", REFUSED, ids=lambda p: p.__name__)
def test_refused(program):
    with pytest.raises(RuntimeError):
        program(sparkle)


def test_mask_changed_after_use_is_no_matter():
    x = leaf(sparkle, 3)
    mask = x > 1
    y = x[mask]
    mask.zero_()  # its positions were taken
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 1.0]


def test_write_through_views_of_a_plain_tensor_reaches_the_source():
    z, w = sparkle.zeros(2, 3), leaf(sparkle, 2)
    v = z[0]
    u = v[1:]
    u.copy_(w)
    v.mul_(2)
    (z * z).sum().backward()
    assert w.grad.tolist() == [8.0, 16.0]
    assert v.requires_grad
    assert u.requires_grad


def test_refused_write_leaves_the_tensor_as_it_was():
    x = leaf(sparkle, 3)
    before = x.tolist(), x._version
    for write in (
        lambda: x.mul_(2),
        lambda: x.__setitem__(0, 9.0),
        lambda: x.__setitem__([0], 9.0),
        lambda: x[1:].fill_(3),
    ):
        with pytest.raises(RuntimeError, match="leaf"):
            write()
    assert (x.tolist(), x._version) == before


def ends():
    x = sparkle.arange(1.0, 13.0, dtype=sparkle.float64).reshape(4, 3) * 0.75
    return x.detach().clone().requires_grad_(), sparkle.tensor(2.5, dtype=sparkle.float64, requires_grad=True)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("view", {**VIEWS, **APART})
def test_gradients_through_a_written_view_equal_finite_differences(view, write):
    def total(x, w):
        y, v = written(sparkle, {**VIEWS, **APART}[view], WRITES[write], x, w)
        return (y * y).sum() + (v * 3).sum()

    if view in ("expand", "expand a row", "broadcast"):
        with pytest.raises(RuntimeError, match="single memory location"):
            total(*ends())
    elif view not in ("detach", "data"):  # whose writes are not followed
        assert sparkle.autograd.gradcheck(total, ends(), eps=1e-5, atol=1e-4, fast_mode=True)
        assert sparkle.autograd.gradgradcheck(total, ends(), eps=1e-5, atol=1e-3, fast_mode=True)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("view", SEVERAL)
def test_views_that_belong_together_are_not_written(view, write):
    with pytest.raises(RuntimeError, match="several"):
        written(sparkle, SEVERAL[view], WRITES[write], *ends())


@pytest.mark.parametrize("view", VIEWS)
def test_views_of_leaves_are_not_written(view):
    x, _ = ends()
    names = {"L": sparkle, "y": x}
    exec(f"v = {VIEWS[view]}", names)
    with pytest.raises(RuntimeError, match=r"leaf|single memory location"):
        names["v"].mul_(2)
    assert x._version == 0


def test_memory_without_views_needs_nobody_to_look_again():
    """Small ops take the short way while `Version.alerts` is 0: a write somewhere must not end that."""
    x = sparkle.ones(3, requires_grad=True)
    y = x * 2
    before = Version.alerts
    y.mul_(2).add_(1)
    v = y[1:]  # made after the writes, so it knows of them
    assert Version.alerts == before
    (v * v).sum().backward()
    assert x.grad.tolist() == [0.0, 40.0, 40.0]


@pytest.mark.parametrize("view", VIEWS)
def test_views_made_before_and_after_a_write_follow_it(view):
    """Both equal a view made last, in values and in gradients."""
    x, w = ends()
    y, names = x * w, {"L": sparkle}
    names["y"] = y
    exec(f"before = {VIEWS[view]}", names)
    y.mul_(2).add_(w)
    exec(f"after = {VIEWS[view]}", names)
    weights = sparkle.randn_like(names["after"].detach())
    sums = [(names[name] * names[name] * weights).sum() for name in ("before", "after")]
    first, second = (sparkle.autograd.grad(total, (x, w), retain_graph=True) for total in sums)
    assert sums[0].item() == sums[1].item()
    for a, b in zip(first, second, strict=True):
        assert a.tolist() == b.tolist()
        assert a.abs().sum().item() > 0
