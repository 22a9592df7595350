"""When an engine notes the random states at the start of each iteration, and what it does without."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from sparkle.engine import Engine, Events


class Saver:
    """What Checkpoint is to an engine."""

    def __init__(self, **to_save: Any) -> None:
        self.to_save = to_save
        self.saved: list[Any] = []

    def __call__(self, engine: Engine) -> None:
        self.saved.append(engine.state_dict())

    def method(self, engine: Engine, *rest: Any) -> None:
        self(engine)


class OneWay:
    """Data with a state that cannot go back."""

    def __init__(self) -> None:
        self.n = 0

    def __iter__(self) -> Any:
        while self.n < 4:
            self.n += 1
            yield self.n

    def state_dict(self) -> dict[str, int]:
        return {"n": self.n}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.n = state["n"]


def engine_of(log: list[Any]) -> Engine:
    def process(engine: Engine, batch: Any) -> None:
        log.append((batch, random.random()))
        if "mine" in engine._handlers:
            engine.fire_event("mine")

    return Engine(process)


@pytest.mark.parametrize("event", [event.name for event in Events] + ["mine"])
def test_savers_within_iterations_turn_them_on(event: str) -> None:
    engine = engine_of([])
    engine.register_events("mine")
    saver = Saver(trainer=engine)
    engine.add_event_handler(event, saver.method)
    within = "GET_BATCH_COMPLETED ITERATION_STARTED EXCEPTION_RAISED INTERRUPT mine"
    within += " BACKWARD_COMPLETED OPTIM_STEP_COMPLETED"
    assert engine.snapshots == (event in within.split())


def test_savers_of_other_things_do_not() -> None:
    engine = engine_of([])
    engine.add_event_handler(Events.ITERATION_STARTED, Saver(trainer=engine_of([])))
    engine.add_event_handler(Events.ITERATION_STARTED, lambda: None)
    assert not engine.snapshots


@pytest.mark.parametrize("event", ["GET_BATCH_COMPLETED", "ITERATION_STARTED", "mine"])
@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_exact_from_within(event: str, at: int) -> None:
    random.seed(1)
    whole: list[Any] = []
    engine_of(whole).run([1, 2, 3], max_epochs=2)
    random.seed(1)
    log: list[Any] = []
    engine = engine_of(log)
    engine.register_events("mine")
    saver = Saver(trainer=engine)
    engine.add_event_handler(event, saver)
    engine.run([1, 2, 3], max_epochs=2)
    assert log == whole
    rest: list[Any] = []
    other = engine_of(rest)
    other.load_state_dict(saver.saved[at - 1])
    other.run([1, 2, 3])
    assert rest == whole[at - 1 :]


def test_the_first_state_from_within_has_the_right_batch_and_the_next_is_exact() -> None:
    random.seed(1)
    log: list[Any] = []
    saved: list[Any] = []
    engine = engine_of(log)
    engine.register_events("mine")
    engine.add_event_handler("mine", lambda: saved.append(engine.state_dict()))
    engine.run([1, 2, 3], max_epochs=2)
    for at, state in enumerate(saved):
        rest: list[Any] = []
        other = engine_of(rest)
        other.load_state_dict(state)
        other.run([1, 2, 3])
        assert [batch for batch, _ in rest] == [batch for batch, _ in log[at:]]
        assert (rest == log[at:]) == (at > 0)


def test_data_that_cannot_go_back() -> None:
    engine = engine_of([])
    saved: list[Any] = []
    engine.add_event_handler(Events.ITERATION_STARTED(once=[1, 2]), lambda: saved.append(engine.state_dict()))
    with pytest.warns(RuntimeWarning, match="data of type 'OneWay' cannot say where it was before"):
        engine.run(OneWay(), epoch_length=4)
    rest: list[Any] = []
    other = engine_of(rest)
    other.load_state_dict(saved[1])
    other.run(OneWay())
    assert [batch for batch, _ in rest] == [2, 3, 4]


@pytest.mark.parametrize("stop", ["terminate", "exception"])
def test_metrics_live_through_a_stop(stop: str) -> None:
    from sparkle.metrics import Average

    failures = [2, 5] if stop == "exception" else []

    def process(engine: Engine, batch: float) -> float:
        if engine.state.iteration in failures:
            failures.remove(engine.state.iteration)
            raise KeyError(batch)
        return batch

    engine = Engine(process)
    Average().attach(engine, "mean")
    means: list[float] = []
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: means.append(engine.state.metrics["mean"]))
    if stop == "terminate":
        engine.add_event_handler(Events.ITERATION_COMPLETED(once=[2, 4]), engine.terminate)
    for _ in range(3):
        with suppress(KeyError):
            engine.run([1.0, 2.0, 6.0], max_epochs=3)
    assert means == [3.0, 3.0, 3.0]


def test_objects_of_ones_own() -> None:
    class Counter:
        n = 0

        def state_dict(self) -> dict[str, int]:
            return {"n": self.n}

        def load_state_dict(self, state: dict[str, int]) -> None:
            self.n = state["n"]

    first, second = engine_of([]), engine_of([])
    first.state_dict_objects["counter"] = counter = Counter()
    counter.n = 7
    first.run([1, 2], max_iters=1)
    second.state_dict_objects["counter"] = found = Counter()
    second.load_state_dict(first.state_dict())
    second.run([1, 2], max_iters=2)
    assert found.n == 7


def test_a_finished_training_is_done() -> None:
    engine, log = engine_of([]), []
    engine.run([1, 2], max_epochs=2)
    other = engine_of(log)
    other.load_state_dict(engine.state_dict())
    state = other.run([1, 2], max_epochs=2)
    assert (log, state.iteration, state.epoch) == ([], 4, 2)
    other.run([1, 2], max_epochs=3)
    assert len(log) == 2
    other.run([1, 2], max_epochs=3)
    assert len(log) == 8
