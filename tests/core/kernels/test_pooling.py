"""Compiled pooling against the plain body of its ops: values, gradients, memory orders, edges, threads."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import crew, pooling
from sparkle.core.tensor import base

pytest.importorskip("numba")

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    monkeypatch.setattr(base, "SMALL", 0)


def channels_last(x):
    order = (0, *range(2, x.ndim), 1)
    return np.ascontiguousarray(x.transpose(order)).transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


CASES = {
    "max": (lambda x: F.max_pool2d(x, 2), (2, 3, 6, 8)),
    "max_odd": (lambda x: F.max_pool2d(x, 2), (2, 3, 7, 5)),
    "max_overlapping": (lambda x: F.max_pool2d(x, 3, 2, 1), (2, 5, 7, 6)),
    "max_every": (lambda x: F.max_pool2d(x, 3, 1, 1), (3, 2, 5, 5)),
    "max_apart": (lambda x: F.max_pool2d(x, 2, 3), (2, 3, 8, 9)),
    "max_padded": (lambda x: F.max_pool2d(x, 2, 2, 1), (2, 3, 5, 6)),
    "max_dilated": (lambda x: F.max_pool2d(x, 2, 1, 1, 2), (2, 3, 5, 4)),
    "max_four_dilated": (lambda x: F.max_pool2d(x, 2, 2, 0, 2), (2, 3, 7, 8)),
    "max_uneven": (lambda x: F.max_pool2d(x, (3, 2), (1, 3), (1, 0)), (2, 3, 5, 9)),
    "max_ceil": (lambda x: F.max_pool2d(x, 3, 2, 0, 1, True), (2, 3, 6, 8)),
    "max_line": (lambda x: F.max_pool1d(x, 3, 2, 1), (2, 3, 9)),
    "max_cube": (lambda x: F.max_pool3d(x, 2), (1, 2, 4, 4, 4)),
    "mean": (lambda x: F.avg_pool2d(x, 2), (2, 3, 6, 8)),
    "mean_overlapping": (lambda x: F.avg_pool2d(x, 3, 2, 1), (2, 5, 7, 6)),
    "mean_inside": (lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), (2, 5, 7, 6)),
    "mean_wide": (lambda x: F.avg_pool2d(x, 5, 1, 2, count_include_pad=False), (2, 3, 6, 7)),
    "mean_ceil": (lambda x: F.avg_pool2d(x, 3, 2, 0, True), (2, 3, 6, 8)),
    "mean_divisor": (lambda x: F.avg_pool2d(x, (2, 3), divisor_override=5), (2, 3, 6, 8)),
    "mean_line": (lambda x: F.avg_pool1d(x, 3, 2, 1), (2, 3, 9)),
    "mean_of_all": (lambda x: F.adaptive_avg_pool2d(x, 1), (2, 3, 5, 6)),
    "mean_of_parts": (lambda x: F.adaptive_avg_pool2d(x, (2, 3)), (2, 3, 4, 6)),
}
LAYOUTS = {"plain": np.ascontiguousarray, "channels_last": channels_last, "transposed": np.asfortranarray}


def outcome(call, array):
    """The result, the gradient, and the node."""
    x = sparkle.from_numpy(array).requires_grad_()
    y = call(x)
    node = y.grad_fn
    weights = np.random.default_rng(1).standard_normal(tuple(y.shape)).astype(array.dtype)
    y.backward(sparkle.from_numpy(weights))
    return [y.detach().numpy(), x.grad.numpy()], node


def both(monkeypatch, call, array):
    """The outcomes without and with the kernels."""
    monkeypatch.setattr(pooling, "LARGE", 10**12)
    plain, _ = outcome(call, array)
    monkeypatch.setattr(pooling, "LARGE", 0)
    fast, node = outcome(call, array)
    return plain, fast, node


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_kernel_equals_op(name, dtype, layout, monkeypatch):
    call, shape = CASES[name]
    array = LAYOUTS[layout](np.round(RNG.standard_normal(shape) * 3).astype(dtype))  # rounded: with equal elements
    plain, fast, node = both(monkeypatch, call, array)
    for a, b in zip(fast, plain, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert (node.kernel is not None) == (layout != "transposed" and "cube" not in name)


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
@pytest.mark.parametrize("size", [2, 3])
def test_the_largest_of_infinities_and_of_nothing(layout, size, monkeypatch):
    array = np.full((1, 2, 6, 6), -np.inf, np.float32)
    array[0, 1, 1, 1], array[0, 0, 3, 3], array[0, 1, 4] = np.inf, 1.0, np.nan
    plain, fast, _ = both(monkeypatch, lambda x: F.max_pool2d(x, size, 2, 1), LAYOUTS[layout](array))
    for a, b in zip(fast, plain, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
@pytest.mark.parametrize("name", ["max", "max_overlapping", "mean_inside"])
def test_memory_order_stays_and_gradients_of_other_orders_are_taken(name, layout, monkeypatch):
    monkeypatch.setattr(pooling, "LARGE", 0)
    call, shape = CASES[name]
    x = sparkle.from_numpy(LAYOUTS[layout](RNG.standard_normal(shape))).requires_grad_()
    y = call(x)
    last = layout == "channels_last"
    assert y.is_contiguous(memory_format=sparkle.channels_last) == last
    g = RNG.standard_normal(tuple(y.shape))
    answers = []
    for other in (np.ascontiguousarray, channels_last, np.asfortranarray):
        (dx,) = sparkle.autograd.grad(y, x, sparkle.from_numpy(other(g)), retain_graph=True)
        answers.append(dx.numpy())
    assert (answers[0] == answers[1]).all()
    assert (answers[0] == answers[2]).all()


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
@pytest.mark.parametrize("name", ["max_overlapping", "mean_overlapping"])
def test_numbers_do_not_depend_on_threads(name, layout, monkeypatch):
    monkeypatch.setattr(pooling, "LARGE", 0)
    monkeypatch.setattr(crew, "SHARE", 0)
    monkeypatch.setattr(crew, "SMALL", 0)
    call, _ = CASES[name]
    array = LAYOUTS[layout](RNG.standard_normal((9, 5, 11, 12)).astype("float32"))
    seen = []
    for threads in (1, 2, 3, 2):
        monkeypatch.setattr(crew, "_held", [crew.Crew(threads)])
        seen.append(outcome(call, array)[0])
    for one in seen[1:]:
        for a, b in zip(one, seen[0], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
@pytest.mark.parametrize("name", ["max_overlapping", "mean_inside"])
def test_second_gradients_after_a_kernel(name, layout, monkeypatch):
    monkeypatch.setattr(pooling, "LARGE", 0)
    call, shape = CASES[name]
    x = sparkle.from_numpy(LAYOUTS[layout](RNG.standard_normal((1, 2, *shape[2:])))).requires_grad_()
    assert sparkle.autograd.gradgradcheck(lambda x: call(x) * call(x), (x,), atol=1e-4)


def test_saved_points_are_let_go(monkeypatch):
    monkeypatch.setattr(pooling, "LARGE", 0)
    x = sparkle.ones(1, 2, 4, 4).requires_grad_()
    y = F.max_pool2d(x, 2)
    y.sum().backward()
    assert y.grad_fn.at is None
    with pytest.raises(RuntimeError, match="second time"):
        y.sum().backward()
