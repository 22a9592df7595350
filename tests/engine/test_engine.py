"""The engine as its users see it: arguments, running again, running within a run."""

from __future__ import annotations

import copy
import gc
import logging
import threading
import warnings
from typing import Any

import pytest

from sparkle.engine import Engine, Events, State


def collecting() -> tuple[Engine, list[Any]]:
    """An engine that collects its batches."""
    seen: list[Any] = []

    def process(engine: Engine, batch: Any) -> Any:
        seen.append(batch)
        return batch

    return Engine(process), seen


# ---------------------------------------------------------------------------------------- construction


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (None, "Engine must be given a processing function in order to run"),
        (lambda: None, "Error adding .* 'process_function': takes parameters \\[\\] but will be called with"),
        (lambda engine: None, "takes parameters \\['engine'\\] but will be called with \\['engine', 'batch'\\]"),
        (lambda a, b, c: None, "takes parameters"),
    ],
)
def test_process_functions_that_cannot_be_called(function: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Engine(function)


def test_logger_is_named_after_the_class() -> None:
    class Trainer(Engine):
        """A subclass."""

    assert Trainer(lambda engine, batch: None).logger.name == "sparkle.engine.engine.Trainer"


# ------------------------------------------------------------------------------------------- arguments


REFUSED: list[tuple[dict[str, Any] | None, dict[str, Any], type[Exception], str]] = [
    (None, {"data": 5}, TypeError, "Argument data should be iterable, got <class 'int'>"),
    (None, {"data": [1], "max_epochs": 1, "max_iters": 2}, ValueError, "mutually exclusive"),
    (None, {}, ValueError, "epoch_length should be provided if data is None"),
    (None, {"data": []}, ValueError, "Input data has zero size. Please provide non-empty data"),
    (None, {"data": [1], "epoch_length": 0}, ValueError, "Input data has zero size"),
    (None, {"epoch_length": -1}, ValueError, "Input data has zero size"),
    ({"max_epochs": 2}, {"data": [1, 2], "max_iters": 9}, ValueError, "engine.state.max_epochs = None"),
    ({"max_iters": 2}, {"data": [1, 2], "max_epochs": 9}, ValueError, "engine.state.max_iters = None"),
    (
        {"max_epochs": 3},
        {"data": [1, 2], "max_epochs": 2},
        ValueError,
        "greater than or equal to the start epoch .* 2 vs 3",
    ),
    ({"max_iters": 3}, {"data": [1, 2], "max_iters": 2}, ValueError, "equal to the start iteration .* 2 vs 3"),
    (
        {"max_epochs": 3},
        {"data": [1, 2], "max_epochs": 0},
        ValueError,
        "max_epochs is invalid. .* positive value, got 0",
    ),
    (
        {"max_epochs": 1},
        {"data": [1, 2], "max_epochs": 2, "epoch_length": 3},
        ValueError,
        "epoch_length should be same as in the state, but given 3 vs 2",
    ),
]


@pytest.mark.parametrize(("first", "arguments", "error", "message"), REFUSED)
def test_refused_arguments_change_nothing(
    first: dict[str, Any] | None, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    engine, _ = collecting()
    fired: list[int] = []
    if first is not None:
        engine.run([1, 2], **first)
    engine.add_event_handler(Events.STARTED, fired.append, 1)
    before = repr(engine.state)
    with pytest.raises(error, match=message):
        engine.run(**arguments)
    assert repr(engine.state) == before
    assert fired == []


AGAIN: list[tuple[dict[str, int], dict[str, int], int, int, int]] = [
    ({}, {}, 3, 3, 1),
    ({"max_epochs": 2}, {"max_epochs": 2}, 6, 6, 2),
    ({"max_epochs": 2}, {}, 6, 3, 1),
    ({"max_epochs": 2}, {"max_epochs": 4}, 6, 12, 4),
    ({"max_iters": 4}, {"max_iters": 4}, 4, 4, 2),
    ({"max_iters": 4}, {"max_iters": 8}, 4, 8, 3),
    ({"max_iters": 4}, {"max_iters": 9}, 4, 9, 3),
]


@pytest.mark.parametrize(("first", "second", "then", "last", "epoch"), AGAIN)
def test_run_again(first: dict[str, int], second: dict[str, int], then: int, last: int, epoch: int) -> None:
    engine, seen = collecting()
    assert engine.run([0, 1, 2], **first).iteration == then
    seen.clear()
    state = engine.run([0, 1, 2], **second)
    assert (state.iteration, state.epoch) == (last, epoch)
    assert seen == [n % 3 for n in range(last - len(seen), last)]


def test_restart_on_demand() -> None:
    engine, _ = collecting()
    engine.run([1, 2], max_epochs=5)
    engine.state.max_epochs = None
    assert engine.run([1, 2, 3], max_epochs=2).iteration == 6
    engine.state.max_epochs = None
    assert engine.run([1, 2, 3], max_iters=5).iteration == 5


def test_user_attributes_and_metrics_outlive_runs() -> None:
    engine, _ = collecting()
    engine.state.alpha = 0.1
    engine.state.metrics["loss"] = 1.0
    engine.run([1])
    engine.run([1])
    assert (engine.state.alpha, engine.state.metrics) == (0.1, {"loss": 1.0})


# ----------------------------------------------------------------------------------------- re-entrance


def test_run_within_run_is_refused() -> None:
    engine, seen = collecting()
    before: list[str] = []

    @engine.on(Events.ITERATION_COMPLETED(once=2))
    def handler() -> None:
        before.append(repr(engine.state))
        with pytest.raises(
            RuntimeError, match=r"Engine is running \(iteration 2\): run\(\) was called again from within"
        ):
            engine.run([7, 8], max_epochs=9)
        before.append(repr(engine.state))

    engine.run([0, 1, 2])
    assert before[0] == before[1]
    assert seen == [0, 1, 2]


def test_run_from_another_thread_is_refused() -> None:
    engine, _ = collecting()
    errors: list[Exception] = []

    def other() -> None:
        try:
            engine.run([7])
        except RuntimeError as error:
            errors.append(error)

    @engine.on(Events.ITERATION_COMPLETED(once=1))
    def handler() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    engine.run([0])
    assert len(errors) == 1


def test_two_engines_may_nest() -> None:
    trainer, trained = collecting()
    evaluator, evaluated = collecting()
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([7]))
    trainer.run([0, 1], max_epochs=2)
    assert (trained, evaluated) == ([0, 1, 0, 1], [7, 7])


def test_deepcopy_is_an_engine_of_its_own() -> None:
    engine, _ = collecting()
    log: list[Any] = []
    engine.add_event_handler(Events.ITERATION_COMPLETED(every=2), lambda engine: log.append(engine))
    engine.run([1, 2])
    other = copy.deepcopy(engine)
    other.run([1, 2], max_epochs=2)
    assert log == [engine, other]  # the second epoch of two
    assert engine.state.iteration == 2


# -------------------------------------------------------------------------------------------- the rest


def test_log_messages(caplog: pytest.LogCaptureFixture) -> None:
    engine, _ = collecting()
    with caplog.at_level(logging.INFO, logger=engine.logger.name):
        engine.run([1], max_epochs=2)
        engine.run([1], max_epochs=3)
    text = caplog.text
    for part in (
        "Engine run starting with max_epochs=2.",
        "Epoch[1] Complete. Time taken: 00:00:0",
        "Engine run finished. Time taken: 00:00:0",
        "Engine run resuming from iteration 2, epoch 2 until max_epochs=3.",
    ):
        assert part in text


def test_a_warning_that_is_an_error_leaves_run() -> None:
    engine, _ = collecting()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="can not provide data anymore"):
            engine.run(iter([1]), epoch_length=2)


def test_loaders_are_let_go_when_the_run_ends() -> None:
    class Iterator:
        def __init__(self) -> None:
            self.left = 2

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> int:
            if not self.left:
                raise StopIteration
            self.left -= 1
            return self.left

        def __del__(self) -> None:
            closed.append(1)

    class Loader:
        def __iter__(self) -> Any:
            return Iterator()

    closed: list[int] = []
    engine, _ = collecting()
    engine.run(Loader(), epoch_length=2)
    gc.collect()
    assert closed == [1]


def test_state_may_be_replaced_between_runs() -> None:
    engine, seen = collecting()
    engine.run([1, 2], max_epochs=2)
    engine.state = State(alpha=1)
    assert engine.run([1, 2]).alpha == 1
    assert (engine.state.iteration, len(seen)) == (2, 6)
