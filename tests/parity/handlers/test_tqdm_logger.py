"""ProgressBar: what a bar that stays shows at its end."""

from __future__ import annotations

import io

import pytest

SCENARIOS = [
    ({}, {"max_epochs": 1}),
    ({}, {"max_epochs": 3}),
    ({"output_transform": lambda loss: {"loss": loss, "double": 2 * loss}}, {"max_epochs": 2}),
    ({"output_transform": lambda loss: [loss, 1]}, {"max_epochs": 1}),
    ({"metric_names": "all"}, {"max_epochs": 2}),
    ({"metric_names": ["big", "vector"], "state_attributes": ["alpha"]}, {"max_epochs": 1}),
    ({"event_name": "ITERATION_STARTED"}, {"max_epochs": 2}),
    ({"event_name": "EPOCH_COMPLETED", "closing_event_name": "COMPLETED"}, {"max_epochs": 3}),
    ({"event_name": "STARTED", "closing_event_name": "COMPLETED"}, {"max_epochs": 2}),
    ({}, {"max_epochs": 1, "epoch_length": 2}),
    ({}, {"max_iters": 3}),
]


def last_lines(lib, attach, run, arguments):
    screen = io.StringIO()
    events = lib.engine.Events
    trainer = lib.engine.Engine(lambda engine, batch: batch)
    trainer.state.alpha = 0.5
    trainer.state.metrics.update(small=1.5e-7, big=12345678.0, vector=[1, 2.5], name="text", third=1 / 3)
    attach = {
        key: getattr(events, value) if isinstance(value, str) and "event" in key else value
        for key, value in attach.items()
    }
    fixed = {"persist": True, "file": screen, "mininterval": 0, "bar_format": "{desc}[{n_fmt}/{total_fmt}]{postfix}"}
    if lib.name == "sparkle":
        fixed["plain"] = False  # here, files get lines of text unless bars are asked for
    lib.handlers.ProgressBar(**fixed, **arguments).attach(trainer, **attach)
    trainer.run([0.5, 0.25, 0.125], **run)
    return [line.split("\r")[-1].strip() for line in screen.getvalue().split("\n") if line.strip()]


@pytest.mark.parametrize("arguments", [{}, {"desc": "Train", "unit": "batch"}], ids=str)
@pytest.mark.parametrize(("attach", "run"), SCENARIOS)
def test_last_lines(attach, run, arguments, both):
    theirs, ours = both(last_lines, attach, run, arguments)
    assert ours == theirs
    assert ours
