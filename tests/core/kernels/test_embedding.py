"""Each compiled kernel against the plain body of its op: values, types, gradients, strided and empty inputs."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import compiling, embedding
from sparkle.core.kernels.registry import CPU
from sparkle.core.tensor import base

pytest.importorskip("numba")

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    monkeypatch.setattr(base, "SMALL", 0)


ROWS = sparkle.tensor([[0, 2, 2], [1, 2, 0]])
TEXT, STARTS = sparkle.tensor([0, 2, 2, 1]), sparkle.tensor([0, 3, 3])
CASES = {
    "embedding": (lambda w: F.embedding(ROWS, w), [(3, 4)]),
    "embedding_padding": (lambda w: F.embedding(ROWS, w, padding_idx=2), [(3, 4)]),
    "bags": (lambda w: F.embedding_bag(TEXT, w, STARTS, mode="sum"), [(3, 4)]),
    "bags_mean": (lambda w: F.embedding_bag(ROWS, w, mode="mean"), [(3, 4)]),
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
    monkeypatch.setattr(compiling, "LARGE", 10**12)
    plain, _ = outcome(call, arrays)
    monkeypatch.setattr(compiling, "LARGE", 0)
    fast, _ = outcome(call, arrays)
    for a, b in zip(fast, plain, strict=True):
        assert a.dtype == b.dtype
        single = dtype == "float32"
        np.testing.assert_allclose(a, b, rtol=1e-4 if single else 1e-10, atol=1e-5 if single else 1e-12)


USED = {"embedding": embedding.EmbeddingKernel, "bags": embedding.SumBagsKernel}


@pytest.mark.parametrize("name", USED)
def test_kernel_is_used_for_large_arrays_only(name, monkeypatch):
    call, shapes = CASES[name]
    arrays = [RNG.standard_normal(s) for s in shapes]
    for large, kernel in [(10**12, None), (0, USED[name])]:
        monkeypatch.setattr(compiling, "LARGE", large)
        ys = call(*[sparkle.from_numpy(a).requires_grad_() for a in arrays])
        node = (ys[0] if isinstance(ys, tuple) else ys).grad_fn
        assert node.kernel is kernel


def test_all_kernels_here_are_registered():
    assert {CPU[op] for op in CPU} >= set(USED.values())
