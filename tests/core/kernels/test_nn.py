"""Each compiled kernel against the plain body of its op: values, types, gradients, strided and empty inputs."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import nn
from sparkle.core.kernels.registry import CPU
from sparkle.core.tensor import base

pytest.importorskip("numba")

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    monkeypatch.setattr(base, "SMALL", 0)


TARGETS = sparkle.tensor([0, 2, 1, 2])
ROWS = sparkle.tensor([[0, 2, 2], [1, 2, 0]])
CASES = {
    "cross_entropy": (lambda x: F.cross_entropy(x, TARGETS), [(4, 3)]),
    "cross_entropy_sum": (lambda x: F.cross_entropy(x * 30, TARGETS, reduction="sum"), [(4, 3)]),
    "cross_entropy_none": (lambda x: F.cross_entropy(x, TARGETS, reduction="none"), [(4, 3)]),
    "embedding": (lambda w: F.embedding(ROWS, w), [(3, 4)]),
    "embedding_padding": (lambda w: F.embedding(ROWS, w, padding_idx=2), [(3, 4)]),
    "embedding_empty": (lambda w: F.embedding(ROWS[:0], w), [(3, 4)]),
}
LAYOUTS = {"plain": lambda x: x, "transposed": lambda x: np.asfortranarray(x)}


def outcome(call, arrays):
    """Results and gradients."""
    xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays]
    ys = call(*xs)
    ys = ys if isinstance(ys, tuple) else (ys,)
    weights = sparkle.from_numpy(np.random.default_rng(1).standard_normal(tuple(ys[0].shape)).astype(arrays[0].dtype))
    (ys[0] * weights).sum().backward()
    return [y.detach().numpy() for y in ys] + [x.grad.numpy() for x in xs], ys[0].grad_fn


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_kernel_equals_op(name, dtype, layout, monkeypatch):
    call, shapes = CASES[name]
    arrays = [RNG.standard_normal(s).astype(dtype) for s in shapes]
    if arrays[0].ndim > 1:
        arrays[0] = LAYOUTS[layout](arrays[0])
    monkeypatch.setattr(nn, "LARGE", 10**12)
    plain, _ = outcome(call, arrays)
    monkeypatch.setattr(nn, "LARGE", 0)
    fast, _ = outcome(call, arrays)
    for a, b in zip(fast, plain, strict=True):
        assert a.dtype == b.dtype
        single = dtype == "float32"
        np.testing.assert_allclose(a, b, rtol=1e-4 if single else 1e-10, atol=1e-5 if single else 1e-12)


USED = {
    "cross_entropy": nn.CrossEntropyKernel,
    "embedding": nn.EmbeddingKernel,
}


@pytest.mark.parametrize("name", USED)
def test_kernel_is_used_for_large_arrays_only(name, monkeypatch):
    call, shapes = CASES[name]
    arrays = [RNG.standard_normal(s) for s in shapes]
    for large, kernel in [(10**12, None), (0, USED[name])]:
        monkeypatch.setattr(nn, "LARGE", large)
        ys = call(*[sparkle.from_numpy(a).requires_grad_() for a in arrays])
        node = (ys[0] if isinstance(ys, tuple) else ys).grad_fn
        assert node.kernel is kernel


@pytest.mark.parametrize("name", ["cross_entropy"])
def test_second_gradients_after_a_kernel(name, monkeypatch):
    monkeypatch.setattr(nn, "LARGE", 0)
    call, shapes = CASES[name]
    shapes = [(4, *s[1:]) if len(s) > 1 else s for s in shapes]
    xs = [sparkle.from_numpy(RNG.standard_normal(s)).requires_grad_() for s in shapes]

    def result(*xs):
        y = call(*xs)
        return y[0] if isinstance(y, tuple) else y

    assert sparkle.autograd.gradgradcheck(result, xs, atol=1e-4)


def test_all_kernels_here_are_registered():
    assert {CPU[op] for op in CPU} >= set(USED.values())
