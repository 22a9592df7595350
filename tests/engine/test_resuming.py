"""What the next run does after a stop, and after a state was loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sparkle.engine import Engine, EventEnum, Events


def collecting() -> tuple[Engine, list[Any]]:
    """An engine that collects its batches."""
    seen: list[Any] = []

    def process(engine: Engine, batch: Any) -> Any:
        seen.append(batch)
        return batch

    return Engine(process), seen


# ---------------------------------------------------------------------------------------- after a stop


@pytest.mark.parametrize("one_time", [False, True])
@pytest.mark.parametrize("iteration", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "event", ["GET_BATCH_STARTED", "GET_BATCH_COMPLETED", "ITERATION_STARTED", "ITERATION_COMPLETED"]
)
def test_terminate_then_run_loses_nothing(event: str, iteration: int, one_time: bool) -> None:
    engine, seen = collecting()
    data: Any = iter([0, 1, 2] * 3) if one_time else [0, 1, 2]
    engine.add_event_handler(Events[event](once=iteration), engine.terminate)
    limits = {"max_epochs": 3, "epoch_length": 3}
    engine.run(data, **limits)
    assert len(seen) < 9
    engine.run(data, **limits)
    assert seen == [0, 1, 2] * 3
    assert (engine.state.iteration, engine.state.epoch) == (9, 3)


@pytest.mark.parametrize("event", [Events.EPOCH_STARTED, Events.EPOCH_COMPLETED], ids=str)
def test_terminate_between_epochs_then_run(event: Any) -> None:
    engine, seen = collecting()
    epochs: list[int] = []
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: epochs.append(engine.state.epoch))
    engine.add_event_handler(event(once=2), engine.terminate)
    engine.run([0, 1], max_epochs=3)
    engine.run([0, 1], max_epochs=3)
    assert (seen, epochs) == ([0, 1] * 3, [1, 2, 3])


def test_other_data_takes_over_at_the_same_place() -> None:
    engine, seen = collecting()
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=[1, 2]), engine.interrupt)
    engine.run([0, 1, 2])
    engine.run([10, 11, 12])
    engine.run(iter([20, 21, 22]))
    assert seen == [0, 11, 22]


def test_data_whose_length_is_not_the_epoch_s_goes_on_where_it_was() -> None:
    engine, seen = collecting()
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=4), engine.terminate)
    engine.run([0, 1], max_epochs=3, epoch_length=3)
    engine.run([0, 1], max_epochs=3)
    assert seen == [0, 1, 0, 1, 0, 1, 0, 1, 0]


def test_data_without_length_is_not_read_in_vain() -> None:
    class Unsized:
        passes = 0

        def __iter__(self) -> Any:
            Unsized.passes += 1
            return iter(range(3))

    engine, seen = collecting()
    ends: list[int] = []
    engine.add_event_handler(Events.DATALOADER_STOP_ITERATION, lambda: ends.append(engine.state.iteration))
    engine.add_event_handler(Events.EPOCH_STARTED(once=2), engine.terminate)
    data = Unsized()
    engine.run(data, max_epochs=2)
    engine.run(data, max_epochs=3)
    assert seen == [0, 1, 2] * 3
    assert (Unsized.passes, ends) == (3, [6])


def test_a_training_goes_on_with_its_data() -> None:
    engine, seen = collecting()
    data = [0, 1]
    engine.add_event_handler(Events.EPOCH_COMPLETED(once=1), engine.terminate)
    engine.run(data, max_epochs=2)
    engine.run()
    assert seen == [0, 1, 0, 1]


def test_evaluators_that_stop_early_start_anew() -> None:
    evaluator, seen = collecting()
    evaluator.add_event_handler(Events.ITERATION_COMPLETED(once=2), evaluator.terminate)
    for _ in range(3):
        evaluator.run([0, 1, 2, 3])
    assert seen == [0, 1] * 3


def test_interrupt_may_be_disabled() -> None:
    class Plain(Engine):
        """Cannot be interrupted."""

        interrupt_resume_enabled = False

    with pytest.raises(RuntimeError, match="Engine 'interrupt/resume' feature is disabled"):
        Plain(lambda engine, batch: None).interrupt()


# ---------------------------------------------------------------------------------- saving and loading


def test_state_dict_holds_progress_limit_and_user_keys() -> None:
    engine, _ = collecting()
    engine.state_dict_user_keys.append("alpha")
    engine.state.alpha = 0.1
    engine.exact_resume = False
    engine.run([1, 2, 3], max_epochs=1)
    assert engine.state_dict() == {"epoch_length": 3, "iteration": 3, "max_epochs": 1, "alpha": 0.1}
    other, _ = collecting()
    other.run([1, 2, 3], max_iters=2)
    assert other.state_dict().items() >= {"epoch_length": 3, "iteration": 2, "max_iters": 2}.items()


WRONG: list[tuple[Any, type[Exception], str]] = [
    (3, TypeError, "Argument state_dict should be a dictionary, but given <class 'int'>"),
    ({}, ValueError, "Required state attribute 'epoch_length' is absent"),
    ({"epoch_length": 3, "max_epochs": 2}, ValueError, "Required state attribute 'iteration' is absent"),
    ({"iteration": 1, "max_epochs": 2}, ValueError, "epoch_length must be a positive integer"),
    ({"iteration": 1, "max_epochs": 2, "epoch_length": None}, ValueError, "epoch_length must be a positive integer"),
    ({"epoch": 1, "max_epochs": 2, "epoch_length": 0}, ValueError, "epoch_length must be a positive integer"),
    ({"iteration": 1, "epoch_length": 3}, ValueError, "exactly one of"),
    ({"iteration": 1, "epoch_length": 3, "max_epochs": 2, "max_iters": 2}, ValueError, "exactly one of"),
    (
        {"iteration": 1, "epoch": 1, "epoch_length": 3, "max_epochs": 2},
        ValueError,
        "only one of 'iteration' or 'epoch'",
    ),
    ({"iteration": 1, "epoch_length": 3, "max_epochs": 2}, ValueError, "user state attribute 'alpha' is absent"),
    ({"epoch": 3, "epoch_length": 3, "max_epochs": 2, "alpha": 1}, ValueError, "start epoch .* 2 vs 3"),
    ({"iteration": 9, "epoch_length": 3, "max_iters": 2, "alpha": 1}, ValueError, "start iteration .* 2 vs 9"),
    ({"iteration": 0, "epoch_length": 3, "max_epochs": 0, "alpha": 1}, ValueError, "correct max_epochs positive value"),
]


@pytest.mark.parametrize(("saved", "error", "message"), WRONG)
def test_wrong_dicts_change_nothing(saved: Any, error: type[Exception], message: str) -> None:
    engine, _ = collecting()
    engine.state_dict_user_keys.append("alpha")
    before = repr(engine.state)
    with pytest.raises(error, match=message):
        engine.load_state_dict(saved)
    assert repr(engine.state) == before


@pytest.mark.parametrize("limit", [{"max_epochs": 3}, {"max_iters": 8}], ids=str)
@pytest.mark.parametrize("stop", range(1, 8))
@pytest.mark.parametrize(
    ("data", "epoch_length"),
    [
        (lambda: [0, 1, 2], None),
        (lambda: [0, 1], 3),
        (lambda: iter([0, 1, 2] * 3), 3),
        (lambda: None, 3),
    ],
)
def test_a_loaded_run_equals_the_unbroken_one(
    data: Callable[[], Any], epoch_length: int | None, stop: int, limit: dict[str, int]
) -> None:
    """Save after an iteration, load in a new engine: batches, epochs and events go on as if nothing had been."""

    def run(stop: int | None) -> tuple[list[Any], list[Any]]:
        batches, events = [], []
        saved: dict[str, Any] = {}
        for part in ("first", "second"):
            if part == "second" and stop is None:
                break
            engine = Engine(lambda engine, batch: batches.append((engine.state.iteration, engine.state.epoch, batch)))
            engine.register_events("mine")
            engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: engine.fire_event("mine"))
            engine.add_event_handler("EPOCH_COMPLETED", lambda engine: events.append(("EC", engine.state.epoch)))
            engine.add_event_handler(Mine.mine(every=2), lambda engine: events.append(("mine", engine.state.iteration)))

            def save(engine: Engine) -> None:
                saved.update(engine.state_dict())
                engine.terminate()

            if part == "first":
                if stop is not None:
                    engine.add_event_handler(Events.ITERATION_COMPLETED(once=stop), save)
                engine.run(data(), **limit, epoch_length=epoch_length)
            else:
                engine.load_state_dict(saved)
                engine.run(data())
        return batches, events

    unbroken, resumed = run(None), run(stop)
    assert resumed == unbroken


class Mine(EventEnum):
    mine = "mine"


def test_epoch_may_stand_for_iteration() -> None:
    engine, seen = collecting()
    engine.load_state_dict({"epoch": 2, "epoch_length": 3, "max_epochs": 4})
    assert (engine.state.iteration, engine.state.epoch) == (6, 2)
    engine.run([0, 1, 2])
    assert (len(seen), engine.state.epoch) == (6, 4)


def test_load_forgets_an_interruption() -> None:
    engine, seen = collecting()
    with engine.add_event_handler(Events.ITERATION_COMPLETED, engine.interrupt):
        engine.run([0, 1, 2])
    engine.load_state_dict({"iteration": 0, "epoch_length": 3, "max_epochs": 1})
    engine.run([0, 1, 2])
    assert seen == [0, 0, 1, 2]


def test_loading_sets_filters_back() -> None:
    engine, _ = collecting()
    calls: list[int] = []
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), lambda: calls.append(engine.state.iteration))
    engine.run([0, 1, 2])
    engine.load_state_dict({"iteration": 0, "epoch_length": 3, "max_epochs": 1})
    engine.run([0, 1, 2])
    assert calls == [2, 2]


@pytest.mark.parametrize("terminated", [False, True])
def test_load_within_started(terminated: bool) -> None:
    engine, seen = collecting()
    if terminated:
        with engine.add_event_handler(Events.ITERATION_COMPLETED, engine.terminate):
            engine.run([0, 1, 2], max_epochs=3)
        seen.clear()

    @engine.on(Events.STARTED)
    def load() -> None:
        engine.load_state_dict({"iteration": 5, "epoch_length": 3, "max_epochs": 3})

    engine.run([0, 1, 2], max_epochs=3)
    assert seen == [2, 0, 1, 2]
