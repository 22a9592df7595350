"""TimeLimit, by a clock that the test moves."""

from __future__ import annotations

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import TimeLimit, time_limit


def test_limit(monkeypatch):
    now = [50.0]
    monkeypatch.setattr(time_limit, "monotonic", lambda: now[0])

    def work(engine, batch):
        now[0] += 10

    trainer = Engine(work)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, TimeLimit(limit_sec=35))
    assert trainer.run(range(10)).iteration == 4


@pytest.mark.parametrize("limit", [1, 2.5, 28800])
def test_limits(limit):
    assert TimeLimit(limit).limit_sec == limit


@pytest.mark.parametrize("limit", ["1", None, True, [1]])
def test_no_number(limit):
    with pytest.raises(TypeError, match="seconds"):
        TimeLimit(limit)


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_no_time(limit):
    with pytest.raises(ValueError, match="positive"):
        TimeLimit(limit)
