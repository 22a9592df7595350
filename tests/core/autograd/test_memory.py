"""What a step holds, counted: after forward what backward reads, after backward the gradients."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import nn

LAYERS, CHANNELS, SIZE, BATCH = 3, 16, 32, 4
ACTIVATION = 4 * BATCH * CHANNELS * SIZE**2  # bytes
SMALL = ACTIVATION // 4  # statistics, objects


def traced(work: Callable[[], Any], which: int) -> int:
    """The least of three counts: a table of the interpreter, or of the program that runs the tests, may grow in one."""
    work()  # kernels are loaded, scratch memory is there
    counts = []
    for _ in range(3):
        gc.collect()
        tracemalloc.start()
        try:
            result = work()
            gc.collect()
            counts.append(tracemalloc.get_traced_memory()[which])
            del result
        finally:
            tracemalloc.stop()
    return min(counts)


def held(work: Callable[[], Any]) -> int:
    """The bytes that are alive after the work and were not before it, while its result is held."""
    return traced(work, 0)


def peak(work: Callable[[], Any]) -> int:
    """The most bytes that were alive at once during the work beyond those before it."""
    return traced(work, 1)


@pytest.fixture
def x() -> Any:
    return sparkle.randn(BATCH, CHANNELS, SIZE, SIZE)


def stack(norm: Callable[[], Any], inplace: bool) -> Any:
    layers = []
    for _ in range(LAYERS):
        layers += [nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1), norm(), nn.ReLU(inplace=inplace)]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("norm", [lambda: nn.BatchNorm2d(CHANNELS), lambda: nn.GroupNorm(4, CHANNELS)])
@pytest.mark.parametrize("inplace", [True, False])
def test_a_layer_holds_what_its_convolution_and_its_relu_give(x: Any, norm: Any, inplace: bool) -> None:
    """Nothing reads the norm's result: in place it is the ReLU's, else it goes with the tensor."""
    model = stack(norm, inplace)
    found = held(lambda: model(x))
    assert found <= LAYERS * 2 * ACTIVATION + SMALL, found / ACTIVATION


@pytest.mark.parametrize("norm", [lambda: nn.BatchNorm2d(CHANNELS), lambda: nn.GroupNorm(4, CHANNELS)])
def test_backward_lets_go_what_it_has_read(x: Any, norm: Any) -> None:
    model = stack(norm, True)

    def step() -> Any:
        model.zero_grad()
        loss = model(x).sum()
        loss.backward()
        return loss

    parameters = 4 * sum(p.numel() for p in model.parameters())
    assert held(step) <= parameters + SMALL


def test_relu_keeps_the_memory_that_it_wrote(x: Any) -> None:
    weight = sparkle.ones(1, requires_grad=True)
    y = x * weight
    before = y.data_ptr()
    nn.functional.relu(y, inplace=True)
    assert y.data_ptr() == before
    assert held(lambda: (x * weight).relu_()) <= ACTIVATION + SMALL  # the weight's gradient reads x, which is there


def test_relu_refuses_in_backward_what_was_written_later(x: Any) -> None:
    y = (x * sparkle.ones(1, requires_grad=True)).relu_()
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation: ReluBackward0 saved its result"):
        y.sum().backward()


@pytest.mark.parametrize(
    ("write", "arrays"),
    [
        (lambda y, z: y.add_(z), 2),
        (lambda y, z: y.mul_(2.0), 2),
        (lambda y, z: y.mul_(z), 2),
        (lambda y, z: y.tanh_(), 2),
    ],
    ids=["add", "mul by a number", "mul", "tanh"],
)
def test_in_place_forms_copy_what_is_saved_alone(x: Any, write: Any, arrays: int) -> None:
    """The tensor, and at most one array more: a copy of the numbers before, or the result."""
    weight, z = sparkle.ones(1, requires_grad=True), sparkle.ones_like(x)
    assert peak(lambda: write(x * weight, z)) <= arrays * ACTIVATION + SMALL


@pytest.mark.parametrize(
    "case", [(64, 64, 2, 1), (16, 16, 32, 1), (3, 64, 16, 2), (3, 8, 4, 1), (8, 300, 4, 1), (256, 256, 2, 2)], ids=str
)
def test_gradients_of_kernels_are_arrays_of_their_own(case: tuple[int, int, int, int]) -> None:
    """A view of a larger array, or of one in another shape, would be copied where it arrives."""
    inputs, outputs, size, stride = case
    node = nn.Conv2d(inputs, outputs, 3, stride, padding=1)(sparkle.randn(2, inputs, size, size)).node
    g = np.ones((2, outputs, -(-size // stride), -(-size // stride)), np.float32)
    _, dw, _ = node.backward(np, g) if node.kernel is None else node.kernel.backward(node, np, g)
    assert dw.base is None
    assert dw.flags.c_contiguous
