"""TensorboardLogger: the same tags, steps and values in the event files of the same program."""

from __future__ import annotations

import pytest
import torch

LOSSES = [0.5, 0.25, 1.5]


def fixed_model():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
    model[2].bias.requires_grad_(False)
    return model


def program(lib, folder, attach):
    """Three epochs of SGD on a small model, with whatever `attach` attaches."""
    tb, events = lib.handlers.tensorboard_logger, lib.engine.Events
    model = fixed_model()
    groups = [{"params": model[0].parameters()}, {"params": [model[2].weight], "lr": 0.25}]
    optimizer = torch.optim.SGD(groups, lr=0.5, momentum=0.5)

    def step(engine, batch):
        optimizer.zero_grad()
        loss = model(torch.full((1, 3), batch)).square().sum()
        loss.backward()
        optimizer.step()
        engine.state.alpha = engine.state.iteration / 2
        return loss.item()

    trainer, evaluator = lib.engine.Engine(step), lib.engine.Engine(lambda engine, batch: batch)
    trainer.add_event_handler(
        events.ITERATION_COMPLETED, lambda: trainer.state.metrics.update(loss=trainer.state.output)
    )
    trainer.add_event_handler(events.EPOCH_COMPLETED, lambda: evaluator.run([0]))
    evaluator.add_event_handler(
        events.EPOCH_COMPLETED,
        lambda: evaluator.state.metrics.update(
            acc=torch.tensor(0.1) * trainer.state.epoch, vector=torch.arange(2), nested={"x": 1, "y": [2.5]}
        ),
    )
    with tb.TensorboardLogger(log_dir=str(folder / lib.name)) as logger:
        attach(lib, tb, events, logger, trainer, evaluator, model, optimizer)
        trainer.run(LOSSES, max_epochs=3)
    return folder / lib.name


def metrics(lib, tb, events, logger, trainer, evaluator, model, optimizer):
    logger.attach(trainer, log_handler=tb.OutputHandler("train", ["loss"]), event_name=events.ITERATION_COMPLETED)
    logger.attach(trainer, tb.OutputHandler("epoch", "all"), events.EPOCH_COMPLETED)


def outputs(lib, tb, events, logger, trainer, evaluator, model, optimizer):
    event = events.ITERATION_COMPLETED(every=2) | events.COMPLETED
    logger.attach(trainer, tb.OutputHandler("out", output_transform=lambda x: x, state_attributes=["alpha"]), event)
    logger.attach_output_handler(trainer, events.EPOCH_COMPLETED, "d", output_transform=lambda x: {"a": x, "b": [x, 1]})


def steps_of_the_trainer(lib, tb, events, logger, trainer, evaluator, model, optimizer):
    for number, of_trainer in enumerate([(trainer,), (trainer, events.ITERATION_COMPLETED)]):
        step = lib.handlers.global_step_from_engine(*of_trainer)
        handler = tb.OutputHandler(f"val{number}", "all", global_step_transform=step)
        logger.attach(evaluator, handler, events.COMPLETED)


def settings(lib, tb, events, logger, trainer, evaluator, model, optimizer):
    logger.attach_opt_params_handler(trainer, events.ITERATION_STARTED, optimizer)
    logger.attach(trainer, tb.OptimizerParamsHandler(optimizer, "momentum", tag="T"), events.EPOCH_STARTED)


def weights(lib, tb, events, logger, trainer, evaluator, model, optimizer):
    logger.attach(trainer, tb.WeightsScalarHandler(model), events.ITERATION_COMPLETED)
    logger.attach(
        trainer, tb.WeightsScalarHandler(model, reduction=torch.max, tag="T", whitelist=["2"]), events.STARTED
    )
    logger.attach(trainer, tb.WeightsHistHandler(model, whitelist=["0.bias", "2."]), events.EPOCH_COMPLETED)


def grads(lib, tb, events, logger, trainer, evaluator, model, optimizer):
    logger.attach(trainer, tb.GradsScalarHandler(model), events.ITERATION_COMPLETED)
    logger.attach(trainer, tb.GradsScalarHandler(model, whitelist=lambda name, p: p.ndim == 2), events.EPOCH_COMPLETED)
    logger.attach(trainer, tb.GradsHistHandler(model, tag="T"), events.ITERATION_COMPLETED(once=2))


@pytest.mark.parametrize("attach", [metrics, outputs, steps_of_the_trainer, settings, weights, grads])
def test_event_files(attach, tmp_path, scalars, both):
    theirs, ours = (scalars(folder) for folder in both(program, tmp_path, attach))
    assert len(theirs) >= 3
    assert ours == theirs
