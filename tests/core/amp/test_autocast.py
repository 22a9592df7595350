"""autocast: what it computes in, its cache, where it reaches and where it does not."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import sparkle
from sparkle.core.mode import mode
from sparkle.nn import functional as F

HALF = sparkle.float16  # so that these tests need no further package


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    yield
    assert mode.autocast is None
    assert not sparkle.is_autocast_enabled("cpu")


def cast(**options: Any) -> Any:
    return sparkle.autocast("cpu", HALF, **options)


def test_three_kinds_of_functions() -> None:
    x = sparkle.ones(2, 2)
    with cast():
        low, widened, neither = x @ x, F.mse_loss((x @ x), x), x.exp()
        assert (low.dtype, widened.dtype, neither.dtype) == (HALF, sparkle.float32, sparkle.float32)
        assert low.exp().dtype is HALF
        assert (x.double() @ x.double()).dtype is sparkle.float64
        assert (x.long() @ x.long()).dtype is sparkle.int64
        assert x[0].index_copy(0, sparkle.tensor([0]), low[0, :1]).dtype is sparkle.float32
        assert F.conv2d(x[None, None], x[None, None]).dtype is HALF
    assert (x @ x).dtype is sparkle.float32


def test_gradients_arrive_in_the_weights_type() -> None:
    layer = sparkle.nn.Linear(3, 2)
    x = sparkle.randn(4, 3, requires_grad=True)
    with cast():
        y = layer(x)
    assert y.dtype is HALF
    y.sum().backward()
    assert {t.grad.dtype for t in (x, layer.weight, layer.bias)} == {sparkle.float32}
    assert sparkle.allclose(layer.weight.grad, x.detach().sum(0).expand(2, 3), atol=0.02)


def test_weights_are_cast_once() -> None:
    w = sparkle.nn.Parameter(sparkle.randn(3, 3))
    x = sparkle.randn(2, 3)
    with cast():
        a, b = F.linear(x, w), F.linear(x, w)
        assert a.grad_fn.next_functions[1][0] is b.grad_fn.next_functions[1][0]
    with cast():
        with sparkle.no_grad():
            F.linear(x, w)
        c = F.linear(x, w)  # what was cast under no_grad has no history, and is not taken
    assert c.requires_grad
    with cast():
        d = F.linear(x, w)
    assert d.grad_fn.next_functions[1][0] is not a.grad_fn.next_functions[1][0]
    with cast(cache_enabled=False):
        a, b = F.linear(x, w), F.linear(x, w)
    assert a.grad_fn.next_functions[1][0] is not b.grad_fn.next_functions[1][0]


def test_a_written_weight_is_cast_anew() -> None:
    w = sparkle.nn.Parameter(sparkle.ones(1, 1))
    x = sparkle.ones(1, 1)
    with cast():
        assert F.linear(x, w).item() == 1
        with sparkle.no_grad():
            w.mul_(3)
        assert F.linear(x, w).item() == 3
        w.data = sparkle.full((1, 1), 5.0)
        assert F.linear(x, w).item() == 5


def test_decorator_nesting_and_errors() -> None:
    x = sparkle.ones(2, 2)

    @cast()
    def product(depth: int = 0) -> Any:
        """Multiplies."""
        return product(depth - 1) if depth else x @ x

    assert product(2).dtype is HALF
    assert product.__doc__ == "Multiplies."
    with pytest.raises(ZeroDivisionError), cast():
        raise ZeroDivisionError
    assert (x @ x).dtype is sparkle.float32
    with cast(), sparkle.autocast("cpu", enabled=False):
        assert (x @ x).dtype is sparkle.float32
    same = cast()
    with same, same:
        assert (x @ x).dtype is HALF
    with cast(), pytest.raises(RuntimeError, match="cannot be multiplied"):
        sparkle.mm(x, sparkle.ones(3, 3))


def test_other_threads_are_left_alone() -> None:
    seen = []
    with cast():
        thread = threading.Thread(target=lambda: seen.append((sparkle.ones(2, 2) @ sparkle.ones(2, 2)).dtype))
        thread.start()
        thread.join()
    assert seen == [sparkle.float32]


def test_switches() -> None:
    sparkle.set_autocast_dtype("cpu", HALF)
    sparkle.set_autocast_enabled("cpu", True)
    try:
        assert (sparkle.ones(2, 2) @ sparkle.ones(2, 2)).dtype is HALF
        sparkle.set_autocast_cache_enabled(False)
        assert not sparkle.is_autocast_cache_enabled()
    finally:
        sparkle.set_autocast_enabled("cpu", False)
        sparkle.set_autocast_dtype("cpu", sparkle.bfloat16)
        sparkle.set_autocast_cache_enabled(True)
    assert sparkle.autocast_increment_nesting() == 1
    assert sparkle.autocast_decrement_nesting() == 0
    for call in (
        lambda: sparkle.set_autocast_dtype("cpu", "float16"),
        lambda: sparkle.set_autocast_enabled("cpu", 1),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            call()


def test_out_and_in_place_forms_keep_their_types() -> None:
    x, out = sparkle.randn(3, 3), sparkle.empty(3, 3)
    exact = x @ x
    with cast():
        sparkle.mm(x, x, out=out)
        assert (out == exact).all()
        y = sparkle.zeros(3, 3).addmm_(x, x)
    assert (y == exact).all()


def test_checkpoint_runs_again_as_it_ran_first() -> None:
    layer, x = sparkle.nn.Linear(3, 3), sparkle.randn(2, 3, requires_grad=True)
    seen = []

    def run(x: Any) -> Any:
        y = layer(x)
        seen.append(y.dtype)
        return y.tanh()

    with cast():
        y = sparkle.utils.checkpoint.checkpoint(run, x, use_reentrant=False)
    y.sum().backward()
    assert seen == [HALF, HALF]


def test_recurrent_layers() -> None:
    x = sparkle.randn(5, 2, 3)
    with cast():
        out, (h, c) = sparkle.nn.LSTM(3, 4, num_layers=2, bidirectional=True)(x)
        assert (out.dtype, h.dtype, c.dtype) == (HALF,) * 3
        gru = sparkle.nn.GRU(3, 4)
        out, h = gru(x)
        assert (out.dtype, h.dtype) == (sparkle.float32,) * 2
    out.sum().backward()
    assert {p.grad.dtype for p in gru.parameters()} == {sparkle.float32}
    assert sparkle.allclose(out, gru(x)[0], atol=0.01)


def test_off_where_it_cannot_be() -> None:
    with pytest.warns(UserWarning, match="not supported"), sparkle.autocast("cpu", sparkle.float32):
        assert not sparkle.is_autocast_enabled("cpu")
    with pytest.raises(ValueError, match="device_type"):
        sparkle.autocast(sparkle.device("cpu"))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="toaster"):
        sparkle.autocast("toaster")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        assert isinstance(sparkle.cpu.amp.autocast(dtype=HALF), sparkle.amp.autocast)
