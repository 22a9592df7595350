"""TensorboardLogger: the event files are read back."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sparkle
import sparkle.handlers.tensorboard_logger as tb_logger
from sparkle.engine import Engine, Events

LOSSES = [0.5, 0.25, 1.5]


@pytest.fixture
def logger(tmp_path):
    with tb_logger.TensorboardLogger(log_dir=str(tmp_path)) as logger:
        yield logger


@pytest.fixture
def trainer():
    engine = Engine(lambda engine, batch: batch)
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: engine.state.metrics.update(loss=engine.state.output))
    return engine


def output_handler(**kwargs):
    return tb_logger.OutputHandler(tag="train", **kwargs)


METRIC = {"metric_names": ["loss"]}
# event, arguments of OutputHandler -> what is in the file
OUTPUTS = [
    (Events.ITERATION_COMPLETED, METRIC, [("train/loss", i, x) for i, x in enumerate(LOSSES + LOSSES, 1)]),
    (Events.ITERATION_COMPLETED(every=4), METRIC, [("train/loss", 4, 0.5)]),
    (Events.EPOCH_COMPLETED, METRIC, [("train/loss", 1, 1.5), ("train/loss", 2, 1.5)]),
    (Events.COMPLETED, {**METRIC, "global_step_transform": lambda engine, event: 77}, [("train/loss", 77, 1.5)]),
    (
        Events.EPOCH_STARTED(once=1) | Events.COMPLETED,
        {"output_transform": lambda output: {"x": output or 0}, "state_attributes": ["alpha"]},
        [("train/x", 1, 0.0), ("train/alpha", 1, 0.75), ("train/x", 2, 1.5), ("train/alpha", 2, 0.75)],
    ),
]


@pytest.mark.parametrize(("event", "kwargs", "written"), OUTPUTS)
def test_output(event, kwargs, written, logger, trainer, tmp_path, scalars):
    trainer.state.alpha = 0.75
    logger.attach(trainer, log_handler=output_handler(**kwargs), event_name=event)
    trainer.run(LOSSES, max_epochs=2)
    logger.close()
    assert scalars(tmp_path) == written


def test_attach_output_and_optimizer(logger, trainer, optimizer, tmp_path, scalars):
    logger.attach_output_handler(trainer, event_name=Events.EPOCH_COMPLETED, tag="train", metric_names="all")
    logger.attach_opt_params_handler(trainer, event_name=Events.EPOCH_COMPLETED, optimizer=optimizer)
    trainer.run(LOSSES)
    logger.close()
    assert scalars(tmp_path) == [("train/loss", 1, 1.5), ("lr/group_0", 1, 0.5), ("lr/group_1", 1, 0.25)]


WEIGHTS = [("fc/weight", 5.0), ("fc/bias", 1.0), ("frozen", 2.0)]
GRADS = [("fc/weight", 10.0), ("fc/bias", 2.0)]
MODELS = [
    (tb_logger.WeightsScalarHandler, {}, [(f"weights_norm/{k}", 1, v) for k, v in WEIGHTS]),
    (tb_logger.GradsScalarHandler, {}, [(f"grads_norm/{k}", 1, v) for k, v in GRADS]),
    (tb_logger.GradsScalarHandler, {"tag": "T", "whitelist": ["fc.b"]}, [("T/grads_norm/fc/bias", 1, 2.0)]),
    (
        tb_logger.WeightsHistHandler,
        {},
        [("weights/fc/weight", 1, 2), ("weights/fc/bias", 1, 1), ("weights/frozen", 1, 2)],
    ),
    (tb_logger.GradsHistHandler, {"tag": "T"}, [("T/grads/fc/weight", 1, 2), ("T/grads/fc/bias", 1, 1)]),
]


@pytest.mark.parametrize(("kind", "kwargs", "written"), MODELS)
def test_models(kind, kwargs, written, logger, trainer, model, tmp_path, scalars):
    logger.attach(trainer, kind(model, **kwargs), Events.EPOCH_COMPLETED)
    trainer.run(LOSSES)
    logger.close()
    assert scalars(tmp_path) == written


def test_tensors_of_the_core(logger, trainer, tmp_path, scalars):
    class Model:
        weight = sparkle.tensor([3.0, 4.0], requires_grad=True)

        def named_parameters(self):
            return [("weight", self.weight)]

    (Model.weight * Model.weight).sum().backward()
    trainer.state.metrics["acc"] = sparkle.tensor([0.5, 0.25])
    for handler in (tb_logger.WeightsScalarHandler, tb_logger.GradsScalarHandler, tb_logger.GradsHistHandler):
        logger.attach(trainer, handler(Model()), Events.COMPLETED)
    logger.attach_output_handler(trainer, Events.COMPLETED, "val", ["acc"])
    trainer.run(LOSSES)
    logger.close()
    weights = [("weights_norm/weight", 1, 5.0), ("grads_norm/weight", 1, 10.0), ("grads/weight", 1, 2)]
    assert scalars(tmp_path) == [*weights, ("val/acc/0", 1, 0.5), ("val/acc/1", 1, 0.25)]


def test_reduction_of_ones_own(logger, trainer, model, tmp_path, scalars):
    def largest(tensor):
        return tensor.numpy().max()

    logger.attach(trainer, tb_logger.WeightsScalarHandler(model, reduction=largest), Events.STARTED)
    trainer.run(LOSSES)
    logger.close()
    assert scalars(tmp_path) == [
        (f"weights_largest/{k}", 0, v) for k, v in (("fc/weight", 4), ("fc/bias", 1), ("frozen", 2))
    ]


@pytest.mark.parametrize(("values", "count"), [([1.0, math.nan, math.inf], 1), ([math.nan], None), ([], None)])
def test_histogram_leaves_out_what_is_not_finite(values, count, logger, trainer, model, tensor, tmp_path, scalars):
    model.parameters = {"w": tensor(values)}
    logger.attach(trainer, tb_logger.WeightsHistHandler(model), Events.COMPLETED)
    if values:
        with pytest.warns(UserWarning, match="weights/w has .* values that are not finite"):
            trainer.run(LOSSES)
    else:
        trainer.run(LOSSES)
    logger.close()
    assert scalars(tmp_path) == ([] if count is None else [("weights/w", 1, count)])


def test_methods_of_the_writer(logger, tmp_path, scalars):
    logger.writer.add_scalar("by/writer", 1.0, 5)
    logger.add_scalar("by/logger", 2.0, 6)
    logger.writer.add_image("image", np.zeros((3, 4, 4), np.float32), 7)
    logger.close()
    logger.close()
    assert scalars(tmp_path)[:2] == [("by/writer", 5, 1.0), ("by/logger", 6, 2.0)]
    assert scalars(tmp_path)[2][:2] == ("image", 7)
    with pytest.raises(AttributeError, match="add_nothing"):
        logger.add_nothing  # noqa: B018


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_files_are_complete_after_an_exception_without_close(error, logger, tmp_path, scalars):
    def fail_at_8(engine, batch):
        if engine.state.iteration == 8:
            raise error
        return float(batch)

    trainer = Engine(fail_at_8)
    handler = output_handler(output_transform=lambda loss: {"loss": loss})
    logger.attach(trainer, handler, Events.ITERATION_COMPLETED)
    with pytest.raises(error):
        trainer.run(range(100))
    assert scalars(tmp_path) == [("train/loss", i + 1, float(i)) for i in range(7)]


def test_files_are_complete_after_each_run_without_close(logger, trainer, tmp_path, scalars):
    logger.attach(trainer, output_handler(**METRIC), Events.ITERATION_COMPLETED)
    trainer.run([0.5] * 30)
    assert len(scalars(tmp_path)) == 30
    logger.attach(trainer, output_handler(**METRIC), Events.COMPLETED)
    trainer.run([0.5] * 30)
    assert len(scalars(tmp_path)) == 61


@pytest.mark.parametrize("kind", [name for name in tb_logger.__all__ if name.endswith("Handler")])
def test_handlers_refuse_other_loggers(kind, model, optimizer, trainer):
    arguments = {"OutputHandler": ("tag", ["loss"]), "OptimizerParamsHandler": (optimizer,)}.get(kind, (model,))
    with pytest.raises(RuntimeError, match=f"{kind} works with a TensorboardLogger only, met a int"):
        getattr(tb_logger, kind)(*arguments)(trainer, 3, Events.COMPLETED)


def test_step_must_be_an_integer(logger, trainer):
    handler = output_handler(**METRIC, global_step_transform=lambda engine, event: "ten")
    logger.attach(trainer, handler, Events.COMPLETED)
    with pytest.raises(TypeError, match="gave str 'ten'"):
        trainer.run(LOSSES)


def test_unknown_argument(tmp_path):
    with pytest.raises(TypeError, match="folder"):
        tb_logger.TensorboardLogger(folder=str(tmp_path))
