"""Schedulers, finder, averages, stores and profilers: names, arguments, defaults, and the classes of errors."""

from __future__ import annotations

import importlib
import inspect

import pytest
import torch

import sparkle.handlers

SCHEDULERS = [
    "CosineAnnealingScheduler",
    "LinearCyclicalScheduler",
    "PiecewiseLinear",
    "ConcatScheduler",
    "ParamGroupScheduler",
    "LRScheduler",
    "ReduceLROnPlateauScheduler",
    "BatchSizeScheduler",
    "ExpStateScheduler",
    "LambdaStateScheduler",
]
METHODS = [
    *((name, method) for name in SCHEDULERS for method in ("__call__", "state_dict", "load_state_dict", "get_param")),
    *((name, "simulate_values") for name in SCHEDULERS),
    *(("ParamScheduler", name) for name in ("attach", "plot_values")),
    *((name, "attach") for name in ("StateParamScheduler", "BatchSizeScheduler", "EMAHandler", "EpochOutputStore")),
    *(("EpochOutputStore", name) for name in ("reset", "update")),
    *(("FastaiLRFinder", name) for name in ("attach", "plot", "lr_suggestion", "apply_suggested_lr", "get_results")),
    *(
        (name, method)
        for name in ("BasicTimeProfiler", "HandlersTimeProfiler")
        for method in ("attach", "get_results", "write_results", "print_results")
    ),
]
MODULES = "param_scheduler state_param_scheduler lr_finder ema_handler stores time_limit time_profilers timing".split()
FOREIGN = ("torch", "ignite.engine", "typing", "collections", "pathlib")


def arguments(function):
    """(name, kind, default) of each parameter; a default that is a function or event by its name."""
    found = []
    for parameter in inspect.signature(function).parameters.values():
        default = parameter.default
        named = str(default) if hasattr(default, "value") else "function" if callable(default) else default
        found.append((parameter.name, parameter.kind, named))
    return found


@pytest.mark.parametrize(("owner", "name"), METHODS)
def test_methods(owner, name, both):
    theirs, ours = both(lambda lib: arguments(getattr(getattr(lib.handlers, owner), name)))
    assert ours == theirs


def test_more_arguments_of_the_linear_scheduler():
    """ignite takes `*args, monotonic, **kwagrs`; sparkle says which."""
    cosine = arguments(sparkle.handlers.CosineAnnealingScheduler)
    linear = arguments(sparkle.handlers.LinearCyclicalScheduler)
    assert linear == [*cosine, ("monotonic", inspect.Parameter.KEYWORD_ONLY, False)]


@pytest.mark.parametrize("module", MODULES)
def test_names_in_modules(module):
    theirs, ours = (importlib.import_module(f"{library}.handlers.{module}") for library in ("ignite", "sparkle"))
    own = {
        name
        for name, value in vars(theirs).items()
        if getattr(value, "__module__", None) == theirs.__name__ and not name.startswith("_")
    }
    assert own
    assert own <= set(vars(ours))


def optimizer(*rates):
    return torch.optim.SGD([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates or (0.1,)])


def engine(lib):
    return lib.engine.Engine(lambda engine, batch: batch)


def cyclic(lib, opt=None, **options):
    kwargs = {"param_name": "lr", "start_value": 1.0, "end_value": 0.1, "cycle_size": 10, **options}
    return lib.handlers.LinearCyclicalScheduler(opt or optimizer(), **kwargs)


def line(lib, milestones_values):
    return lib.handlers.PiecewiseLinear(optimizer(), "lr", milestones_values)


def concat(lib, schedulers=None, durations=(5,), **options):
    opt = optimizer()
    two = [cyclic(lib, opt=opt), cyclic(lib, opt=opt)]
    return lib.handlers.ConcatScheduler(two if schedulers is None else schedulers, durations=durations, **options)


def joint(lib, names=None, schedulers=None):
    return lib.handlers.ParamGroupScheduler([cyclic(lib)] if schedulers is None else schedulers, names)


def warm(lib, *args, **kwargs):
    return lib.handlers.create_lr_scheduler_with_warmup(cyclic(lib), *args, **kwargs)


def plateau(lib, **options):
    return lib.handlers.ReduceLROnPlateauScheduler(optimizer(0.1, 0.2), "loss", **options)


def batches(lib, loader=None, scheduler_fn=lambda index: 1):
    loader = torch.utils.data.DataLoader([1, 2, 3], batch_size=1) if loader is None else loader
    return lib.handlers.BatchSizeScheduler(loader, scheduler_fn)


def lines(lib, milestones_values):
    return lib.handlers.PiecewiseLinearStateScheduler(milestones_values, "x")


def exponent(lib, **options):
    return lib.handlers.ExpStateScheduler(1.0, 0.5, "x", **options)


def attach_existing(lib):
    trainer = engine(lib)
    trainer.state.x = 1
    exponent(lib, create_new=True).attach(trainer)


def find(lib, to_save=None, output=1.0, run=True, **options):
    trainer = lib.engine.Engine(lambda engine, batch: output)
    finder = lib.handlers.FastaiLRFinder()
    to_save = {"optimizer": optimizer(0.1, 0.2)} if to_save is None else to_save
    with finder.attach(trainer, to_save, **options) as trial:
        if run:
            trial.run(range(10))
    return finder


def average(lib, model=None, **options):
    return lib.handlers.EMAHandler(torch.nn.Linear(1, 1) if model is None else model, **options)


class Deaf:
    def state_dict(self):
        return {}


MISUSES = {
    "optimizer is a number": lambda lib: lib.handlers.PiecewiseLinear(3, "lr", [(0, 1.0)]),
    "optimizer without groups": lambda lib: lib.handlers.PiecewiseLinear(Deaf(), "lr", [(0, 1.0)]),
    "no such group": lambda lib: lib.handlers.PiecewiseLinear(optimizer(), "lr", [(0, 1.0)], param_group_index=2)(None),
    "cycle of one": lambda lib: cyclic(lib, cycle_size=1),
    "warm-up without monotonic": lambda lib: cyclic(lib, warmup_duration=3),
    "state is a number": lambda lib: cyclic(lib).load_state_dict(3),
    "state is empty": lambda lib: cyclic(lib).load_state_dict({}),
    "no milestones": lambda lib: line(lib, []),
    "milestones are a number": lambda lib: line(lib, 3),
    "milestones are lists": lambda lib: line(lib, [[0, 1.0]]),
    "milestone of three": lambda lib: line(lib, [(0, 1.0, 2.0)]),
    "milestone is a float": lambda lib: line(lib, [(0.5, 1.0)]),
    "milestones go back": lambda lib: line(lib, [(5, 1.0), (3, 1.0)]),
    "concat of a number": lambda lib: concat(lib, schedulers=3),
    "concat of one": lambda lib: concat(lib, schedulers=[cyclic(lib)]),
    "concat of numbers": lambda lib: concat(lib, schedulers=[1, 2]),
    "duration is a number": lambda lib: concat(lib, durations=3),
    "duration is a float": lambda lib: concat(lib, durations=[1.5]),
    "too many durations": lambda lib: concat(lib, durations=[1, 2]),
    "two optimizers": lambda lib: concat(lib, schedulers=[cyclic(lib), cyclic(lib)]),
    "two parameters": lambda lib: concat(
        lib, schedulers=[cyclic(lib, opt=(opt := optimizer())), cyclic(lib, opt=opt, param_name="momentum")]
    ),
    "concat state is a number": lambda lib: concat(lib).load_state_dict(3),
    "concat state is empty": lambda lib: concat(lib).load_state_dict({}),
    "concat state of others": lambda lib: concat(lib).load_state_dict({"schedulers": []}),
    "simulate a name": lambda lib: lib.handlers.ConcatScheduler.simulate_values(3, [cyclic(lib)] * 2, [1], "lr"),
    "simulate numbers": lambda lib: lib.handlers.ConcatScheduler.simulate_values(3, [cyclic(lib)] * 2, [1], [1]),
    "joint of a number": lambda lib: joint(lib, schedulers=3),
    "joint of numbers": lambda lib: joint(lib, schedulers=[1, 2]),
    "joint name is no list": lambda lib: joint(lib, names="lr"),
    "joint names are numbers": lambda lib: joint(lib, names=[1]),
    "joint names too many": lambda lib: joint(lib, names=["a", "b"]),
    "joint state is a number": lambda lib: joint(lib).load_state_dict(3),
    "joint state is empty": lambda lib: joint(lib).load_state_dict({}),
    "joint state of others": lambda lib: joint(lib).load_state_dict({"schedulers": []}),
    "joint state of another name": lambda lib: joint(lib).load_state_dict({"schedulers": [("x", {})]}),
    "wrap a number": lambda lib: lib.handlers.LRScheduler(3),
    "wrap an optimizer": lambda lib: lib.handlers.LRScheduler(optimizer()),
    "simulate a number": lambda lib: lib.handlers.LRScheduler.simulate_values(3, 3),
    "warm up a number": lambda lib: lib.handlers.create_lr_scheduler_with_warmup(3, 0.0, 5),
    "warm-up of half an event": lambda lib: warm(lib, 0.0, 0.5),
    "warm-up of one": lambda lib: warm(lib, 0.0, 1),
    "simulated values in a number": lambda lib: warm(lib, 0.0, 5, output_simulated_values=3),
    "warm up momentum": lambda lib: lib.handlers.create_lr_scheduler_with_warmup(
        cyclic(lib, param_name="momentum"), 0.0, 5
    ),
    "no such metric": lambda lib: plateau(lib)(engine(lib)),
    "plateau factor": lambda lib: plateau(lib, factor=1.5),
    "plateau mode": lambda lib: plateau(lib, mode="up"),
    "plateau threshold mode": lambda lib: plateau(lib, threshold_mode="up"),
    "plateau argument": lambda lib: plateau(lib, foo=1),
    "plateau bounds": lambda lib: plateau(lib, param_group_index=1, min_lr=[0.1, 0.2]),
    "plateau simulated": lambda lib: lib.handlers.ReduceLROnPlateauScheduler.simulate_values(3, [1.0], 0.1),
    "plateau state is empty": lambda lib: plateau(lib).load_state_dict({}),
    "loader is a list": lambda lib: batches(lib, [1, 2]),
    "loader without batches": lambda lib: batches(lib, torch.utils.data.DataLoader([1], batch_size=None)),
    "size is a number": lambda lib: batches(lib, scheduler_fn=3),
    "size is 0": lambda lib: batches(lib, scheduler_fn=lambda index: 0)(None),
    "size is a float": lambda lib: batches(lib, scheduler_fn=lambda index: 1.5)(None),
    "sizes simulated": lambda lib: lib.handlers.BatchSizeScheduler.simulate_values(3),
    "lambda is a number": lambda lib: lib.handlers.LambdaStateScheduler(3, "x"),
    "attribute exists": attach_existing,
    "state of lines": lambda lib: lines(lib, 3),
    "state lines go back": lambda lib: lines(lib, [(5, 1.0), (3, 1.0)]),
    "state scheduler's state": lambda lib: exponent(lib).load_state_dict(3),
    "state scheduler's empty state": lambda lib: exponent(lib).load_state_dict({}),
    "find in a number": lambda lib: find(lib, to_save=3),
    "find without optimizer": lambda lib: find(lib, to_save={}),
    "find with a number": lambda lib: find(lib, to_save={"optimizer": 3}),
    "find without a way back": lambda lib: find(lib, to_save={"optimizer": optimizer(), "x": Deaf()}),
    "find with a model": lambda lib: find(lib, to_save={"optimizer": torch.nn.Linear(1, 1)}),
    "smooth_f is 1": lambda lib: find(lib, smooth_f=1),
    "smooth_f is negative": lambda lib: find(lib, smooth_f=-0.1),
    "diverge_th is small": lambda lib: find(lib, diverge_th=0.5),
    "unknown step_mode": lambda lib: find(lib, step_mode="log"),
    "num_iter is a float": lambda lib: find(lib, num_iter=1.5),
    "num_iter is 0": lambda lib: find(lib, num_iter=0),
    "start_lr is text": lambda lib: find(lib, start_lr="a"),
    "end_lr is text": lambda lib: find(lib, end_lr="a"),
    "end_lr is None": lambda lib: find(lib, end_lr=None),
    "too few start_lr": lambda lib: find(lib, start_lr=[0.1]),
    "too few end_lr": lambda lib: find(lib, end_lr=[0.1]),
    "end before start": lambda lib: find(lib, start_lr=20.0),
    "loss is a dictionary": lambda lib: find(lib, output={"loss": 1.0}),
    "loss is text": lambda lib: find(lib, output="a"),
    "loss of two": lambda lib: find(lib, output=torch.zeros(2)),
    "loss of a matrix": lambda lib: find(lib, output=torch.zeros(1, 1)),
    "no run, no suggestion": lambda lib: lib.handlers.FastaiLRFinder().lr_suggestion(),
    "no run, no picture": lambda lib: lib.handlers.FastaiLRFinder().plot(),
    "nothing falls": lambda lib: find(lib).lr_suggestion(),
    "negative skip": lambda lib: find(lib).plot(skip_start=-1),
    "negative skip at the end": lambda lib: find(lib).plot(skip_end=-1),
    "other number of groups": lambda lib: find(lib).apply_suggested_lr(optimizer()),
    "momentum is 1": lambda lib: average(lib, momentum=1),
    "momentum is 0": lambda lib: average(lib, momentum=0),
    "average of a number": lambda lib: average(lib, model=3),
    "unknown handle_buffers": lambda lib: average(lib, handle_buffers="keep"),
    "time is text": lambda lib: lib.handlers.TimeLimit("1"),
    "time is None": lambda lib: lib.handlers.TimeLimit(None),
    "no time": lambda lib: lib.handlers.TimeLimit(0),
    "profile a number": lambda lib: lib.handlers.BasicTimeProfiler().attach(3),
    "profile handlers of a number": lambda lib: lib.handlers.HandlersTimeProfiler().attach(3),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_same_class_of_error(misuse, both):
    def raised(lib):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
            misuse(lib)
        return caught.type

    theirs, ours = both(raised)
    assert ours is theirs
