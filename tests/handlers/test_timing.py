"""Timer: what it has measured after a sequence of events, by a clock that the test moves."""

from __future__ import annotations

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import Timer, timing


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until told: clock(seconds)."""
    now = [100.0]
    monkeypatch.setattr(timing, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_by_hand(clock):
    timer = Timer()
    clock(1)
    assert timer.value() == 1
    timer.pause()
    clock(2)
    timer.pause()
    assert (timer.value(), timer.running) == (1, False)
    timer.resume()
    clock(4)
    timer.resume()
    assert (timer.value(), timer.running) == (5, True)
    assert timer.reset() is timer
    assert (timer.value(), timer.total, timer.step_count, timer.running) == (0, 0, 0, True)


def test_average(clock):
    timer = Timer(average=True)
    clock(6)
    assert timer.value() == 6
    timer.step()
    timer.step()
    assert timer.value() == 3


EVENTS = [
    ({}, 2 * (1 + 2 * (2 + 4))),
    ({"start": Events.EPOCH_STARTED, "pause": Events.EPOCH_COMPLETED}, 1 + 2 * (2 + 4)),
    ({"resume": Events.ITERATION_STARTED, "pause": Events.ITERATION_COMPLETED}, 1 + 2 + 4 * 4),
]


@pytest.mark.parametrize(("events", "seconds"), EVENTS)
def test_events(events, seconds, clock):
    """Two epochs of two iterations: 1 s before the first fetch of an epoch, 2 s for a fetch, 4 s for a step."""
    trainer = Engine(lambda engine, batch: clock(4))
    timer = Timer().attach(trainer, **events)
    trainer.add_event_handler(Events.EPOCH_STARTED, lambda: clock(1))
    trainer.add_event_handler(Events.GET_BATCH_COMPLETED, lambda: clock(2))
    clock(32)
    trainer.run([0, 1], max_epochs=2)
    clock(64)
    assert timer.value() == seconds


def test_steps(clock):
    trainer = Engine(lambda engine, batch: clock(batch))
    timer = Timer(average=True).attach(
        trainer,
        start=Events.EPOCH_STARTED,
        resume=Events.ITERATION_STARTED,
        pause=Events.ITERATION_COMPLETED,
        step=Events.ITERATION_COMPLETED,
    )
    trainer.run([1, 2, 6], max_epochs=2)
    assert (timer.value(), timer.step_count) == (3, 3)


def test_unknown_event():
    with pytest.raises(ValueError, match="foo"):
        Timer().attach(Engine(lambda engine, batch: None), start="foo")
