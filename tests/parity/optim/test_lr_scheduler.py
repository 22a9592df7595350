"""Learning rate schedulers against torch, step for step over 60 steps, through a save and load in the middle."""

from __future__ import annotations

import pytest
import torch

import sparkle

# A ChainedScheduler inside of a SequentialLR is stepped by it before the optimizer is.
pytestmark = pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")

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
    "CosineAnnealingWarmRestarts": lambda L, o: L.CosineAnnealingWarmRestarts(o, 7),
    "CosineAnnealingWarmRestarts-2": lambda L, o: L.CosineAnnealingWarmRestarts(o, 5, T_mult=2, eta_min=0.01),
    "CyclicLR": lambda L, o: L.CyclicLR(o, 0.01, 0.2, step_size_up=7),
    "CyclicLR-2": lambda L, o: L.CyclicLR(o, [0.01, 0.1], [0.2, 1], 5, 9, mode="triangular2", base_momentum=[0.1, 0.3]),
    "CyclicLR-exp": lambda L, o: L.CyclicLR(o, 0.01, 0.2, 6, mode="exp_range", gamma=0.97, cycle_momentum=False),
    "CyclicLR-own": lambda L, o: L.CyclicLR(o, 0.01, 0.2, 6, scale_fn=lambda x: 1 / x),
    "CyclicLR-steps": lambda L, o: L.CyclicLR(o, 0.01, 0.2, 6, scale_fn=lambda x: 0.99**x, scale_mode="iterations"),
    "OneCycleLR": lambda L, o: L.OneCycleLR(o, 0.5, total_steps=61),
    "OneCycleLR-linear": lambda L, o: L.OneCycleLR(
        o, [0.5, 1.0], epochs=9, steps_per_epoch=7, anneal_strategy="linear"
    ),
    "OneCycleLR-3": lambda L, o: L.OneCycleLR(o, 0.5, 70, three_phase=True, div_factor=9.0, max_momentum=[0.9, 0.8]),
    "OneCycleLR-rates": lambda L, o: L.OneCycleLR(o, 0.5, 61, pct_start=0.6, cycle_momentum=False, final_div_factor=3),
    "ChainedScheduler": lambda L, o: L.ChainedScheduler([L.ConstantLR(o, 0.1, 9), L.ExponentialLR(o, 0.9)]),
    "ChainedScheduler-3": lambda L, o: L.ChainedScheduler(
        [L.LinearLR(o), L.CosineAnnealingLR(o, 9, 0.01), L.StepLR(o, 20)], optimizer=o
    ),
    "SequentialLR-chained": lambda L, o: L.SequentialLR(
        o, [L.ChainedScheduler([L.LinearLR(o, 0.1), L.ExponentialLR(o, 0.95)]), L.CosineAnnealingLR(o, 20)], [17]
    ),
    "SequentialLR-nested": lambda L, o: L.SequentialLR(
        o,
        [L.SequentialLR(o, [L.StepLR(o, 3), L.ConstantLR(o)], [9]), L.CosineAnnealingWarmRestarts(o, 4)],
        [20],
    ),
    "SequentialLR": lambda L, o: L.SequentialLR(o, [L.ConstantLR(o, 0.1), L.LinearLR(o), L.StepLR(o, 4)], [5, 40]),
}


def optimizer(lib, name="SGD"):
    params = [lib.ones(2, requires_grad=True) for _ in range(2)]
    return getattr(lib.optim, name)([{"params": params[:1]}, {"params": params[1:], "lr": 0.5}], lr=0.1)


def momenta(o):
    return [g["betas"][0] if "betas" in g else g["momentum"] for g in o.param_groups]


def rates(lib, make, reload_at, name, epochs=60):
    o = optimizer(lib, name)
    scheduler = make(lib.optim.lr_scheduler, o)
    trace = []
    for epoch in range(epochs):
        if epoch == reload_at:
            saved, saved_o = scheduler.state_dict(), o.state_dict()
            o = optimizer(lib, name)
            scheduler = make(lib.optim.lr_scheduler, o)
            scheduler.load_state_dict(saved)
            o.load_state_dict(saved_o)
        last_epoch = getattr(scheduler, "last_epoch", None)
        trace.append((scheduler.get_last_lr(), [g["lr"] for g in o.param_groups], momenta(o), last_epoch))
        o.step()
        scheduler.step()
    return trace, scheduler


@pytest.mark.parametrize("reload_at", [None, 30], ids=["straight", "resumed"])
@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("of", ["SGD", "Adam"])
def test_rates(name, reload_at, of):
    (ours, mine), (theirs, other) = (rates(lib, SCHEDULERS[name], reload_at, of) for lib in (sparkle, torch))
    for a, b in zip(ours, theirs, strict=True):
        for i in range(3):
            assert a[i] == pytest.approx(b[i], rel=1e-12, abs=1e-15)
        assert a[3] == b[3]
    assert set(mine.state_dict()) - {"_is_initial"} == set(other.state_dict()) - {"_is_initial", "_scale_fn_ref"}


@pytest.mark.parametrize("name", [name for name in SCHEDULERS if "steps" not in name and "own" not in name])
def test_rates_from_torch(name):
    """A scheduler goes on from the state dict of torch's."""
    theirs, _ = rates(torch, SCHEDULERS[name], None, "SGD")
    _, half = rates(torch, SCHEDULERS[name], None, "SGD", epochs=30)
    o = optimizer(sparkle)
    scheduler = SCHEDULERS[name](sparkle.optim.lr_scheduler, o)
    scheduler.load_state_dict(half.state_dict())
    for group, lr in zip(o.param_groups, half.get_last_lr(), strict=True):
        group["lr"] = lr
    for epoch in range(30, 60):
        assert scheduler.get_last_lr() == pytest.approx(theirs[epoch][0], rel=1e-12, abs=1e-15)
        o.step()
        scheduler.step()


@pytest.mark.parametrize("name", SCHEDULERS)
def test_tensor_rates(name):
    """A rate that is a tensor stays the same tensor, with the schedule's values."""
    traces = []
    for lib in (sparkle, torch):
        lr = lib.tensor(0.1, dtype=lib.float64)
        o = lib.optim.SGD([lib.ones(2, requires_grad=True)], lr=lr)
        o.add_param_group({"params": [lib.ones(2, requires_grad=True)], "lr": 0.5})
        scheduler = SCHEDULERS[name](lib.optim.lr_scheduler, o)
        trace = []
        for _ in range(40):
            o.step()
            scheduler.step()
            assert o.param_groups[0]["lr"] is lr
            trace += [lr.item(), *map(float, scheduler.get_last_lr())]
        traces.append(trace)
    assert traces[0] == pytest.approx(traces[1], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("T_mult", [1, 2, 3])
def test_restarts_within_epochs(T_mult):
    traces = []
    for lib in (sparkle, torch):
        o = optimizer(lib)
        scheduler = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 4, T_mult=T_mult)
        trace = []
        for epoch in (0, 0.3, 1, 3.9, 4, 4.5, 11, 12.25, 13, 40, None, None, 2.5, None):
            scheduler.step(epoch)
            trace += [*scheduler.get_last_lr(), scheduler.T_cur, scheduler.T_i, scheduler.last_epoch]
        traces.append(trace)
    assert traces[0] == pytest.approx(traces[1], rel=1e-12)


class Halving:
    """A scale function with a state."""

    def __init__(self):
        self.base = 1.0

    def __call__(self, x):
        return self.base / x


def test_fields_of_scale_functions_are_saved():
    traces = []
    for lib in (sparkle, torch):
        o, scale = optimizer(lib), Halving()
        scheduler = lib.optim.lr_scheduler.CyclicLR(o, 0.01, 0.2, 3, scale_fn=scale)
        scale.base = 0.5
        state = scheduler.state_dict()
        scheduler = lib.optim.lr_scheduler.CyclicLR(o, 0.01, 0.2, 3, scale_fn=Halving())
        scheduler.load_state_dict(state)
        o.step()
        scheduler.step()
        traces.append(scheduler.get_last_lr())
    assert traces[0] == pytest.approx(traces[1], rel=1e-12)


@pytest.mark.parametrize("last_epoch", [0, 5, 13])
@pytest.mark.parametrize("name", ["StepLR", "CosineAnnealingLR", "PolynomialLR", "LambdaLR", "ExponentialLR"])
def test_resumed_by_last_epoch(name, last_epoch):
    makes = {
        "StepLR": lambda L, o: L.StepLR(o, 4, last_epoch=last_epoch),
        "CosineAnnealingLR": lambda L, o: L.CosineAnnealingLR(o, 6, last_epoch=last_epoch),
        "PolynomialLR": lambda L, o: L.PolynomialLR(o, 20, last_epoch=last_epoch),
        "LambdaLR": lambda L, o: L.LambdaLR(o, lambda e: 0.9**e, last_epoch=last_epoch),
        "ExponentialLR": lambda L, o: L.ExponentialLR(o, 0.9, last_epoch=last_epoch),
    }
    traces = []
    for lib in (sparkle, torch):
        o = optimizer(lib)
        for group in o.param_groups:
            group["initial_lr"] = 2.0
        scheduler = makes[name](lib.optim.lr_scheduler, o)
        trace = [*scheduler.get_last_lr()]
        for _ in range(10):
            o.step()
            scheduler.step()
            trace += scheduler.get_last_lr()
        traces.append(trace)
    assert traces[0] == pytest.approx(traces[1], rel=1e-12, abs=1e-15)


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
    lambda lib, L: L.ChainedScheduler([]),
    lambda lib, L: L.ChainedScheduler([3], optimizer(lib)),
    lambda lib, L: L.ChainedScheduler([L.ConstantLR(optimizer(lib)), L.ConstantLR(optimizer(lib))]),
    lambda lib, L: L.ChainedScheduler([L.ReduceLROnPlateau(optimizer(lib))]),
    lambda lib, L: L.SequentialLR(optimizer(lib), [3], []),
    lambda lib, L: chained_later(lib, L),
    lambda lib, L: L.CyclicLR(3, 0.1, 0.2),
    lambda lib, L: L.CyclicLR(optimizer(lib), 0.1, 0.2, mode="x"),
    lambda lib, L: L.CyclicLR(optimizer(lib), [0.1], 0.2),
    lambda lib, L: L.CyclicLR(optimizer(lib), 0.1, [0.2]),
    lambda lib, L: L.CyclicLR(optimizer(lib), 0.1, 0.2, base_momentum=[0.3]),
    lambda lib, L: L.CyclicLR(optimizer(lib, "Adagrad"), 0.1, 0.2),
    lambda lib, L: L.OneCycleLR(3, 0.1, 5),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, epochs=3),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, 0),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, 1.5),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, epochs=0, steps_per_epoch=2),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, epochs=2, steps_per_epoch=1.5),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, 5, pct_start=2.0),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, 5, pct_start=1),
    lambda lib, L: L.OneCycleLR(optimizer(lib), 0.1, 5, anneal_strategy="x"),
    lambda lib, L: L.OneCycleLR(optimizer(lib), [0.1], 5),
    lambda lib, L: L.OneCycleLR(optimizer(lib, "Adagrad"), 0.1, 5),
    lambda lib, L: too_long(lib, L),
    lambda lib, L: L.CosineAnnealingWarmRestarts(optimizer(lib), 0),
    lambda lib, L: L.CosineAnnealingWarmRestarts(optimizer(lib), 1.5),
    lambda lib, L: L.CosineAnnealingWarmRestarts(optimizer(lib), 5, 0),
    lambda lib, L: L.CosineAnnealingWarmRestarts(optimizer(lib), 5, 1.5),
    lambda lib, L: L.CosineAnnealingWarmRestarts(optimizer(lib), 5, eta_min="x"),
    lambda lib, L: L.CosineAnnealingWarmRestarts(optimizer(lib), 5).step(-1),
    lambda lib, L: L.LRScheduler(optimizer(lib)),
]


def chained_later(lib, L):
    o = optimizer(lib)
    L.SequentialLR(o, [L.ConstantLR(o), L.ChainedScheduler([L.ConstantLR(o)])], [1]).step()


def too_long(lib, L):
    scheduler = L.OneCycleLR(optimizer(lib), 0.1, 5)
    for _ in range(9):
        scheduler.step()


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


def test_steps_before_the_scheduler_do_not_count():
    for lib in (sparkle, torch):
        o = optimizer(lib)
        o.step()
        with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
            lib.optim.lr_scheduler.StepLR(o, 3).step()


def test_old_name():
    for lib in (sparkle, torch):
        L = lib.optim.lr_scheduler
        assert issubclass(L._LRScheduler, L.LRScheduler)
