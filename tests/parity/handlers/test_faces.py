"""Names, arguments, defaults, and the classes of errors."""

from __future__ import annotations

import inspect

import ignite.handlers
import pytest

import sparkle.handlers
import sparkle.handlers.base_logger as base_logger
import sparkle.handlers.tensorboard_logger as tb_logger

# Those of ours that Ignite has, can be made here, and have arguments of their own.
OTHERS = {"TensorboardLogger", "WandBLogger", "ClearMLLogger", "NeptuneLogger", "PolyaxonLogger", "VisdomLogger"}
OTHERS |= {"LinearCyclicalScheduler"}  # Ignite takes anything there, and passes it on
CLASSES = sorted(set(sparkle.handlers.__all__) & set(ignite.handlers.__all__) - OTHERS)
METHODS = [
    *(("Checkpoint", name) for name in ("reset", "load_objects", "setup_filename_pattern", "get_default_score_fn")),
    *(("Checkpoint", name) for name in ("state_dict", "load_state_dict")),
    *(("EarlyStopping", name) for name in ("attach", "reset", "state_dict", "load_state_dict")),
    *(("Timer", name) for name in ("attach", "reset", "pause", "resume", "value", "step")),
    *(("ProgressBar", name) for name in ("attach", "log_message", "attach_opt_params_handler")),
]


def arguments(function):
    """(name, kind, default) of each parameter; a default that is a function or event by its name.

    What is taken by keyword only is left out: there, more is on offer here.
    """
    found = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            continue
        default = parameter.default
        named = str(default) if hasattr(default, "value") else "function" if callable(default) else default
        found.append((parameter.name, parameter.kind, named))
    return found


@pytest.mark.parametrize("name", CLASSES)
def test_constructors(name):
    assert arguments(getattr(sparkle.handlers, name)) == arguments(getattr(ignite.handlers, name))


@pytest.mark.parametrize(("owner", "name"), METHODS)
def test_methods(owner, name):
    ours, theirs = (getattr(getattr(library, owner), name) for library in (sparkle.handlers, ignite.handlers))
    assert arguments(ours) == arguments(theirs)


@pytest.mark.parametrize("name", [name for name in tb_logger.__all__ if name.endswith("Handler")])
def test_tensorboard_handlers(name):
    assert arguments(getattr(tb_logger, name)) == arguments(getattr(ignite.handlers.tensorboard_logger, name))


def test_names_of_modules():
    theirs = ignite.handlers
    assert set(tb_logger.__all__) == set(theirs.tensorboard_logger.__all__)
    assert set(sparkle.handlers.checkpoint.__all__) == set(theirs.checkpoint.__all__)
    bases = {name for name in vars(theirs.base_logger) if name.startswith("Base") and name != "BaseModel"}
    assert bases <= set(vars(base_logger))


class Thing:
    def state_dict(self):
        return {}


def nothing(*args):
    return 0


def engine(lib):
    return lib.engine.Engine(nothing)


def stopper(lib, **kwargs):
    return lib.handlers.EarlyStopping(**{"patience": 1, "score_function": nothing, "trainer": engine(lib), **kwargs})


def checkpoint(lib, **kwargs):
    return lib.handlers.Checkpoint(**{"to_save": {"a": Thing()}, "save_handler": nothing, **kwargs})


def output(lib, **kwargs):
    return lib.handlers.tensorboard_logger.OutputHandler("tag", **kwargs)


MISUSES = {
    "to_save is no mapping": lambda lib: checkpoint(lib, to_save=3),
    "object without a state": lambda lib: checkpoint(lib, to_save={"a": 3}),
    "save_handler is a number": lambda lib: checkpoint(lib, save_handler=3),
    "step is no function": lambda lib: checkpoint(lib, global_step_transform=3),
    "n_saved is 0": lambda lib: checkpoint(lib, n_saved=0),
    "key of the handler": lambda lib: checkpoint(lib, to_save={"checkpointer": Thing()}, include_self=True),
    "score is text": lambda lib: checkpoint(lib, score_function=lambda engine: "high")(engine(lib)),
    "no such metric": lambda lib: checkpoint(lib, score_name="acc")(engine(lib)),
    "unknown key of a pattern": lambda lib: checkpoint(lib, filename_pattern="{foo}")(engine(lib)),
    "sign of a score": lambda lib: lib.handlers.Checkpoint.get_default_score_fn("acc", 0.5),
    "load into a number": lambda lib: lib.handlers.Checkpoint.load_objects({"a": 3}, {"a": 1}),
    "load from a number": lambda lib: lib.handlers.Checkpoint.load_objects({}, 3),
    "checkpoint state is a number": lambda lib: checkpoint(lib).load_state_dict(3),
    "checkpoint state is empty": lambda lib: checkpoint(lib).load_state_dict({}),
    "reload without a disk": lambda lib: checkpoint(lib).reload_objects({}, global_step=1),
    "patience is 0": lambda lib: stopper(lib, patience=0),
    "score_function is no function": lambda lib: stopper(lib, score_function=3),
    "trainer is a number": lambda lib: stopper(lib, trainer=3),
    "threshold is negative": lambda lib: stopper(lib, threshold=-1),
    "unknown threshold_mode": lambda lib: stopper(lib, threshold_mode="x"),
    "unknown mode": lambda lib: stopper(lib, mode="x"),
    "stopper state is a number": lambda lib: stopper(lib).load_state_dict(3),
    "stopper state is empty": lambda lib: stopper(lib).load_state_dict({}),
    "timer at unknown event": lambda lib: lib.handlers.Timer().attach(engine(lib), start="foo"),
    "bar closes too early": lambda lib: lib.handlers.ProgressBar().attach(
        engine(lib), None, None, lib.engine.Events.COMPLETED, lib.engine.Events.STARTED
    ),
    "bar at an exception": lambda lib: lib.handlers.ProgressBar().attach(
        engine(lib), None, None, lib.engine.Events.EXCEPTION_RAISED
    ),
    "bar closes now and then": lambda lib: lib.handlers.ProgressBar().attach(
        engine(lib), closing_event_name=lib.engine.Events.EPOCH_COMPLETED(every=2)
    ),
    "bar shows a metric by name": lambda lib: lib.handlers.ProgressBar().attach(engine(lib), "loss"),
    "nothing to log": lambda lib: output(lib),
    "metrics by name": lambda lib: output(lib, metric_names="loss"),
    "output_transform is no function": lambda lib: output(lib, output_transform=3),
    "global step is no function": lambda lib: output(lib, metric_names="all", global_step_transform=3),
    "another logger": lambda lib: output(lib, metric_names="all")(engine(lib), 3, lib.engine.Events.STARTED),
    "optimizer is a number": lambda lib: lib.handlers.tensorboard_logger.OptimizerParamsHandler(3),
    "model is a number": lambda lib: lib.handlers.tensorboard_logger.WeightsHistHandler(3),
    "log at an exception": lambda lib: lib.handlers.ProgressBar.mro()[1].attach(
        lib.handlers.ProgressBar(), engine(lib), nothing, lib.engine.Events.EXCEPTION_RAISED
    ),
    "output is None": lambda lib: lib.handlers.TerminateOnNan()(engine(lib)),
}


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_same_class_of_error(misuse, both):
    def raised(lib):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
            misuse(lib)
        return caught.type

    theirs, ours = both(raised)
    assert ours is theirs
