"""GradScaler: scales, left out steps, state."""

from __future__ import annotations

import math

import pytest

import sparkle


def _step(scaler: sparkle.amp.GradScaler, value: float) -> float:
    """One iteration with a gradient of that value; returns the parameter, which was 0."""
    p = sparkle.nn.Parameter(sparkle.zeros(1))
    optimizer = sparkle.optim.SGD([p], lr=1.0)
    scaler.scale(p.sum()).backward()
    p.grad.mul_(value)
    scaler.step(optimizer)
    scaler.update()
    return float(p.item())


def test_scale_grows_and_backs_off() -> None:
    scaler = sparkle.amp.GradScaler("cpu", init_scale=4.0, growth_interval=2)
    met = []
    for value in (1.0, 1.0, math.inf, 1.0, math.nan, 1.0, 1.0):
        moved = _step(scaler, value)
        assert moved == (-1.0 if math.isfinite(value) else 0.0)
        met.append(scaler.get_scale())
    assert met == [4.0, 8.0, 4.0, 4.0, 2.0, 2.0, 4.0]


def test_scale_does_not_grow_to_infinity() -> None:
    scaler = sparkle.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=1)
    scaler.scale(sparkle.ones(1))
    p = sparkle.nn.Parameter(sparkle.ones(1))
    p.grad = sparkle.ones(1)
    scaler.step(sparkle.optim.SGD([p], lr=1.0))
    scaler.update()
    assert scaler.get_scale() == 2.0**127


def test_small_gradients_survive_half_precision() -> None:
    x = sparkle.full((1,), 1e-4, dtype=sparkle.float16)

    def gradient(scale: float) -> float:
        w = sparkle.ones(1, requires_grad=True)
        scaler = sparkle.amp.GradScaler("cpu", init_scale=scale)
        scaler.scale((w.half() * x * x).sum()).backward()
        scaler.unscale_(sparkle.optim.SGD([w], lr=1.0))
        return float(w.grad.item())

    assert gradient(1.0) == pytest.approx(0.0, abs=6e-8)  # 1e-8 is below the smallest float16
    assert gradient(2.0**10) == pytest.approx(1e-8, rel=0.01)


def test_disabled_does_nothing() -> None:
    scaler = sparkle.amp.GradScaler("cpu", enabled=False)
    loss = sparkle.ones(1)
    assert scaler.scale(loss) is loss
    assert (scaler.state_dict(), scaler.get_scale(), scaler.is_enabled()) == ({}, 1.0, False)
    assert _step(scaler, 2.0) == -2.0
    scaler.load_state_dict({})


def test_state_is_loaded_whole_or_not_at_all() -> None:
    scaler = sparkle.amp.GradScaler("cpu", init_scale=2.0)
    before = scaler.state_dict()
    with pytest.raises(KeyError):
        scaler.load_state_dict({"scale": 64.0})
    assert scaler.state_dict() == before
    with pytest.raises(RuntimeError, match="disabled"):
        scaler.load_state_dict({})
    scaler.load_state_dict({**before, "scale": 32.0, "_growth_tracker": 5})
    assert (scaler.get_scale(), scaler._get_growth_tracker()) == (32.0, 5)


def test_order_of_calls() -> None:
    p = sparkle.nn.Parameter(sparkle.ones(1))
    optimizer, scaler = sparkle.optim.SGD([p], lr=0.5), sparkle.amp.GradScaler("cpu", init_scale=4.0)
    with pytest.raises(AssertionError, match="scale"):
        scaler.unscale_(optimizer)
    scaler.scale(p.sum()).backward()
    scaler.unscale_(optimizer)
    assert p.grad.item() == 1
    with pytest.raises(RuntimeError, match="already been called"):
        scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="Closure"):
        scaler.step(optimizer, closure=lambda: None)
    scaler.step(optimizer)
    assert p.item() == 0.5  # not unscaled once more
    with pytest.raises(RuntimeError, match="already been called"):
        scaler.step(optimizer)
    scaler.update()
    with pytest.raises(AssertionError, match="prior to update"):
        scaler.update()
