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


STATS = np.array([0.5, -1.0, 0.0]), np.array([0.5, 2.0, 1.0])


def batch_norm(x, w, b):
    mean, var = (sparkle.tensor(s).to(x.dtype) for s in STATS)
    y = F.batch_norm(x, mean, var, w, b, training=True)
    return y, mean, var


def channels_last(x):
    order = (0, *range(2, x.ndim), 1)
    return np.ascontiguousarray(x.transpose(order)).transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


TARGETS = sparkle.tensor([0, 2, 1, 2])
ROWS = sparkle.tensor([[0, 2, 2], [1, 2, 0]])
CASES = {
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (5,), w, b), [(4, 3, 5), (5,), (5,)]),
    "layer_norm_deep": (lambda x, w, b: F.layer_norm(x, (3, 5), w, b), [(4, 3, 5), (3, 5), (3, 5)]),
    "layer_norm_plain": (lambda x: F.layer_norm(x, (5,)), [(4, 3, 5)]),
    "layer_norm_bias": (lambda x, b: F.layer_norm(x, (5,), None, b), [(4, 5), (5,)]),
    "layer_norm_empty": (lambda x, w: F.layer_norm(x, (5,), w), [(0, 5), (5,)]),
    "batch_norm": (batch_norm, [(70, 3), (3,), (3,)]),
    "batch_norm_image": (batch_norm, [(4, 3, 5, 6), (3,), (3,)]),
    "batch_norm_plain": (lambda x: batch_norm(x, None, None), [(4, 3, 2)]),
    "batch_norm_one_channel": (lambda x, w: F.batch_norm(x, None, None, w, training=True), [(4, 1, 2), (1,)]),
    "group_norm": (lambda x, w, b: F.group_norm(x, 2, w, b), [(2, 4, 3), (4,), (4,)]),
    "group_norm_flat": (lambda x, w, b: F.group_norm(x, 2, w, b), [(3, 4), (4,), (4,)]),
    "instance_norm": (lambda x, w, b: F.instance_norm(x, weight=w, bias=b), [(2, 3, 4), (3,), (3,)]),
    "cross_entropy": (lambda x: F.cross_entropy(x, TARGETS), [(4, 3)]),
    "cross_entropy_sum": (lambda x: F.cross_entropy(x * 30, TARGETS, reduction="sum"), [(4, 3)]),
    "cross_entropy_none": (lambda x: F.cross_entropy(x, TARGETS, reduction="none"), [(4, 3)]),
    "embedding": (lambda w: F.embedding(ROWS, w), [(3, 4)]),
    "embedding_padding": (lambda w: F.embedding(ROWS, w, padding_idx=2), [(3, 4)]),
    "embedding_empty": (lambda w: F.embedding(ROWS[:0], w), [(3, 4)]),
}
LAYOUTS = {"plain": lambda x: x, "channels_last": channels_last, "transposed": lambda x: np.asfortranarray(x)}


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
    "layer_norm": nn.NormalizeKernel,
    "batch_norm": nn.NormalizeKernel,
    "batch_norm_image": nn.NormalizeKernel,
    "cross_entropy": nn.CrossEntropyKernel,
    "embedding": nn.EmbeddingKernel,
}


@pytest.mark.parametrize("name", USED)
def test_kernel_is_used_for_large_arrays_only(name, monkeypatch):
    call, shapes = CASES[name]
    arrays = [channels_last(RNG.standard_normal(s)) if len(s) == 4 else RNG.standard_normal(s) for s in shapes]
    for large, kernel in [(10**12, None), (0, USED[name])]:
        monkeypatch.setattr(nn, "LARGE", large)
        ys = call(*[sparkle.from_numpy(a).requires_grad_() for a in arrays])
        node = (ys[0] if isinstance(ys, tuple) else ys).grad_fn
        assert node.kernel is kernel


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "cross_entropy"])
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
