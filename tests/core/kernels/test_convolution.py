"""The compiled convolutions against the plain bodies of the ops: shapes, layouts, gradients, threads."""

from __future__ import annotations

import multiprocessing
import threading

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import convolution, products
from sparkle.core.kernels.registry import CPU
from sparkle.core.ops.nn.conv import Convolution, ConvolutionWeight, TransposedConvolution
from sparkle.core.tensor import base

pytest.importorskip("numba")

# x, w, and the arguments: stride, padding, dilation, groups
CASES = {
    "three": ((3, 16, 9, 7), (16, 16, 3, 3), {"padding": 1}),
    "three_whole": ((2, 17, 8, 12), (35, 17, 3, 3), {"padding": 1}),
    "three_bare": ((2, 16, 10, 10), (32, 16, 3, 3), {}),
    "three_far": ((1, 16, 5, 5), (16, 16, 3, 3), {"padding": (3, 2)}),
    "three_tiny": ((2, 16, 3, 3), (16, 16, 3, 3), {}),
    "three_large": ((2, 20, 40, 40), (24, 20, 3, 3), {"padding": 1}),
    "three_deep": ((2, 80, 8, 8), (70, 80, 3, 3), {"padding": 1}),
    "four": ((2, 16, 12, 12), (16, 16, 4, 4), {"stride": 2, "padding": 1}),
    "four_odd": ((2, 17, 13, 11), (33, 17, 4, 4), {"stride": 2, "padding": 1}),
    "four_bare": ((1, 16, 9, 10), (16, 16, 4, 4), {"stride": 2}),
    "four_far": ((1, 16, 9, 10), (16, 16, 4, 4), {"stride": 2, "padding": (2, 3)}),
    "first": ((3, 3, 9, 9), (16, 3, 3, 3), {"padding": 1}),
    "gray": ((3, 1, 9, 9), (5, 1, 3, 3), {}),
    "three_many": ((2, 48, 5, 4), (80, 48, 3, 3), {"padding": 1}),
    "three_lost": ((2, 16, 2, 2), (32, 16, 3, 3), {"padding": 3, "dilation": 3}),
    "four_small": ((2, 32, 4, 4), (48, 32, 4, 4), {"stride": 2, "padding": 1}),
    "strided": ((2, 16, 9, 9), (32, 16, 3, 3), {"stride": 2, "padding": 1}),
    "point": ((2, 16, 5, 6), (10, 16, 1, 1), {}),
    "point_strided": ((2, 16, 5, 6), (16, 16, 1, 1), {"stride": 2}),
    "point_padded": ((2, 16, 5, 6), (16, 16, 1, 1), {"stride": 3, "padding": 1}),
    "dilated": ((2, 5, 9, 9), (7, 5, 3, 3), {"dilation": (2, 3), "padding": 2}),
    "dilated_strided": ((2, 5, 12, 9), (7, 5, 3, 2), {"dilation": 2, "stride": (3, 2), "padding": (1, 0)}),
    "uneven": ((2, 5, 12, 9), (7, 5, 5, 2), {"stride": (1, 3), "padding": (0, 1)}),
    "same": ((2, 5, 8, 8), (7, 5, 4, 4), {"padding": "same"}),
    "apart": ((2, 5, 8, 8), (7, 5, 2, 2), {"stride": 4}),
    "groups": ((2, 6, 7, 7), (9, 2, 3, 3), {"groups": 3, "padding": 1}),
    "groups_wide": ((2, 32, 7, 7), (64, 16, 3, 3), {"groups": 2, "stride": 2}),
    "depthwise": ((2, 20, 7, 7), (20, 1, 3, 3), {"groups": 20, "padding": 1}),
    "depthwise_more": ((2, 18, 7, 7), (36, 1, 3, 3), {"groups": 18, "stride": 2, "padding": 1}),
    "whole": ((3, 16, 4, 4), (1, 16, 4, 4), {}),
    "line": ((2, 5, 30), (16, 5, 3), {"padding": 1, "stride": 2}),
    "line_wide": ((2, 16, 30), (20, 16, 5), {"dilation": 2}),
    "volume": ((2, 4, 5, 6, 7), (16, 4, 3, 3, 3), {"padding": 1}),
    "volume_strided": ((1, 4, 5, 6, 7), (6, 2, 2, 3, 2), {"stride": 2, "padding": (1, 0, 1), "groups": 2}),
    "one": ((1, 16, 1, 1), (16, 16, 1, 1), {}),
}
SPREAD = {
    "t_three": ((2, 16, 7, 7), (16, 16, 3, 3), {"padding": 1}),
    "t_four": ((2, 16, 6, 5), (16, 20, 4, 4), {"stride": 2, "padding": 1}),
    "t_four_more": ((2, 16, 6, 5), (16, 20, 4, 4), {"stride": 2, "padding": 1, "output_padding": 1}),
    "t_two_even": ((2, 32, 6, 5), (32, 16, 2, 4), {"stride": 2}),
    "t_color": ((2, 16, 6, 5), (16, 3, 4, 4), {"stride": 2, "padding": 1}),
    "t_two": ((2, 16, 6, 5), (16, 16, 2, 2), {"stride": 2}),
    "t_from_one": ((3, 20, 1, 1), (20, 32, 4, 4), {}),
    "t_groups": ((2, 6, 4, 5), (6, 4, 3, 3), {"stride": 3, "groups": 2, "dilation": 2}),
    "t_line": ((2, 16, 9), (16, 5, 4), {"stride": 2, "padding": 1}),
}
LAYOUTS = {
    "contiguous": lambda a: a,
    "channels_last": lambda a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 1, -1)), -1, 1),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
}
OPS = {"Convolution", "TransposedConvolution", "ConvolutionWeight"}


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch):
    monkeypatch.setattr(base, "SMALL", 0)
    monkeypatch.setattr(convolution, "LARGE", 0)


def arrays_of(name, bias, dtype="float32"):
    """x, w, and a bias or None."""
    x, w, arguments = (CASES | SPREAD)[name]
    rng = np.random.default_rng(0)
    outputs = w[1] * arguments.get("groups", 1) if name in SPREAD else w[0]
    made = [rng.standard_normal(shape).astype(dtype) for shape in (x, w, (outputs,))]
    return made if bias else made[:2]


def call(name, x, w, b=None):
    _, shape, arguments = (CASES | SPREAD)[name]
    spread = "_transpose" if name in SPREAD else ""
    return getattr(F, f"conv{spread}{len(shape) - 2}d")(x, w, b, **arguments)


def outcome(name, arrays, layout="contiguous"):
    """The result and the gradients, and the node."""
    xs = [sparkle.from_numpy(LAYOUTS[layout](a) if a.ndim > 1 else a).requires_grad_() for a in arrays]
    y = call(name, *xs)
    g = np.random.default_rng(1).standard_normal(tuple(y.shape)).astype(arrays[0].dtype)
    y.backward(sparkle.from_numpy(LAYOUTS[layout](g)))
    return [y.detach().numpy(), *(x.grad.numpy() for x in xs)], y.grad_fn


def plain(name, arrays):
    """The same from the ops' own bodies, in float64."""
    saved = {op: CPU.pop(op) for op in (Convolution, TransposedConvolution, ConvolutionWeight)}
    try:
        return outcome(name, [a.astype("float64") for a in arrays])[0]
    finally:
        CPU.update(saved)


def assert_near(fast, slow):
    for a, b in zip(fast, slow, strict=True):
        assert a.dtype == np.float32
        assert a.shape == b.shape
        assert np.abs(a - b).max() <= 2e-5 * np.abs(b).max()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", [*CASES, *SPREAD])
def test_kernel_equals_op(name, bias, layout):
    arrays = arrays_of(name, bias)
    fast, node = outcome(name, arrays, layout)
    assert node.kernel in (convolution.ConvolutionKernel, convolution.TransposedConvolutionKernel)
    assert_near(fast, plain(name, arrays))


@pytest.mark.parametrize("name", [*CASES, *SPREAD])
def test_every_way_gives_the_same(name, monkeypatch):
    arrays = arrays_of(name, True)
    slow = plain(name, arrays)
    monkeypatch.setattr(convolution, "way", lambda *shapes: convolution.convolution_direct)
    assert_near(outcome(name, arrays)[0], slow)
    grouped = "groups" in (CASES | SPREAD)[name][2]
    for least in () if grouped else (0, 1 << 60):  # by the tiles, and by NumPy
        monkeypatch.setattr(products, "MANY", least)
        monkeypatch.setattr(convolution, "way", lambda *shapes: convolution.convolution_patches)
        assert_near(outcome(name, arrays)[0], slow)
    if is_for_taps(name):
        monkeypatch.setattr(convolution, "way", lambda *shapes: convolution.convolution_taps)
        for limits in WAYS_OF_TAPS:
            for limit, value in limits.items():
                monkeypatch.setattr(convolution.convolution_taps, limit, value)
            convolution.convolution_taps.plan.cache_clear()
            convolution.convolution_taps.gradient_plan.cache_clear()
            assert_near(outcome(name, arrays)[0], slow)
    if is_for_winograd(name):
        monkeypatch.setattr(convolution, "way", lambda *shapes: convolution.winograd)
        for limits in WAYS_OF_WINOGRAD:
            for limit, value in limits.items():
                monkeypatch.setattr(convolution.winograd, limit, value)
            assert_near(outcome(name, arrays)[0], slow)


WAYS_OF_WINOGRAD = [
    {"HEAVY": 10**12, "MANY": 1, "CHUNK": 1},
    {"HEAVY": 10**12, "MANY": 10**12, "CHUNK": 10**12},
    {"HEAVY": 0, "SLICE": 16, "ROOM": 3},
    {"HEAVY": 0, "SLICE": 64, "ROOM": 128},
]


WAYS_OF_TAPS = [
    {"KERNELS": 1, "AT_ONCE": 1, "SHARES": 1, "ADDED": 1},
    {"KERNELS": 10**6, "AT_ONCE": 10**6, "SHARES": 10**6, "ADDED": 10**6},
    {"KERNELS": 10**4, "AT_ONCE": 64, "SLICE": 16},
]


def is_for_taps(name):
    _, w, arguments = (CASES | SPREAD)[name]
    return "groups" not in arguments and w[0] % 16 == w[1] % 16 == 0


def is_for_winograd(name):
    if name == "three_lost":
        return False
    return name.partition("_")[0] in ("three", "four") or name in ("t_three", "t_four", "t_four_more")


@pytest.mark.parametrize("name", ["three", "four", "strided", "groups", "t_four", "t_two", "line"])
def test_second_gradients(name):
    arrays = arrays_of(name, False)

    def second(arrays):
        xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays]
        grads = sparkle.autograd.grad((call(name, *xs) ** 2).sum(), xs, create_graph=True)
        return [t.numpy() for t in sparkle.autograd.grad(sum((t**2).sum() for t in grads), xs)]

    fast = second(arrays)
    saved = {op: CPU.pop(op) for op in (Convolution, TransposedConvolution, ConvolutionWeight)}
    try:
        slow = second([a.astype("float64") for a in arrays])
    finally:
        CPU.update(saved)
    assert_near(fast, slow)


@pytest.mark.parametrize("name", ["three_large", "three_deep", "three_many", "four", "strided", "t_four", "t_two"])
def test_threads_do_not_change_the_result(name, monkeypatch):
    from sparkle.core.kernels import crew

    arrays, results = arrays_of(name, True), []
    monkeypatch.setattr(crew, "SHARE", 1)
    monkeypatch.setattr(crew, "SMALL", 1)
    for size in (1, 2, 3, 2):
        team = crew.Crew(size)
        monkeypatch.setattr(crew, "_crew", lambda team=team: team)
        results.append(outcome(name, arrays)[0])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_two_threads_at_once():
    names = ["three_large", "four_odd", "strided", "t_four"]
    wanted = {name: outcome(name, arrays_of(name, True))[0] for name in names}
    wrong = []

    def work(name):
        for _ in range(20):
            got = outcome(name, arrays_of(name, True))[0]
            wrong.extend(name for a, b in zip(got, wanted[name], strict=True) if not np.array_equal(a, b))

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def _in_a_child(queue):
    queue.put(outcome("three_large", arrays_of("three_large", True))[0])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_computes_the_same():
    wanted = outcome("three_large", arrays_of("three_large", True))[0]
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_a_child, args=(queue,))
    child.start()
    got = queue.get(timeout=60)
    child.join(60)
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_small_and_double_convolutions_take_the_plain_way(monkeypatch):
    assert outcome("three", arrays_of("three", True, "float64"))[1].kernel is None
    monkeypatch.setattr(convolution, "LARGE", 10**9)
    assert outcome("three", arrays_of("three", True))[1].kernel is None


def test_infinity_and_nan_stay_where_they_are(monkeypatch):
    x, w = (sparkle.from_numpy(a) for a in arrays_of("strided", False))
    x[0, 0, 4, 4], x[1, 0, 0, 0] = float("inf"), float("nan")
    y = call("strided", x, w).numpy()
    assert np.isnan(y[1]).any(0).sum() == 1
    assert not np.isfinite(y[0]).all(0)[2, 2]
    assert np.isfinite(y[0, :, 0]).all()
