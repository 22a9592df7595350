"""Products of matrices by tiles against NumPy's: shapes around the tiles' edges, layouts, threads, gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import compiling, crew, products
from sparkle.core.kernels.registry import CPU
from sparkle.core.ops.linear.linalg import Folded, Linear, MatMul, Mm
from sparkle.core.tensor import base

pytest.importorskip("numba")

SHAPES = [
    *((1, 1, 1), (8, 5, 32), (9, 161, 33), (7, 3, 31), (17, 33, 71), (16, 400, 40), (128, 70, 10), (10, 70, 128)),
    *((300, 8, 16), (2, 500, 130), (65, 320, 65), (33, 321, 200), (600, 161, 33), (524, 323, 70)),
]
LAYOUTS = {
    "rows": lambda x: x,
    "columns": np.asfortranarray,
    "strided": lambda x: np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[::2, ::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "spread": lambda x: np.broadcast_to(x[:1], x.shape),
}


@pytest.fixture(autouse=True, params=[1, 2])
def _of_any_size(monkeypatch, request):
    monkeypatch.setattr(base, "SMALL", 0)
    monkeypatch.setattr(products, "MANY", 0)
    for function in (F.linear, sparkle.matmul):
        monkeypatch.setitem(function.__globals__, "MANY", 0)
    monkeypatch.setattr(compiling, "LARGE", 0)
    monkeypatch.setattr(crew, "SHARE", 0)
    monkeypatch.setattr(crew, "SMALL", 0)
    monkeypatch.setattr(crew, "get_num_threads", lambda: request.param)
    monkeypatch.setattr(crew, "_held", [])


def matrices(m, size, n):
    random = np.random.default_rng(0)
    return [random.standard_normal(s).astype("float32") for s in ((m, size), (size, n), (n,))]


@pytest.mark.parametrize("layouts", list(itertools.product(LAYOUTS, LAYOUTS)), ids="-".join)
def test_product_equals_numpys(layouts):
    for shape in SHAPES:
        a, b, bias = matrices(*shape)
        a, b = (LAYOUTS[layout](x) for layout, x in zip(layouts, (a, b), strict=True))
        for start in (None, bias, np.repeat(bias, 2)[::2]):
            got = products.multiply(a, b, start)
            wanted = a.astype("float64") @ b + (0 if start is None else start)
            assert got.dtype == np.float32
            assert got.flags.c_contiguous
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-4)


def test_other_types_and_nothing_to_sum():
    a, b, bias = (x.astype("float64") for x in matrices(3, 4, 5))
    np.testing.assert_allclose(products.multiply(a, b, bias), a @ b + bias)
    assert not products.multiply(np.ones((3, 0), "float32"), np.ones((0, 4), "float32")).any()
    assert products.multiply(np.ones((0, 3), "float32"), np.ones((3, 4), "float32")).shape == (0, 4)


def test_what_is_not_finite_stays_in_its_rows_and_columns():
    a, b, _ = matrices(20, 30, 40)
    a[3, 5], b[7, 9] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        wanted = a @ b
    np.testing.assert_array_equal(np.isfinite(products.multiply(a, b)), np.isfinite(wanted))


@pytest.mark.parametrize(("shape", "layout"), [((65, 400, 170), "rows"), ((900, 400, 40), "columns")])
def test_threads_and_repetitions_change_no_bit(shape, layout, monkeypatch):
    a, b, bias = matrices(*shape)
    a = LAYOUTS[layout](a)
    first = products.multiply(a, b, bias)
    monkeypatch.setattr(crew, "get_num_threads", lambda: 3)
    monkeypatch.setattr(crew, "_held", [])
    np.testing.assert_array_equal(products.multiply(a, b, bias), first)
    np.testing.assert_array_equal(products.multiply(a, b, bias), first)


@pytest.mark.parametrize("shape", [(9, 20), (3, 5, 20), (2, 0, 20), (2, 2, 3, 20)])
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("needs", [(True, True), (True, False), (False, True)])
def test_linear_equals_op(shape, biased, needs, monkeypatch):
    random = np.random.default_rng(0)
    x, w, b = (random.standard_normal(s).astype("float32") for s in (shape, (35, 20), (35,)))

    def outcome():
        inputs = [sparkle.from_numpy(x).requires_grad_(needs[0]), sparkle.from_numpy(w).requires_grad_(needs[1])]
        inputs += [sparkle.from_numpy(b).requires_grad_(True)] if biased else []
        y = F.linear(*inputs)
        (y * y).sum().backward() if y.requires_grad else None
        return [y.detach().numpy()] + [None if t.grad is None else t.grad.numpy() for t in inputs]

    ours = outcome()
    monkeypatch.delitem(CPU, Linear)
    for got, wanted in zip(ours, outcome(), strict=True):
        assert (got is None) == (wanted is None)
        if got is not None:
            np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-3)


def test_double_gradient_of_linear():
    x, w = (sparkle.randn(*s, requires_grad=True) for s in ((9, 20), (35, 20)))
    (gx,) = sparkle.autograd.grad((F.linear(x, w) ** 2).sum(), x, create_graph=True)
    (gx * gx).sum().backward()
    # d/dx sum (2 x w' w)^2 = 8 x (w' w)^2
    gram = w.detach().numpy().T @ w.detach().numpy()
    np.testing.assert_allclose(x.grad.numpy(), 8 * x.detach().numpy() @ gram @ gram, rtol=1e-3, atol=1e-1)


STACKS = {
    "matrices": ((33, 20), (20, 35)),
    "stack": ((6, 9, 20), (6, 20, 35)),
    "two_axes": ((2, 3, 9, 20), (2, 3, 20, 5)),
    "broadcast": ((2, 1, 9, 20), (3, 20, 33)),
    "few": ((2, 9, 20), (2, 20, 35)),
    "one_left": ((9, 20), (5, 20, 17)),
    "one_right": ((5, 9, 20), (20, 17)),
    "thin": ((6, 1, 3), (6, 3, 1)),
    "nothing": ((0, 9, 20), (0, 20, 5)),
}
TURNS = {"plain": lambda x: x, "turned": lambda x: np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2)}


@pytest.mark.parametrize("turns", [(a, b) for a in TURNS for b in TURNS], ids="-".join)
@pytest.mark.parametrize("name", STACKS)
def test_matmul_equals_op(name, turns, monkeypatch):
    random = np.random.default_rng(0)
    a, b = (
        TURNS[turn](random.standard_normal(s).astype("float32")) for s, turn in zip(STACKS[name], turns, strict=True)
    )

    def outcome():
        xs = [sparkle.from_numpy(x).requires_grad_() for x in (a, b)]
        y = sparkle.matmul(*xs)
        (y * y).sum().backward()
        return [y.detach().numpy(), *(x.grad.numpy() for x in xs)]

    ours = outcome()
    for op in (MatMul, Mm, Folded):
        monkeypatch.delitem(CPU, op)
    for got, wanted in zip(ours, outcome(), strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-3)
