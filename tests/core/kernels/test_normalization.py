"""Compiled normalisation against the plain body of its ops: values, gradients, statistics, memory orders, threads."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import crew, normalization
from sparkle.core.kernels.registry import CPU
from sparkle.core.tensor import base

pytest.importorskip("numba")

RNG = np.random.default_rng(0)
STATS = np.array([0.5, -1.0, 0.0]), np.array([0.5, 2.0, 1.0])


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    monkeypatch.setattr(base, "SMALL", 0)


def batch_norm(x, w, b):
    mean, var = (sparkle.tensor(s).to(x.dtype) for s in STATS)
    y = F.batch_norm(x, mean, var, w, b, training=True)
    return y, mean, var


def instance_norm(x, w, b):
    mean, var = (sparkle.tensor(s).to(x.dtype) for s in STATS)
    return F.instance_norm(x, mean, var, w, b), mean, var


def evaluated(x, w, b):
    mean, var = (sparkle.tensor(s).to(x.dtype) for s in STATS)
    return F.batch_norm(x, mean, var, w, b)


def channels_last(x):
    order = (0, *range(2, x.ndim), 1)
    return np.ascontiguousarray(x.transpose(order)).transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


CASES = {
    "layer": (lambda x, w, b: F.layer_norm(x, (5,), w, b), [(4, 3, 5), (5,), (5,)]),
    "layer_deep": (lambda x, w, b: F.layer_norm(x, (3, 5), w, b), [(4, 3, 5), (3, 5), (3, 5)]),
    "layer_plain": (lambda x: F.layer_norm(x, (5,)), [(4, 3, 5)]),
    "layer_bias": (lambda x, b: F.layer_norm(x, (5,), None, b), [(4, 5), (5,)]),
    "layer_empty": (lambda x, w: F.layer_norm(x, (5,), w), [(0, 5), (5,)]),
    "layer_long": (lambda x, w, b: F.layer_norm(x, (9000,), w, b), [(2, 9000), (9000,), (9000,)]),
    "layer_many": (lambda x, w, b: F.layer_norm(x, (70,), w, b), [(600, 70), (70,), (70,)]),
    "rms": (lambda x, w: F.rms_norm(x, (5,), w), [(4, 3, 5), (5,)]),
    "rms_deep": (lambda x, w: F.rms_norm(x, (3, 5), w), [(4, 3, 5), (3, 5)]),
    "rms_plain": (lambda x: F.rms_norm(x, (5,)), [(4, 3, 5)]),
    "batch": (batch_norm, [(70, 3), (3,), (3,)]),
    "batch_many": (batch_norm, [(6000, 3), (3,), (3,)]),
    "batch_odd": (batch_norm, [(4097, 3), (3,), (3,)]),
    "batch_image": (batch_norm, [(4, 3, 5, 6), (3,), (3,)]),
    "batch_large_image": (batch_norm, [(2, 3, 81, 80), (3,), (3,)]),
    "batch_line": (batch_norm, [(4, 3, 7), (3,), (3,)]),
    "batch_plain": (lambda x: batch_norm(x, None, None), [(4, 3, 2)]),
    "batch_one_channel": (lambda x, w: F.batch_norm(x, None, None, w, training=True), [(4, 1, 2), (1,)]),
    "batch_wide": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), [(3, 130, 2, 2), (130,), (130,)]),
    "evaluated": (evaluated, [(70, 3), (3,), (3,)]),
    "evaluated_image": (evaluated, [(4, 3, 5, 6), (3,), (3,)]),
    "evaluated_plain": (lambda x: evaluated(x, None, None), [(4, 3, 7)]),
    "group": (lambda x, w, b: F.group_norm(x, 2, w, b), [(2, 4, 3), (4,), (4,)]),
    "group_image": (lambda x, w, b: F.group_norm(x, 2, w, b), [(3, 6, 4, 5), (6,), (6,)]),
    "group_one": (lambda x, w, b: F.group_norm(x, 1, w, b), [(3, 6, 4, 5), (6,), (6,)]),
    "group_each": (lambda x, w, b: F.group_norm(x, 6, w, b), [(3, 6, 4, 5), (6,), (6,)]),
    "group_flat": (lambda x, w, b: F.group_norm(x, 2, w, b), [(3, 4), (4,), (4,)]),
    "group_plain": (lambda x: F.group_norm(x, 2), [(3, 4, 5, 5)]),
    "instance": (instance_norm, [(2, 3, 4), (3,), (3,)]),
    "instance_image": (instance_norm, [(2, 3, 40, 41), (3,), (3,)]),
    "instance_plain": (lambda x: F.instance_norm(x), [(2, 3, 4, 4)]),
}
LAYOUTS = {"plain": np.ascontiguousarray, "channels_last": channels_last, "transposed": np.asfortranarray}


def outcome(call, arrays):
    """Results and gradients."""
    xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays]
    ys = call(*xs)
    ys = ys if isinstance(ys, tuple) else (ys,)
    weights = sparkle.from_numpy(np.random.default_rng(1).standard_normal(tuple(ys[0].shape)).astype(arrays[0].dtype))
    (ys[0] * weights).sum().backward()
    return [y.detach().numpy() for y in ys] + [x.grad.numpy() for x in xs]


def arrays_of(name, dtype, layout="plain", offset=0):
    arrays = [RNG.standard_normal(s).astype(dtype) for s in CASES[name][1]]
    arrays[0] = LAYOUTS[layout](arrays[0] + np.asarray(offset, dtype))
    return arrays


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_kernel_equals_op(name, dtype, layout, monkeypatch):
    arrays = arrays_of(name, dtype, layout)
    monkeypatch.setattr(normalization, "LARGE", 10**12)
    plain = outcome(CASES[name][0], arrays)
    monkeypatch.setattr(normalization, "LARGE", 0)
    fast = outcome(CASES[name][0], arrays)
    for a, b in zip(fast, plain, strict=True):
        assert a.dtype == b.dtype
        single = dtype == "float32"
        np.testing.assert_allclose(a, b, rtol=1e-4 if single else 1e-9, atol=3e-5 if single else 1e-10)


USED = [
    "evaluated",
    "evaluated_image",
    "layer",
    "layer_deep",
    "rms",
    "batch",
    "batch_image",
    "group_image",
    "group_one",
    "group_each",
    "instance",
]


def in_either_order(names):
    """Each name with each memory order; norms over the last dims know no channels, so they have one."""
    rows = [name for name in names if name.startswith(("layer", "rms"))]
    return [(name, "plain") for name in names] + [(name, "channels_last") for name in names if name not in rows]


@pytest.mark.parametrize(("name", "layout"), in_either_order(USED))
def test_kernel_is_used_for_large_arrays_in_either_order(name, layout, monkeypatch):
    call, kernels = (
        CASES[name][0],
        (normalization.AffineKernel, normalization.NormalizeKernel, normalization.RmsNormKernel),
    )
    xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays_of(name, "float32", layout)]
    for large, used in [(10**12, False), (0, True)]:
        monkeypatch.setattr(normalization, "LARGE", large)
        y = call(*xs)
        y = y[0] if isinstance(y, tuple) else y
        node = y.grad_fn
        while type(node) not in CPU or CPU[type(node)] not in kernels:
            node = node.next_functions[0][0]
        assert (node.kernel is not None) == used
        if used and xs[0].ndim == 4:
            assert y.stride() == xs[0].stride()


FAR = ["layer_many", "batch_many", "batch_large_image", "group_image", "instance_image"]


@pytest.mark.parametrize(("name", "layout"), in_either_order(FAR))
def test_values_far_from_zero(name, layout, monkeypatch):
    monkeypatch.setattr(normalization, "LARGE", 0)
    call, offset = CASES[name][0], 1e6
    arrays = arrays_of(name, "float32", layout, offset)
    x = arrays[0].astype("float64") - offset  # what is left of the digits
    if x.ndim == 2 and name.startswith("layer"):
        axes, form = (1,), (1, -1)
    else:
        axes, form = (
            (0, *range(2, x.ndim)) if "batch" in name else tuple(range(2, x.ndim)),
            (1, -1, *(1,) * (x.ndim - 2)),
        )
    cells = x.reshape(len(x), 2, -1, *x.shape[2:]) if "group" in name else x
    axes = (2, 3, 4) if "group" in name else axes
    normal = (cells - cells.mean(axis=axes, keepdims=True)) / np.sqrt(cells.var(axis=axes, keepdims=True) + 1e-5)
    wanted = normal.reshape(x.shape) * arrays[1].reshape(form) + arrays[2].reshape(form)
    y = call(*map(sparkle.from_numpy, arrays))
    y = (y[0] if isinstance(y, tuple) else y).numpy()
    # The mean itself is rounded to float32: 1/16 there. That moves all, and leaves the scale.
    np.testing.assert_allclose(y, wanted, atol=0.04 * (1 + np.abs(arrays[1]).max()))
    factor = arrays[1].reshape(form)
    axis = 0 if name == "batch_many" else -1  # along which elements share their mean
    np.testing.assert_allclose(np.diff(y / factor, axis=axis), np.diff(wanted / factor, axis=axis), atol=1e-2)


@pytest.mark.parametrize("layout", ["plain", "channels_last"])
@pytest.mark.parametrize("name", ["layer_many", "batch_many", "batch_large_image", "group_image", "rms"])
def test_numbers_do_not_depend_on_threads(name, layout, monkeypatch):
    monkeypatch.setattr(normalization, "LARGE", 0)
    monkeypatch.setattr(crew, "SHARE", 0)
    monkeypatch.setattr(crew, "SMALL", 0)
    arrays = arrays_of(name, "float32", layout)
    seen = []
    for threads in (1, 2, 3, 2):
        monkeypatch.setattr(crew, "_held", [crew.Crew(threads)])
        seen.append(outcome(CASES[name][0], arrays))
    for one in seen[1:]:
        for a, b in zip(one, seen[0], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["layer", "rms", "batch", "batch_image", "evaluated", "group", "instance"])
def test_second_gradients_after_a_kernel(name, monkeypatch):
    monkeypatch.setattr(normalization, "LARGE", 0)
    call, shapes = CASES[name]
    shapes = [(4, *s[1:]) if len(s) == 2 else s for s in shapes]
    xs = [sparkle.from_numpy(RNG.standard_normal(s)).requires_grad_() for s in shapes]

    def result(*xs):
        y = call(*xs)
        return y[0] if isinstance(y, tuple) else y

    assert sparkle.autograd.gradgradcheck(result, xs, atol=1e-4)


@pytest.mark.parametrize("name", ["layer", "rms", "batch_image", "group_image"])
@pytest.mark.parametrize("needed", [(0,), (1,), (2,), (0, 2), (1, 2)])
def test_gradients_that_are_needed(name, needed, monkeypatch):
    call, shapes = CASES[name]
    needed = [i for i in needed if i < len(shapes)]
    arrays, seen = arrays_of(name, "float64", "channels_last" if "image" in name else "plain"), []
    for large in (10**12, 0):
        monkeypatch.setattr(normalization, "LARGE", large)
        xs = [sparkle.from_numpy(a).requires_grad_(i in needed) for i, a in enumerate(arrays)]
        y = call(*xs)
        y = y[0] if isinstance(y, tuple) else y
        if needed:
            (y * y).sum().backward()
        seen.append([None if x.grad is None else x.grad.numpy() for x in xs])
    for a, b in zip(*seen, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)
