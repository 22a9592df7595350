"""Every case of the table against torch: values, dtypes, shapes, gradients, error classes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle
from tests.cases import CASES
from tests.cases.case import RAISES

TABLE = [(c, d) for c in CASES for d in c.dtypes]


def run(lib, case, dtype):
    xs = []
    for array, wanted in case.arrays(dtype):
        x = lib.from_numpy(array.copy())
        xs.append(x.requires_grad_() if wanted and case.grad else x)
    y = case.call(lib, *xs)
    ys = list(y) if isinstance(y, (tuple, list)) else [y]
    random = np.random.default_rng(0)
    total = None
    for t in ys:
        if isinstance(t, lib.Tensor) and t.requires_grad:
            part = (
                t * lib.from_numpy(np.asarray(random.standard_normal(tuple(t.shape)), dtype=t.detach().numpy().dtype))
            ).sum()
            total = part if total is None else total + part
    if total is not None:
        total.backward()
    return ys, [x.grad for x in xs]


def name_of(dtype):
    return str(dtype).split(".")[-1]


@pytest.mark.parametrize(("case", "dtype"), TABLE, ids=[f"{c}-{d}" for c, d in TABLE])
def test_equals_torch(case, dtype):
    double = dtype == "float64"
    rtol, atol = case.rtol or (1e-9 if double else 1e-4), case.atol or (1e-11 if double else 1e-5)
    ours, our_grads = run(sparkle, case, dtype)
    theirs, their_grads = run(torch, case, dtype)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if not isinstance(b, torch.Tensor):
            assert a == b
            continue
        assert tuple(a.shape) == tuple(b.shape)
        assert name_of(a.dtype) == name_of(b.dtype)
        assert a.requires_grad == b.requires_grad
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=atol)
    for a, b in zip(our_grads, their_grads, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            assert name_of(a.dtype) == name_of(b.dtype)
            assert tuple(a.shape) == tuple(b.shape)
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=rtol, atol=atol)


@pytest.mark.parametrize(("name", "call"), RAISES, ids=[name for name, _ in RAISES])
def test_misuse_raises_as_in_torch(name, call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)
