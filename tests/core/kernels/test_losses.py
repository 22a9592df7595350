"""Compiled cross entropy against the plain body of its op: values, gradients, memory orders, weights, threads."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import crew, losses
from sparkle.core.tensor import base, quick

pytest.importorskip("numba")

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    for module in (base, quick):
        monkeypatch.setattr(module, "SMALL", 0)


def channels_last(x):
    order = (0, *range(2, x.ndim), 1)
    return np.ascontiguousarray(x.transpose(order)).transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


SHAPES = {
    "few": (150, 3),
    "many": (5, 300),
    "very_many": (3, 9001),
    "one": (1, 200),
    "pixels": (2, 4, 9, 11),
    "line": (3, 5, 70),
    "many_pixels": (2, 140, 3, 4),
}
WAYS = {
    "mean": {},
    "sum": {"reduction": "sum"},
    "none": {"reduction": "none"},
    "ignored": {"ignore_index": 1},
    "all_but_none_ignored": {"ignore_index": 0, "reduction": "none"},
    "weights": {"weight": True},
    "weights_sum": {"weight": True, "reduction": "sum", "ignore_index": 2},
}
LAYOUTS = {"plain": np.ascontiguousarray, "channels_last": channels_last, "transposed": np.asfortranarray}


def case(shape, dtype, layout, way):
    """A call, and its input."""
    random = np.random.default_rng(1)
    x = LAYOUTS[layout]((random.standard_normal(shape) * 5).astype(dtype))
    target = sparkle.from_numpy(random.integers(0, shape[1], (shape[0], *shape[2:])))
    options = dict(WAYS[way])
    if "weight" in options:
        options["weight"] = sparkle.from_numpy(random.random(shape[1]).astype(dtype))
        options["weight"][0] = 0.0
    return lambda x: F.cross_entropy(x, target, **options), x


def outcome(call, array):
    x = sparkle.from_numpy(array).requires_grad_()
    y = call(x)
    node = y.grad_fn
    weights = np.random.default_rng(2).standard_normal(tuple(y.shape)).astype(array.dtype)
    y.backward(sparkle.from_numpy(np.asarray(weights)))
    return [y.detach().numpy(), x.grad.numpy()], node


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SHAPES)
def test_kernel_equals_op(name, way, dtype, layout, monkeypatch):
    call, array = case(SHAPES[name], dtype, layout, way)
    monkeypatch.setattr(losses, "LARGE", 10**12)
    plain, _ = outcome(call, array)
    monkeypatch.setattr(losses, "LARGE", 0)
    fast, node = outcome(call, array)
    for a, b in zip(fast, plain, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        single = dtype == "float32"
        np.testing.assert_allclose(a, b, rtol=2e-5 if single else 1e-11, atol=1e-6 if single else 1e-13)
    if layout != "transposed":
        assert node.kernel is losses.CrossEntropyKernel


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
@pytest.mark.parametrize("name", ["many", "few", "pixels"])
def test_large_and_infinite_scores(name, layout, monkeypatch):
    call, array = case(SHAPES[name], "float32", layout, "none")
    array *= 1000
    array[0, 1] = -np.inf
    array[1, 2] = np.inf
    array[2 % len(array), 0] = np.nan
    monkeypatch.setattr(losses, "LARGE", 10**12)
    plain, _ = outcome(call, array)
    monkeypatch.setattr(losses, "LARGE", 0)
    fast, _ = outcome(call, array)
    for a, b in zip(fast, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["many", "few", "pixels"])
def test_numbers_do_not_depend_on_threads(name, monkeypatch):
    monkeypatch.setattr(losses, "LARGE", 0)
    monkeypatch.setattr(crew, "SHARE", 0)
    monkeypatch.setattr(crew, "SMALL", 0)
    call, array = case((7 * SHAPES[name][0], *SHAPES[name][1:]), "float32", "plain", "weights")
    seen = []
    for threads in (1, 2, 3, 2):
        monkeypatch.setattr(crew, "_held", [crew.Crew(threads)])
        seen.append(outcome(call, array)[0])
    for one in seen[1:]:
        for a, b in zip(one, seen[0], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("way", ["mean", "none", "weights"])
@pytest.mark.parametrize("shape", [(4, 3), (2, 130), (2, 3, 2, 2)])
def test_second_gradients_after_a_kernel(shape, way, monkeypatch):
    monkeypatch.setattr(losses, "LARGE", 0)
    call, array = case(shape, "float64", "plain", way)
    x = sparkle.from_numpy(array / 5).requires_grad_()
    if shape[1] > 100:
        call, x = (
            (lambda part, full=call: full(sparkle.cat([part, sparkle.zeros(2, 127, dtype=part.dtype)], 1))),
            x[:, :3],
        )
        x = x.detach().requires_grad_()
    assert sparkle.autograd.gradgradcheck(call, (x,), atol=1e-4)
