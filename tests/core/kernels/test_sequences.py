"""The faster bodies of LSTM and attention against the plain ones: values, types, gradients, layouts, edges."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import attention as attention_kernel
from sparkle.core.kernels import compiling, crew, recurrent
from sparkle.core.kernels.registry import CPU
from sparkle.core.nn.functional.recurrent import unroll
from sparkle.core.ops.nn.attention import Attention
from sparkle.core.ops.nn.recurrent import Gru, Lstm
from sparkle.core.tensor import base


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    monkeypatch.setattr(base, "SMALL", 0)


SEEN = sparkle.tensor([[True, False, True], [False, False, False]])


def lstm(sizes, reverse=False):
    def call(x, h, c, w_ih, w_hh, b=None, w_hr=None):
        return unroll("LSTM", x, sizes, reverse, (h, c), (w_ih, w_hh, b, b, w_hr))

    return call


def gru(sizes, reverse=False):
    def call(x, h, w_ih, w_hh, b_ih=None, b_hh=None):
        return unroll("GRU", x, sizes, reverse, (h,), (w_ih, w_hh, b_ih, b_hh))

    return call


def attention(**options):
    return lambda q, k, v, mask=None: F.scaled_dot_product_attention(q, k, v, **{"attn_mask": mask, **options})


def dropped(q, k, v):
    sparkle.manual_seed(3)
    return F.scaled_dot_product_attention(q, k, v, dropout_p=0.4, is_causal=True)


QKV = [(2, 2, 2, 4), (2, 2, 3, 4), (2, 2, 3, 5)]
CASES = {
    "lstm": (lstm((2, 2)), [(4, 2), (2, 3), (2, 3), (12, 2), (12, 3), (12,)]),
    "lstm_plain": (lstm((2, 2)), [(4, 2), (2, 3), (2, 3), (12, 2), (12, 3)]),
    "lstm_one_step": (lstm((3,)), [(3, 2), (3, 3), (3, 3), (12, 2), (12, 3), (12,)]),
    "lstm_uneven": (lstm((3, 2, 2, 1)), [(8, 2), (3, 3), (3, 3), (12, 2), (12, 3), (12,)]),
    "lstm_reverse": (lstm((3, 2, 2, 1), True), [(8, 2), (3, 3), (3, 3), (12, 2), (12, 3), (12,)]),
    "lstm_projected": (lstm((3, 1), True), [(4, 2), (3, 2), (3, 3), (12, 2), (12, 2), (12,), (2, 3)]),
    "lstm_no_sequences": (lstm((0, 0)), [(0, 2), (0, 3), (0, 3), (12, 2), (12, 3), (12,)]),
    "lstm_wide": (lstm((11, 9, 3)), [(23, 5), (11, 19), (11, 19), (76, 5), (76, 19), (76,)]),
    "lstm_wide_reverse": (lstm((11, 9, 3), True), [(23, 5), (11, 40), (11, 40), (160, 5), (160, 40), (160,)]),
    "lstm_wide_projected": (lstm((9, 9)), [(18, 5), (9, 6), (9, 33), (132, 5), (132, 6), (132,), (6, 33)]),
    "gru": (gru((2, 2)), [(4, 2), (2, 3), (9, 2), (9, 3), (9,), (9,)]),
    "gru_plain": (gru((2, 2)), [(4, 2), (2, 3), (9, 2), (9, 3)]),
    "gru_one_step": (gru((3,)), [(3, 2), (3, 3), (9, 2), (9, 3), (9,), (9,)]),
    "gru_uneven": (gru((11, 9, 3, 3, 1)), [(27, 2), (11, 19), (57, 2), (57, 19), (57,), (57,)]),
    "gru_reverse": (gru((11, 9, 3, 3, 1), True), [(27, 2), (11, 19), (57, 2), (57, 19), (57,), (57,)]),
    "gru_no_sequences": (gru((0, 0)), [(0, 2), (0, 3), (9, 2), (9, 3), (9,), (9,)]),
    "attention": (attention(), QKV),
    "attention_causal": (attention(is_causal=True), QKV),
    "attention_causal_uneven": (attention(is_causal=True), [(2, 3, 19, 5), (2, 3, 37, 5), (2, 3, 37, 18)]),
    "attention_causal_few_keys": (attention(is_causal=True), [(3, 70, 16), (3, 21, 16), (3, 21, 16)]),
    "attention_causal_masked": (attention(is_causal=True), [(2, 3, 40, 5), (2, 3, 41, 5), (2, 3, 41, 7), (3, 1, 41)]),
    "attention_causal_dropout": (dropped, [(2, 2, 9, 4), (2, 2, 9, 4), (2, 2, 9, 5)]),
    "attention_wide": (attention(), [(2, 1, 33, 20), (2, 1, 35, 20), (2, 1, 35, 33)]),
    "attention_nothing": (attention(attn_mask=SEEN), QKV),
    "attention_float": (attention(), [*QKV, (2, 1, 2, 3)]),
    "attention_larger_mask": (attention(), [*[s[1:] for s in QKV], (3, 1, 2, 3)]),
    "attention_broadcast": (attention(scale=0.3), [(2, 1, 2, 4), (2, 3, 4), (1, 1, 3, 5)]),
    "attention_dropout": (dropped, QKV),
    "attention_two_dims": (attention(), [s[2:] for s in QKV]),
    "attention_no_keys": (attention(), [(2, 3), (0, 3), (0, 3)]),
}
LAYOUTS = {
    "plain": lambda x: x,
    "transposed": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
}


def outcome(call, arrays, needed):
    """Results and gradients."""
    xs = [sparkle.from_numpy(a).requires_grad_(n) for a, n in zip(arrays, needed, strict=True)]
    ys = call(*xs)
    ys = ys if isinstance(ys, tuple) else (ys,)
    random = np.random.default_rng(1)
    sum(
        (y * sparkle.from_numpy(random.standard_normal(tuple(y.shape)).astype(y.array.dtype))).sum() for y in ys
    ).backward()
    return [y.detach().numpy() for y in ys] + [None if x.grad is None else x.grad.numpy() for x in xs]


@pytest.fixture(params=["plain", "compiled", "in_threads"])
def _loops(request, monkeypatch):
    if request.param != "plain":
        pytest.importorskip("numba")
    monkeypatch.setattr(compiling, "LARGE", 10**12 if request.param == "plain" else 0)
    if request.param == "in_threads":
        monkeypatch.setattr(crew, "SHARE", 0)
        monkeypatch.setattr(crew, "SMALL", 0)
        monkeypatch.setattr(crew, "get_num_threads", lambda: 2)
        monkeypatch.setattr(crew, "_held", [])
        monkeypatch.setattr(attention_kernel, "CACHED", 1)


@pytest.mark.usefixtures("_loops")
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_kernel_equals_op(name, dtype, layout, monkeypatch):
    call, shapes = CASES[name]
    random = np.random.default_rng(0)
    arrays = [LAYOUTS[layout](random.standard_normal(s).astype(dtype)) for s in shapes]
    wanted = [[True] * len(shapes), *([i == j for i in range(len(shapes))] for j in range(len(shapes)))]
    fast = [outcome(call, arrays, needed) for needed in wanted]
    for op in (Lstm, Gru, Attention):
        monkeypatch.delitem(CPU, op)
    rtol, atol = (1e-4, 1e-5) if dtype == "float32" else (1e-10, 1e-12)
    for ours, needed in zip(fast, wanted, strict=True):
        for a, b in zip(ours, outcome(call, arrays, needed), strict=True):
            assert (a is None) == (b is None)
            if b is not None:
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    "name", ["lstm_wide", "lstm_wide_projected", "gru_uneven", "attention_wide", "attention_causal_uneven"]
)
def test_threads_and_repetitions_change_no_bit(name, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(compiling, "LARGE", 0)
    monkeypatch.setattr(crew, "SHARE", 0)
    monkeypatch.setattr(crew, "SMALL", 0)
    call, shapes = CASES[name]
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(s).astype("float32") for s in shapes]
    first = None
    for threads in (1, 2, 3, 2):
        monkeypatch.setattr(crew, "get_num_threads", lambda threads=threads: threads)
        monkeypatch.setattr(recurrent, "get_num_threads", lambda threads=threads: threads)
        monkeypatch.setattr(crew, "_held", [])
        results = outcome(call, arrays, [True] * len(arrays))
        first = first or results
        for a, b in zip(first, results, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["lstm_uneven", "gru_uneven", "attention_causal", "attention_nothing"])
def test_gradient_of_gradient(name, monkeypatch):
    pytest.importorskip("numba")
    call, shapes = CASES[name]
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(s).astype("float32") for s in shapes]

    def second():
        xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays]
        ys = call(*xs)
        y = ys[0] if isinstance(ys, tuple) else ys
        firsts = sparkle.autograd.grad((y * y).sum(), xs[:2], create_graph=True)
        return [g.numpy() for g in sparkle.autograd.grad(sum((g * g).sum() for g in firsts), xs[:2])]

    monkeypatch.setattr(compiling, "LARGE", 0)
    ours = second()
    for op in (Lstm, Gru, Attention):
        monkeypatch.delitem(CPU, op)
    for a, b in zip(ours, second(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["lstm_uneven", "gru_uneven", "attention_causal"])
def test_nothing_is_kept_without_gradients(name, monkeypatch):
    call, shapes = CASES[name]
    arrays = [sparkle.from_numpy(np.random.default_rng(0).standard_normal(s)) for s in shapes]
    ys = call(*arrays)
    ys = ys if isinstance(ys, tuple) else (ys,)
    for op in (Lstm, Gru, Attention):
        monkeypatch.delitem(CPU, op)
    slow = call(*arrays)
    for a, b in zip(ys, slow if isinstance(slow, tuple) else (slow,), strict=True):
        assert a.grad_fn is None
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_softmax_of_numbers_out_of_range(bad):
    loops = pytest.importorskip("sparkle.core.kernels.attention_loops")
    x = np.random.default_rng(0).standard_normal((6, 5)).astype("float32") * 40
    x[1, 2] = x[2, :] = x[3, 0] = x[4, 4] = bad
    x[5, 1] = -bad
    with np.errstate(all="ignore"):
        top = x.max(axis=1, keepdims=True)
        wanted = np.exp(x - np.where(top == -np.inf, 0, top))
        total = wanted.sum(axis=1, keepdims=True)
        wanted /= total + (total == 0)
    loops.softmax_rows(x, np.empty((0, 0), "float32"), np.float32(1))
    np.testing.assert_allclose(x, wanted, rtol=1e-5, atol=1e-37)


def test_the_kernels_run():
    q = sparkle.ones(2, 3, requires_grad=True)
    assert F.scaled_dot_product_attention(q, q, q).grad_fn.kernel is CPU[Attention]
    assert sparkle.nn.LSTM(2, 3)(sparkle.ones(1, 2))[0].grad_fn is not None
    call, shapes = CASES["lstm"]
    out = call(*(sparkle.ones(*s, requires_grad=True) for s in shapes))[0]
    assert out.node.edges[0].kernel is CPU[Lstm]
