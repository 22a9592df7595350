"""Learning rate schedulers against torch, step for step over 60 steps, through a save and load in the middle."""

from __future__ import annotations

import pytest
import torch

import sparkle

SCHEDULERS = {
    "StepLR": lambda L, o: L.StepLR(o, 7, gamma=0.5),
    "StepLR-1": lambda L, o: L.StepLR(o, 1),
    "MultiStepLR": lambda L, o: L.MultiStepLR(o, [3, 10, 10, 31], gamma=0.5),
    "ConstantLR": lambda L, o: L.ConstantLR(o, factor=0.5, total_iters=9),
    "LinearLR": lambda L, o: L.LinearLR(o, 0.2, 0.9, total_iters=33),
    "ExponentialLR": lambda L, o: L.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda L, o: L.PolynomialLR(o, total_iters=40, power=2.0),
    "CosineAnnealingLR": lambda L, o: L.CosineAnnealingLR(o, T_max=13, eta_min=0.01),
    "LambdaLR": lambda L, o: L.LambdaLR(o, lambda e: 0.95**e),
    "LambdaLR-list": lambda L, o: L.LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (e + 1)]),
    "MultiplicativeLR": lambda L, o: L.MultiplicativeLR(o, lambda e: 0.9 + 0.001 * e),
    "SequentialLR": lambda L, o: L.SequentialLR(o, [L.ConstantLR(o, 0.1), L.LinearLR(o), L.StepLR(o, 4)], [5, 40]),
}


def optimizer(lib):
    params = [lib.ones(2, requires_grad=True) for _ in range(2)]
    return lib.optim.SGD([{"params": params[:1]}, {"params": params[1:], "lr": 0.5}], lr=0.1)


def rates(lib, make, reload_at, epochs=60):
    o = optimizer(lib)
    scheduler = make(lib.optim.lr_scheduler, o)
    trace = []
    for epoch in range(epochs):
        if epoch == reload_at:
            saved, saved_o = scheduler.state_dict(), o.state_dict()
            o = optimizer(lib)
            scheduler = make(lib.optim.lr_scheduler, o)
            scheduler.load_state_dict(saved)
            o.load_state_dict(saved_o)
        trace.append((scheduler.get_last_lr(), [g["lr"] for g in o.param_groups], scheduler.last_epoch))
        o.step()
        scheduler.step()
    return trace, scheduler


@pytest.mark.parametrize("reload_at", [None, 30], ids=["straight", "resumed"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_rates(name, reload_at):
    (ours, mine), (theirs, other) = (rates(lib, SCHEDULERS[name], reload_at) for lib in (sparkle, torch))
    for a, b in zip(ours, theirs, strict=True):
        assert a[0] == pytest.approx(b[0], rel=1e-12, abs=1e-15)
        assert a[1] == pytest.approx(b[1], rel=1e-12, abs=1e-15)
        assert a[2] == b[2]
    if name != "SequentialLR":
        assert set(mine.state_dict()) == set(other.state_dict())


CLOSED = ["StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR"]


@pytest.mark.parametrize("name", CLOSED)
def test_epoch_given(name):
    results = []
    for lib in (sparkle, torch):
        o = optimizer(lib)
        scheduler = SCHEDULERS[name](lib.optim.lr_scheduler, o)
        o.step()
        for epoch in (3, 12, 5):
            with pytest.warns(UserWarning, match="epoch parameter"):
                scheduler.step(epoch)
            results.append(scheduler.get_last_lr())
    for a, b in zip(results[:3], results[3:], strict=True):
        assert a == pytest.approx(b, rel=1e-12)


def chained(lib):
    o = optimizer(lib)
    both = [lib.optim.lr_scheduler.ExponentialLR(o, 0.9), lib.optim.lr_scheduler.CosineAnnealingLR(o, 10)]
    trace = []
    for _ in range(25):
        o.step()
        for scheduler in both:
            scheduler.step()
        trace += [g["lr"] for g in o.param_groups]
    return trace


def test_chained():
    assert chained(sparkle) == pytest.approx(chained(torch), rel=1e-9, abs=1e-15)


METRICS = [5, 4, 4, 3.9999, 3.9, 3.9, 3.9, 3.9, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 2.5, 2.4999, 2.4998, 2.4998, 2.5]
PLATEAUS = [
    {"patience": 1},
    {"patience": 2, "factor": 0.5, "cooldown": 2},
    {"mode": "max", "patience": 0, "threshold": 0.1},
    {"threshold_mode": "abs", "threshold": 0.01, "patience": 1, "min_lr": [0.02, 0.1]},
    {"mode": "max", "threshold_mode": "abs", "patience": 1, "eps": 0.01},
]


@pytest.mark.parametrize("options", PLATEAUS)
def test_plateau(options):
    traces = []
    for lib in (sparkle, torch):
        o = optimizer(lib)
        scheduler = lib.optim.lr_scheduler.ReduceLROnPlateau(o, **options)
        trace = []
        for i, value in enumerate(METRICS):
            if i == 10:
                saved = scheduler.state_dict()
                scheduler = lib.optim.lr_scheduler.ReduceLROnPlateau(o, **options)
                scheduler.load_state_dict(saved)
            scheduler.step(lib.tensor(value) if i % 2 else value)
            trace += [*scheduler.get_last_lr(), scheduler.num_bad_epochs, scheduler.in_cooldown]
        traces.append((trace, set(scheduler.state_dict())))
    assert traces[0] == traces[1]


MISUSE = [
    lambda lib, L: L.StepLR(3, 3),
    lambda lib, L: L.StepLR(optimizer(lib), 3, last_epoch=5),
    lambda lib, L: L.LambdaLR(optimizer(lib), [lambda e: 1]),
    lambda lib, L: L.LambdaLR(optimizer(lib), 3),
    lambda lib, L: L.MultiplicativeLR(optimizer(lib), 3),
    lambda lib, L: L.ConstantLR(optimizer(lib), factor=2),
    lambda lib, L: L.LinearLR(optimizer(lib), start_factor=0),
    lambda lib, L: L.LinearLR(optimizer(lib), end_factor=2),
    lambda lib, L: L.ReduceLROnPlateau(optimizer(lib), factor=1.0),
    lambda lib, L: L.ReduceLROnPlateau(optimizer(lib), mode="x"),
    lambda lib, L: L.ReduceLROnPlateau(optimizer(lib), threshold_mode="x"),
    lambda lib, L: L.ReduceLROnPlateau(optimizer(lib), min_lr=[1]),
    lambda lib, L: L.ReduceLROnPlateau(3),
    lambda lib, L: L.SequentialLR(optimizer(lib), [L.ConstantLR(optimizer(lib))], []),
    lambda lib, L: L.SequentialLR(optimizer(lib), [], []),
    lambda lib, L: one_too_many(lib, L),
    lambda lib, L: L.LRScheduler(optimizer(lib)),
]


def one_too_many(lib, L):
    o = optimizer(lib)
    L.SequentialLR(o, [L.ConstantLR(o)], [3])


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch, torch.optim.lr_scheduler)
    with pytest.raises(theirs.type):
        call(sparkle, sparkle.optim.lr_scheduler)


def test_step_before_the_optimizer_warns():
    for lib in (sparkle, torch):
        with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
            lib.optim.lr_scheduler.StepLR(optimizer(lib), 3).step()
        with pytest.warns(UserWarning, match="get_last_lr"):
            lib.optim.lr_scheduler.StepLR(optimizer(lib), 3).get_lr()
