"""GradScaler against torch's: the same scales, steps and parameters, and the same refusals."""

from __future__ import annotations

import io
import math
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import sparkle

STEPS = 60
BAD = {3: math.inf, 10: math.nan, 11: -math.inf, 30: math.inf, 31: math.inf, 47: math.nan}

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adam": {"lr": 0.1},
    "AdamW": {"lr": 0.1},
    "NAdam": {"lr": 0.1},
    "RAdam": {"lr": 0.1},
    "Adamax": {"lr": 0.1},
    "Adadelta": {"lr": 1.0},
    "Adagrad": {"lr": 0.1},
    "RMSprop": {"lr": 0.01},
    "Rprop": {"lr": 0.01},
    "ASGD": {"lr": 0.1},
    "Adafactor": {"lr": 0.1},
}


def _run(L: Any, name: str, through_file: bool = False, **options: Any) -> tuple[list[Any], np.ndarray]:
    """Scale, number of good steps and what step returned in each iteration, and the parameter at the end."""
    p = L.nn.Parameter(L.tensor(np.linspace(-1, 1, 12).reshape(3, 4), dtype=L.float64))
    optimizer = getattr(L.optim, name)([p], **OPTIMIZERS[name])
    scaler = L.amp.GradScaler("cpu", init_scale=256.0, growth_interval=5, **options)
    seen: list[Any] = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = ((p - 0.3) ** 2).sum()
        scaler.scale(loss).backward()
        if step in BAD and scaler.is_enabled():
            p.grad[1, 2] = BAD[step]
        if step % 4 == 0:
            scaler.unscale_(optimizer)
            L.nn.utils.clip_grad_norm_([p], 1.0) if step not in BAD else None
        result = scaler.step(optimizer)
        scaler.update()
        seen.append((scaler.get_scale(), scaler._get_growth_tracker(), result))
        if through_file and step == 20:
            state = scaler.state_dict()
            scaler = L.amp.GradScaler("cpu", init_scale=2.0)
            scaler.load_state_dict(state)
        if step == 40:
            scaler.update(new_scale=64.0) if scaler.is_enabled() else None
    return seen, p.detach().numpy()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_follows_torch(name: str) -> None:
    ours, theirs = _run(sparkle, name), _run(torch, name)
    assert ours[0] == theirs[0]
    assert len({scale for scale, _, _ in ours[0]}) > 3
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "options", [{}, {"growth_factor": 3.0}, {"backoff_factor": 0.25}, {"enabled": False}], ids=lambda o: str(o)
)
def test_options_follow_torch(options: dict[str, Any]) -> None:
    ours, theirs = (_run(L, "SGD", not options, **options) for L in (sparkle, torch))
    assert ours[0] == theirs[0]
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-12, equal_nan=True)


def test_state_goes_both_ways() -> None:
    a, b = sparkle.amp.GradScaler("cpu", init_scale=8.0), torch.amp.GradScaler("cpu", init_scale=32.0)
    assert a.state_dict().keys() == b.state_dict().keys()
    a.load_state_dict(b.state_dict())
    assert a.state_dict() == b.state_dict()
    a.set_growth_factor(5.0)
    a.set_backoff_factor(0.1)
    a.set_growth_interval(7)
    b.load_state_dict(a.state_dict())
    assert (b.get_growth_factor(), b.get_backoff_factor(), b.get_growth_interval()) == (5.0, 0.1, 7)


def _set_up(L: Any, dtype: str = "float32") -> tuple[Any, Any, Any]:
    p = L.nn.Parameter(L.ones(2, dtype=getattr(L, dtype)))
    optimizer, scaler = L.optim.SGD([p], lr=0.1), L.amp.GradScaler("cpu", init_scale=4.0)
    scaler.scale(p.sum()).backward()
    return p, optimizer, scaler


def _twice(L: Any) -> None:
    _, optimizer, scaler = _set_up(L)
    scaler.unscale_(optimizer)
    scaler.unscale_(optimizer)


def _after_step(L: Any) -> None:
    _, optimizer, scaler = _set_up(L)
    scaler.step(optimizer)
    scaler.unscale_(optimizer)


def _two_steps(L: Any) -> None:
    _, optimizer, scaler = _set_up(L)
    scaler.step(optimizer)
    scaler.step(optimizer)


def _nothing_scaled(L: Any) -> None:
    L.amp.GradScaler("cpu").step(_set_up(L)[1])


def _no_gradients(L: Any) -> None:
    p, optimizer, scaler = _set_up(L)
    p.grad = None
    scaler.step(optimizer)


def _pickled_between(L: Any) -> None:
    _, optimizer, scaler = _set_up(L)
    scaler.unscale_(optimizer)
    pickle.dump(scaler, io.BytesIO())


def _float16(L: Any) -> None:
    _, optimizer, scaler = _set_up(L, "float16")
    scaler.unscale_(optimizer)


MISUSE: dict[str, Callable[[Any], Any]] = {
    "unscale twice": _twice,
    "unscale after step": _after_step,
    "step twice": _two_steps,
    "nothing scaled": _nothing_scaled,
    "update before scale": lambda L: L.amp.GradScaler("cpu").update(),
    "update without step": lambda L: _set_up(L)[2].update(),
    "no gradients": _no_gradients,
    "closure": lambda L: _set_up(L)[2].step(_set_up(L)[1], closure=lambda: None),
    "pickled in between": _pickled_between,
    "float16 gradients": _float16,
    "scale of a number": lambda L: L.amp.GradScaler("cpu").scale(3),
    "scale of a list of numbers": lambda L: L.amp.GradScaler("cpu").scale([3]),
    "growth factor": lambda L: L.amp.GradScaler("cpu", growth_factor=1.0),
    "backoff factor": lambda L: L.amp.GradScaler("cpu", backoff_factor=1.5),
    "new scale of two": lambda L: _set_up(L)[2].update(L.ones(2)),
    "new scale that requires grad": lambda L: _set_up(L)[2].update(L.ones(1, requires_grad=True)),
    "empty state": lambda L: L.amp.GradScaler("cpu").load_state_dict({}),
    "part of a state": lambda L: L.amp.GradScaler("cpu").load_state_dict({"scale": 1.0}),
    "cuda without one": lambda L: L.amp.GradScaler(),
}


def _complaints(L: Any, call: Callable[[Any], Any]) -> list[type]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call(L)
        except Exception as error:
            return [*(w.category for w in caught), type(error)]
    return [w.category for w in caught]


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name: str) -> None:
    ours, theirs = (_complaints(L, MISUSE[name]) for L in (sparkle, torch))
    assert ours == theirs
    assert ours


def test_two_optimizers_and_structures() -> None:
    for L in (sparkle, torch):
        a, b = L.nn.Parameter(L.ones(1)), L.nn.Parameter(L.ones(1))
        first, second = L.optim.SGD([a], lr=1.0), L.optim.SGD([b], lr=1.0)
        scaler = L.amp.GradScaler("cpu", init_scale=8.0)
        losses = scaler.scale([a.sum(), (b.sum(), b.sum())])
        assert type(losses) is list
        assert type(losses[1]) is tuple
        (losses[0] + losses[1][0]).backward()
        b.grad.fill_(math.inf)
        scaler.step(first)
        scaler.step(second)  # this one alone is left out
        scaler.update()
        assert (a.item(), b.item(), scaler.get_scale()) == (0.0, 1.0, 4.0)
        assert pickle.loads(pickle.dumps(scaler)).get_scale() == 4.0
