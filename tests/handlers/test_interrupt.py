"""The ends of programs: at Ctrl-C bars are closed, event files complete, the checkpoint written, no files left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sparkle

PROGRAM = """
import sys
import time
from pathlib import Path

import sparkle.handlers.tensorboard_logger as tb_logger
from sparkle.engine import Engine, Events
from sparkle.handlers import Checkpoint, ProgressBar


class Counter:
    def state_dict(self):
        return {"iteration": trainer.state.iteration}


def step(engine, batch):
    if engine.state.iteration == 26:
        print("waiting", flush=True)
        time.sleep(60)
    return float(batch)


folder = Path(sys.argv[1])
trainer = Engine(step)
ProgressBar(persist=True, plain=False, bar_format="{desc}[{n_fmt}/{total_fmt}]").attach(trainer)
logger = tb_logger.TensorboardLogger(log_dir=str(folder / "log"))
logger.attach_output_handler(
    trainer, Events.ITERATION_COMPLETED, tag="train", output_transform=lambda loss: {"loss": loss}
)
checkpoint = Checkpoint({"counter": Counter()}, folder / "models", n_saved=1)
trainer.add_event_handler(Events.ITERATION_COMPLETED(every=10) | Events.EXCEPTION_RAISED, checkpoint)
trainer.run(range(100))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c(tmp_path, scalars):
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path)],
        cwd=Path(sparkle.__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A test run in the background may have been told to ignore Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        waiting = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    errors = errors.decode()
    assert waiting == b"waiting\n", errors
    assert process.returncode == -signal.SIGINT
    assert "\nKeyboardInterrupt\n" in errors
    assert "\rIteration: [25/100]\n" in errors
    assert scalars(tmp_path / "log") == [("train/loss", i + 1, float(i)) for i in range(25)]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["counter_26.pt"]


def test_program_that_ends_without_closing(tmp_path, scalars):
    program = """
import sys
from sparkle.handlers import TensorboardLogger
logger = TensorboardLogger(log_dir=sys.argv[1])
for step in range(25):
    logger.writer.add_scalar("x", step, step)
empty = TensorboardLogger(log_dir=sys.argv[1] + "-empty")
"""
    root = Path(sparkle.__file__).parent.parent
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / "log")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert scalars(tmp_path / "log") == [("x", step, float(step)) for step in range(25)]
