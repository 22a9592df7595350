"""What loggers log, at which events, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from sparkle.engine import Engine, EventEnum, Events, State
from sparkle.handlers.base_logger import (
    BaseLogger,
    BaseOptimizerParamsHandler,
    BaseOutputHandler,
    BaseWeightsHandler,
    BaseWeightsScalarHandler,
)


class Output(BaseOutputHandler):
    def __call__(self, engine, logger, event_name):
        logger.lines.append((self._setup_output_metrics_state_attrs(engine, key_tuple=False), event_name))


class Parameters(BaseOptimizerParamsHandler):
    def __call__(self, engine, logger, event_name):
        logger.lines.append((dict(self.values()), event_name))


class Weights(BaseWeightsHandler):
    def __call__(self, engine, logger, event_name):
        raise NotImplementedError


class WeightsScalar(BaseWeightsScalarHandler):
    def __call__(self, engine, logger, event_name):
        raise NotImplementedError


class Logger(BaseLogger):
    def __init__(self):
        self.lines = []

    def _create_output_handler(self, *args, **kwargs):
        return Output(*args, **kwargs)

    def _create_opt_params_handler(self, *args, **kwargs):
        return Parameters(*args, **kwargs)


@pytest.fixture
def engine():
    engine = Engine(lambda engine, batch: batch)
    engine.state = State(iteration=5, epoch=2, output=1.5, alpha=0.5, beta=[1, 2])
    engine.state.metrics = {
        "loss": 0.5,
        "vector": np.array([1.0, 2.0]),
        "scalar": np.float32(0.25),
        "nested": {"x": [1]},
    }
    return engine


FOUND = [
    ({"metric_names": ["loss"]}, {"loss": 0.5}),
    ({"metric_names": ("loss",)}, {"loss": 0.5}),
    ({"metric_names": "all"}, {"loss": 0.5, "vector/0": 1, "vector/1": 2, "scalar": 0.25, "nested/x/0": 1}),
    ({"output_transform": lambda output: output}, {"output": 1.5}),
    ({"output_transform": lambda output: {"a": output, "b": (2, 3)}}, {"a": 1.5, "b/0": 2, "b/1": 3}),
    ({"output_transform": lambda output: [1, 2]}, {"output/0": 1, "output/1": 2}),
    ({"output_transform": lambda output: np.array(3)}, {"output": 3}),
    ({"state_attributes": ["alpha", "beta"]}, {"alpha": 0.5, "beta/0": 1, "beta/1": 2}),
    ({"state_attributes": ["alpha"], "metric_names": ["loss"]}, {"loss": 0.5, "alpha": 0.5}),
]


@pytest.mark.parametrize(("kwargs", "found"), FOUND)
def test_what_is_logged(kwargs, found, engine):
    handler = Output("tag", **kwargs)
    assert handler._setup_output_metrics_state_attrs(engine, key_tuple=False) == {
        f"tag/{k}": v for k, v in found.items()
    }
    assert set(map("/".join, handler._setup_output_metrics_state_attrs(engine))) == {f"tag/{k}" for k in found}


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"metric_names": ["loss", "missing"]}, "metric 'missing' is not there"),
        ({"state_attributes": ["missing"], "metric_names": ["loss"]}, "state attribute 'missing' is not there"),
        (
            {"output_transform": lambda output: "text", "metric_names": ["loss"]},
            "output is a str, which cannot be logged",
        ),
        ({"output_transform": lambda output: np.ones((2, 2)), "metric_names": ["loss"]}, "output is a ndarray"),
    ],
)
def test_what_cannot_be_logged_is_left_out_with_a_warning(kwargs, message, engine):
    with pytest.warns(UserWarning, match=message):
        assert Output("tag", **kwargs)._setup_output_metrics_state_attrs(engine) == {("tag", "loss"): 0.5}


def test_text_where_it_can_be_logged(engine):
    handler = Output("tag", output_transform=lambda output: {"name": "text"})
    assert handler._setup_output_metrics_state_attrs(engine, log_text=True) == {("tag", "name"): "text"}


MISUSES = [
    ({}, ValueError, "nothing to log"),
    ({"metric_names": 3}, TypeError, "metric_names: met 3"),
    ({"metric_names": "loss"}, TypeError, "metric_names: met 'loss'"),
    ({"output_transform": 3}, TypeError, "output_transform: met int 3"),
    ({"metric_names": "all", "global_step_transform": 3}, TypeError, "global_step_transform: met int 3"),
    ({"state_attributes": "alpha"}, TypeError, "state_attributes: met 'alpha'"),
]


@pytest.mark.parametrize(("kwargs", "error", "message"), MISUSES, ids=str)
def test_output_misuse(kwargs, error, message):
    with pytest.raises(error, match=message):
        Output("tag", **kwargs)


@pytest.mark.parametrize("optimizer", [3, {"param_groups": []}])
def test_optimizer_misuse(optimizer):
    with pytest.raises(TypeError, match="wanted an optimizer with param_groups"):
        Parameters(optimizer)


def test_optimizer_parameters(optimizer):
    assert list(Parameters(optimizer).values()) == [("lr/group_0", 0.5), ("lr/group_1", 0.25)]
    assert dict(Parameters(optimizer, "momentum", tag="T").values())["T/momentum/group_1"] == 0.5
    with pytest.raises(KeyError, match="parameter group 0 has no 'betas'"):
        list(Parameters(optimizer, "betas").values())


@pytest.mark.parametrize(
    ("whitelist", "names"),
    [
        (None, ["fc.weight", "fc.bias", "frozen"]),
        (["fc"], ["fc.weight", "fc.bias"]),
        (["fc.w", "fro"], ["fc.weight", "frozen"]),
        (["weight"], []),
        (lambda name, weight: weight.grad is None, ["frozen"]),
    ],
)
def test_whitelist(whitelist, names, model):
    assert [name for name, _ in Weights(model, whitelist=whitelist).weights] == names


def test_weights_misuse(model):
    with pytest.raises(TypeError, match="model: met int"):
        Weights(3)
    for whitelist in (3, [3]):
        with pytest.raises(TypeError, match="whitelist: met"):
            Weights(model, whitelist=whitelist)
    with pytest.raises(TypeError, match="reduction: met 3"):
        WeightsScalar(model, reduction=3)
    with pytest.raises(TypeError, match="<lambda> gave FakeTensor"):
        WeightsScalar(model, reduction=lambda tensor: tensor)


class CustomEvents(EventEnum):
    CUSTOM = "custom"


@pytest.mark.parametrize(
    "event",
    [
        Events.TERMINATE,
        Events.TERMINATE_SINGLE_EPOCH,
        Events.INTERRUPT,
        Events.EXCEPTION_RAISED,
        Events.DATALOADER_STOP_ITERATION,
        Events.STARTED | Events.TERMINATE,
        CustomEvents.CUSTOM,
        "anything",
        3,
    ],
    ids=str,
)
def test_events_without_a_count_cannot_be_logged_at(event):
    engine, logger = Engine(lambda engine, batch: None), Logger()
    with pytest.raises(RuntimeError, match="Unknown event name"):
        logger.attach(engine, print, event)
    assert not engine.has_event_handler(print)


def test_handler_must_be_a_function():
    with pytest.raises(TypeError):
        Logger().attach(Engine(lambda engine, batch: None), 3, Events.STARTED)


def test_attach_passes_logger_event_and_arguments():
    engine, logger, seen = Engine(lambda engine, batch: None), Logger(), []
    logger.attach(
        engine, lambda *args, **kwargs: seen.append((args, kwargs)), Events.ITERATION_COMPLETED(every=2), 1, x=2
    )
    engine.run(range(3))
    assert seen == [((engine, logger, Events.ITERATION_COMPLETED, 1), {"x": 2})]


def test_attach_to_several_events_and_remove():
    engine, logger, seen = Engine(lambda engine, batch: None), Logger(), []
    events = Events.STARTED | Events.ITERATION_COMPLETED(every=2)
    with logger.attach(engine, lambda engine, logger, event: seen.append(event), events):
        engine.run(range(4))
    engine.run(range(4))
    assert seen == [Events.STARTED, Events.ITERATION_COMPLETED, Events.ITERATION_COMPLETED]


def test_attach_to_a_custom_event():
    engine, logger, seen = Engine(lambda engine, batch: engine.fire_event(CustomEvents.CUSTOM)), Logger(), []
    engine.register_events(*CustomEvents)
    logger.attach(engine, lambda engine, logger, event: seen.append(event), CustomEvents.CUSTOM)
    engine.run(range(2))
    assert seen == [CustomEvents.CUSTOM] * 2


def test_attach_by_name_of_handler(optimizer):
    engine, logger = Engine(lambda engine, batch: batch), Logger()
    logger.attach_output_handler(engine, Events.ITERATION_COMPLETED, "tag", output_transform=lambda output: output)
    logger.attach_opt_params_handler(engine, Events.EPOCH_COMPLETED, optimizer, param_name="momentum")
    with logger:
        engine.run([3])
    assert logger.lines == [
        ({"tag/output": 3}, Events.ITERATION_COMPLETED),
        ({"momentum/group_0": 0.0, "momentum/group_1": 0.5}, Events.EPOCH_COMPLETED),
    ]


@pytest.mark.parametrize("step", ["ten", 1.5, [1], None])
def test_global_step_must_be_an_integer(step, engine):
    handler = Output("tag", metric_names="all", global_step_transform=lambda engine, event: step)
    with pytest.raises(TypeError, match="global_step_transform: gave"):
        handler.global_step(engine, Events.STARTED)


def test_global_step(engine):
    assert Output("tag", metric_names="all").global_step(engine, Events.ITERATION_COMPLETED) == 5
    assert Output("tag", metric_names="all").global_step(engine, Events.COMPLETED) == 2
    given = Output("tag", metric_names="all", global_step_transform=lambda engine, event: np.int64(9))
    assert given.global_step(engine, Events.COMPLETED) == 9
