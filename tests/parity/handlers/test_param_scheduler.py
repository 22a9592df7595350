"""Values of schedulers over 60 events and more, and over a save and load in the middle, in both libraries."""

from __future__ import annotations

import warnings

import ignite.handlers.param_scheduler
import pytest
import torch
from torch.optim import lr_scheduler as schedules

import sparkle.handlers
import sparkle.handlers.param_scheduler

EVENTS = 70
LIBRARIES = (ignite.handlers.param_scheduler, sparkle.handlers.param_scheduler)


def optimizer(*rates):
    """One of torch's, as the schedulers of both libraries know it by its groups only."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates or (0.5,)]
    return torch.optim.SGD(groups, lr=0.1, momentum=0.5)


def cyclical(name, **options):
    def make(lib, opt):
        kwargs = {"param_name": "lr", "start_value": 1.0, "end_value": 0.1, "cycle_size": 10, **options}
        return getattr(lib, name)(opt, **kwargs)

    return make


def piecewise(milestones_values, **options):
    return lambda lib, opt: lib.PiecewiseLinear(opt, "lr", milestones_values=milestones_values, **options)


def concat(durations, *makers):
    return lambda lib, opt: lib.ConcatScheduler([make(lib, opt) for make in makers], durations=list(durations))


def groups(*makers):
    return lambda lib, opt: lib.ParamGroupScheduler([make(lib, opt) for make in makers])


def warm(make_schedule, *args, **kwargs):
    def make(lib, opt):
        return lib.create_lr_scheduler_with_warmup(make_schedule(lib, opt), *args, **kwargs)

    return make


def exponential(lib, opt):
    return schedules.ExponentialLR(opt, gamma=0.98)


def step(lib, opt):
    return schedules.StepLR(opt, step_size=5, gamma=0.7)


def cosine(lib, opt):
    return lib.CosineAnnealingScheduler(opt, "lr", 0.5, 0.01, 20)


LINE, WAVE, PATH = "LinearCyclicalScheduler", "CosineAnnealingScheduler", [(5, 1.0), (15, 0.5), (15, 0.9), (40, 0.0)]
CASES = {
    "there and back": cyclical(LINE),
    "odd cycle": cyclical(LINE, cycle_size=7),
    "growing": cyclical(LINE, cycle_mult=1.5, start_value_mult=0.5, end_value_mult=0.8),
    "shrinking": cyclical(LINE, cycle_size=40, cycle_mult=0.6),
    "saw": cyclical(LINE, monotonic=True, start_value_mult=0.9),
    "saw with warm-up": cyclical(LINE, monotonic=True, warmup_duration=4, cycle_mult=1.3, start_value_mult=0.5),
    "cosine": cyclical(WAVE),
    "cosine growing": cyclical(WAVE, cycle_size=6, cycle_mult=2, start_value_mult=0.5, end_value_mult=2.0),
    "cosine with warm-up": cyclical(WAVE, warmup_duration=5, start_value_mult=0.7, end_value_mult=0.5),
    "cosine, short warm-up": cyclical(WAVE, cycle_size=3, warmup_duration=1, cycle_mult=1.5),
    "second group": cyclical(WAVE, param_group_index=1),
    "momentum": cyclical(WAVE, param_name="momentum"),
    "milestones": piecewise(PATH),
    "one milestone": piecewise([(3, 0.25)]),
    "milestones of a group": piecewise(PATH, param_group_index=0),
    "one after another": concat([10, 25], cyclical(LINE), cyclical(WAVE), piecewise(PATH)),
    "none of the first": concat([0, 3], cyclical(LINE), cyclical(WAVE), piecewise(PATH)),
    "joint in a row": concat(
        [8], groups(cyclical(LINE, param_group_index=0), piecewise(PATH, param_group_index=1)), cosine
    ),
    "side by side": groups(cyclical(LINE, param_group_index=0), cyclical(WAVE, param_group_index=1)),
    "two parameters": groups(cyclical(LINE), cyclical(WAVE, param_name="momentum")),
    "warm-up": warm(exponential, 0.0, 10),
    "warm-up of two": warm(exponential, 0.0, 2),
    "warm-up to elsewhere": warm(exponential, 0.0, 10, warmup_end_value=0.3),
    "warm-up before steps": warm(step, 0.01, 7, warmup_end_value=0.5),
    "warm-up before ours": warm(cosine, 0.0, 10),
    "warm-up of two before ours": warm(cosine, 0.0, 2),
    "warm-up of ours to elsewhere": warm(cosine, 0.1, 10, warmup_end_value=0.9),
}
# Ignite lets a scheduler after a warm-up begin once for each group, so that there may be one group only.
ONE_GROUP = {name for name in CASES if name.startswith("warm-up")}


def rates_of(name):
    return (0.5,) if name in ONE_GROUP else (0.5, 0.25)


def settings(opt):
    return [(group["lr"], group["momentum"]) for group in opt.param_groups]


def values(lib, name, reload_at=None):
    opt = optimizer(*rates_of(name))
    scheduler = CASES[name](lib, opt)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for index in range(EVENTS):
            if index == reload_at:
                state, memory = scheduler.state_dict(), opt.state_dict()
                opt = optimizer(*rates_of(name))
                scheduler = CASES[name](lib, opt)
                opt.load_state_dict(memory)
                scheduler.load_state_dict(state)
            scheduler(None)
            found.append(settings(opt))
    return torch.tensor(found, dtype=torch.float64)


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    theirs, ours = (values(lib, name) for lib in LIBRARIES)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_exact_after_reload(name):
    whole = values(LIBRARIES[1], name)
    for index in (1, 2, 9, 10, 11, 12, 15, 16, 40):
        assert torch.equal(values(LIBRARIES[1], name, reload_at=index), whole)


# torch's schedulers: the values are those that torch itself sets, step by step. Ignite 0.5.5 begins some of them with
# their second value, and cannot wrap others.
SCHEDULES = {
    "StepLR": lambda opt: schedules.StepLR(opt, 7, 0.5),
    "MultiStepLR": lambda opt: schedules.MultiStepLR(opt, [3, 20, 21], 0.5),
    "ExponentialLR": lambda opt: schedules.ExponentialLR(opt, 0.95),
    "LambdaLR": lambda opt: schedules.LambdaLR(opt, lambda epoch: 1 / (1 + epoch)),
    "MultiplicativeLR": lambda opt: schedules.MultiplicativeLR(opt, lambda epoch: 0.9),
    "CosineAnnealingLR": lambda opt: schedules.CosineAnnealingLR(opt, 25, 0.01),
    "PolynomialLR": lambda opt: schedules.PolynomialLR(opt, 50, 2.0),
    "CyclicLR": lambda opt: schedules.CyclicLR(opt, 0.1, 1.0, step_size_up=9),
    "OneCycleLR": lambda opt: schedules.OneCycleLR(opt, 1.0, total_steps=100),
    "ConstantLR": lambda opt: schedules.ConstantLR(opt, 0.3, 9),
    "LinearLR": lambda opt: schedules.LinearLR(opt, 0.3, 1.0, 12),
    "CosineAnnealingWarmRestarts": lambda opt: schedules.CosineAnnealingWarmRestarts(opt, 5, 2, 0.01),
    "SequentialLR": lambda opt: schedules.SequentialLR(
        opt, [schedules.ConstantLR(opt, 0.1, 5), schedules.ExponentialLR(opt, 0.9)], [5]
    ),
    "ChainedScheduler": lambda opt: schedules.ChainedScheduler(
        [schedules.ConstantLR(opt, 0.1, 5), schedules.ExponentialLR(opt, 0.9)]
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("reload_at", [None, 1, 2, 5, 6, 40])
@pytest.mark.filterwarnings("ignore:.*lr_scheduler:UserWarning")
def test_schedule(name, reload_at):
    ours, theirs = [], []
    opt = optimizer(0.5, 0.25)
    schedule = SCHEDULES[name](opt)
    for _ in range(EVENTS):
        theirs.append(settings(opt))
        opt.step()
        schedule.step()
    opt = optimizer(0.5, 0.25)
    handler = sparkle.handlers.LRScheduler(SCHEDULES[name](opt))
    for index in range(EVENTS):
        if index == reload_at:
            state, memory = handler.state_dict(), opt.state_dict()
            opt = optimizer(0.5, 0.25)
            handler = sparkle.handlers.LRScheduler(SCHEDULES[name](opt))
            opt.load_state_dict(memory)
            handler.load_state_dict(state)
        handler(None)
        ours.append(settings(opt))
        for group in opt.param_groups:
            group["lr"] = 7.0  # what happens between two events makes no difference
    assert torch.equal(torch.tensor(ours, dtype=torch.float64), torch.tensor(theirs, dtype=torch.float64))


@pytest.mark.parametrize("name", ["StepLR", "LambdaLR", "CosineAnnealingWarmRestarts", "OneCycleLR"])
def test_peeking_changes_nothing(name):
    opt = optimizer(0.5, 0.25)
    handler = sparkle.handlers.LRScheduler(SCHEDULES[name](opt))
    simulated = sparkle.handlers.LRScheduler.simulate_values(EVENTS, handler.lr_scheduler)
    for index in range(EVENTS):
        before = settings(opt)
        assert handler.get_param() == handler.get_param()
        assert settings(opt) == before
        promised = handler.get_param()
        handler(None)
        assert promised == [group["lr"] for group in opt.param_groups] == simulated[index][1:]


@pytest.mark.parametrize("name", ["one after another", "warm-up", "warm-up before ours"])
def test_simulation_of_concatenated(name):
    def simulate(lib):
        opt = optimizer(0.5)
        joint = CASES[name](lib, opt)
        rows = lib.ConcatScheduler.simulate_values(EVENTS, joint.schedulers, joint.durations)
        joint(None)
        return rows, settings(opt)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (theirs, after_theirs), (ours, after_ours) = map(simulate, LIBRARIES)
    torch.testing.assert_close(torch.tensor(ours), torch.tensor(theirs), rtol=1e-12, atol=1e-15)
    assert after_ours == after_theirs
