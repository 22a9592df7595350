"""Running iteration by iteration, or epoch by epoch, fires what a whole run fires."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from sparkle.engine import Engine, Events


class Unsized:
    def __iter__(self) -> Iterator[int]:
        return iter(range(3))


DATA: dict[str, Any] = {
    "list": lambda: [0, 1, 2],
    "short": lambda: [0, 1],
    "generator": lambda: iter(range(9)),
    "unsized": Unsized,
    "none": lambda: None,
}
LIMITS = {
    "epochs": {"max_epochs": 3, "epoch_length": 3},
    "iterations": {"max_iters": 7, "epoch_length": 3},
    "without length": {"max_epochs": 2},
}
RUNS = [(d, limit) for d, limit in product(DATA, LIMITS) if limit != "without length" or d in ("list", "unsized")]


def traced() -> tuple[Engine, list[Any]]:
    engine = Engine(lambda engine, batch: log.append(("process", batch)))
    log: list[Any] = []
    for event in Events:
        engine.add_event_handler(
            event, lambda *_, event=event: log.append((event.name, engine.state.iteration, engine.state.epoch))
        )
    return engine, log


@pytest.mark.parametrize("snapshots", [False, True])
@pytest.mark.parametrize("unit", ["iteration", "epoch"])
@pytest.mark.parametrize(("data", "limit"), RUNS)
def test_steps_are_the_run(data: str, limit: str, unit: str, snapshots: bool) -> None:
    whole, wanted = traced()
    whole.run(DATA[data](), **LIMITS[limit])
    engine, log = traced()
    engine.snapshots = snapshots
    given, at = DATA[data](), []
    while engine.step(given, **LIMITS[limit], unit=unit):
        at.append(engine.state.iteration)
    assert log == wanted
    if unit == "epoch":
        assert at == list(range(3, whole.state.iteration, 3))
    else:
        assert at == list(range(1, whole.state.iteration))


def test_run_does_the_rest_and_then_anew() -> None:
    engine, log = traced()
    wanted, whole_log = traced()
    wanted.run([0, 1, 2], max_epochs=2)
    assert engine.step([0, 1, 2], max_epochs=2)
    assert engine.step()
    engine.run()
    assert log == whole_log
    log.clear()
    assert engine.step([0, 1, 2])
    assert engine.state.iteration == 1


@pytest.mark.parametrize(("stop", "more"), [("terminate", False), ("interrupt", True), ("terminate_epoch", True)])
def test_stops_within_steps(stop: str, more: bool) -> None:
    engine, log = traced()
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), lambda: getattr(engine, stop)())
    assert engine.step([0, 1, 2], max_epochs=2)
    assert engine.step() == more
    names = [entry[0] for entry in log]
    assert ("TERMINATE" in names, "INTERRUPT" in names) == (stop == "terminate", stop == "interrupt")
    assert ("TERMINATE_SINGLE_EPOCH" in names) == (stop == "terminate_epoch")
    if more:
        assert engine.step()
        assert engine.state.iteration == 3


def test_an_exception_ends_the_step() -> None:
    engine = Engine(lambda engine, batch: 1 / batch)
    assert engine.step([1, 0, 2], max_epochs=2)
    with pytest.raises(ZeroDivisionError):
        engine.step()
    assert not engine.should_terminate
    with pytest.raises(ZeroDivisionError):
        engine.run([1, 0, 2], max_epochs=2)


def test_a_state_between_two_steps() -> None:
    engine = Engine(lambda engine, batch: None)
    seen: list[int] = []
    other = Engine(lambda engine, batch: seen.append(batch))
    engine.step([0, 1, 2], max_epochs=2)
    engine.step()
    other.load_state_dict(engine.state_dict())
    other.run([0, 1, 2])
    assert seen == [2, 0, 1, 2]


def test_wrong_unit() -> None:
    with pytest.raises(ValueError, match="unit should be 'iteration' or 'epoch', got 'batch'"):
        Engine(lambda engine, batch: None).step([1], unit="batch")
