"""global_step_from_engine, and what `import sparkle.handlers` costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sparkle.engine import Engine, EventEnum, Events
from sparkle.handlers import global_step_from_engine


@pytest.fixture
def trainer():
    engine = Engine(lambda engine, batch: None)
    engine.state.iteration, engine.state.epoch = 7, 3
    return engine


@pytest.mark.parametrize(
    ("arguments", "event", "step"),
    [
        ((), Events.ITERATION_COMPLETED, 7),
        ((), Events.ITERATION_COMPLETED(every=2), 7),
        ((), "ITERATION_COMPLETED", 7),
        ((), Events.EPOCH_COMPLETED, 3),
        ((), Events.COMPLETED, 3),
        ((), Events.TERMINATE, 3),
        ((), Events.EXCEPTION_RAISED, 3),
        ((), "anything", 3),
        ((Events.ITERATION_COMPLETED,), Events.EPOCH_COMPLETED, 7),
        ((None, "iteration"), Events.TERMINATE, 7),
    ],
)
def test_global_step(arguments, event, step, trainer):
    other = Engine(lambda engine, batch: None)
    assert global_step_from_engine(trainer, *arguments)(other, event) == step


def test_global_step_of_an_event_with_a_count_of_its_own(trainer):
    class BackwardEvents(EventEnum):
        BACKWARD = "backward"

    trainer.register_events(*BackwardEvents, event_to_attr={BackwardEvents.BACKWARD: "backwards"})
    trainer.state.backwards = 11
    assert global_step_from_engine(trainer)(trainer, BackwardEvents.BACKWARD) == 11


def test_needs_an_engine():
    with pytest.raises(TypeError, match="met int 3, wanted an Engine"):
        global_step_from_engine(3)


def test_import_loads_neither_tensorboardx_nor_tqdm():
    code = "import sys, sparkle.handlers.tensorboard_logger; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "sparkle.handlers.tqdm_logger" in loaded
    assert not {"tensorboardX", "tqdm", "safetensors"}.intersection(loaded)
