"""Writes in place: what programs come to, and which are refused."""

from __future__ import annotations

import pytest

import sparkle
from tests.core.tensor.inplace_programs import PROGRAMS, leaf, plain
from tests.core.tensor.inplace_refused import REFUSED


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
