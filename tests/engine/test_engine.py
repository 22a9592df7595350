"""The engine as its users see it: arguments, exceptions, running again, saving and loading."""

from __future__ import annotations

import copy
import gc
import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from sparkle.engine import Engine, EventEnum, Events, State


def collecting(**raising: Any) -> tuple[Engine, list[Any]]:
    """An engine that collects its batches; `at=n, error=E` lets it raise once, at an iteration."""
    seen: list[Any] = []
    left = [raising.get("at")]

    def process(engine: Engine, batch: Any) -> Any:
        if left[0] is not None and engine.state.iteration == left[0]:
            left[0] = None
            raise raising["error"]("broken")
        seen.append(batch)
        return batch

    return Engine(process), seen


# ------------------------------------------------------------------------------------------ construction


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


# ------------------------------------------------------------------------------------------------ arguments

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


# ----------------------------------------------------------------------------------------------- exceptions

PLACES = [
    "STARTED",
    "EPOCH_STARTED",
    "GET_BATCH_STARTED",
    "ITERATION_STARTED",
    "ITERATION_COMPLETED",
    "EPOCH_COMPLETED",
]
PLACES += [
    "GET_BATCH_COMPLETED",
    "COMPLETED",
    "DATALOADER_STOP_ITERATION",
    "TERMINATE",
    "TERMINATE_SINGLE_EPOCH",
    "INTERRUPT",
]


def raising_at(place: str, error: BaseException) -> Engine:
    """An engine with a handler that raises at an event, which is made to happen."""
    engine, _ = collecting()
    stops = {
        "TERMINATE": engine.terminate,
        "TERMINATE_SINGLE_EPOCH": engine.terminate_epoch,
        "INTERRUPT": engine.interrupt,
    }
    if place in stops:
        engine.add_event_handler(Events.ITERATION_COMPLETED(once=2), stops[place])

    def raises() -> None:
        raise error

    engine.add_event_handler(place, raises)
    return engine


@pytest.mark.parametrize("error", [KeyError("broken"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
@pytest.mark.parametrize("place", PLACES)
def test_exceptions_of_handlers_leave_run_after_one_event(place: str, error: BaseException) -> None:
    engine = raising_at(place, error)
    told: list[Any] = []
    engine.add_event_handler(Events.EXCEPTION_RAISED, lambda engine, error: told.append((engine, error)))
    engine.add_event_handler(Events.EXCEPTION_RAISED, lambda error: told.append(error))
    notes = len(getattr(error, "__notes__", ()))
    with pytest.raises(type(error)) as caught:
        engine.run([1, 2], max_epochs=2, epoch_length=3)
    assert caught.value is error
    assert told == [(engine, error), error]
    note = error.__notes__[notes]
    assert f"raised by handler 'raising_at.<locals>.raises' of Events.{place}, iteration" in note
    assert len(error.__notes__) == notes + 1


@pytest.mark.parametrize("place", PLACES)
def test_stop_iteration_does_not_end_the_data(place: str) -> None:
    engine = raising_at(place, StopIteration())
    with pytest.raises((StopIteration, RuntimeError)) as caught:
        engine.run([1, 2], max_epochs=2, epoch_length=3)
    if "GET_BATCH" in place:  # raised while a batch is fetched, it is what Python makes of it there
        assert isinstance(caught.value.__cause__, StopIteration)
    else:
        assert caught.type is StopIteration


def test_exceptions_of_the_process_function_name_it() -> None:
    engine, _ = collecting(at=2, error=KeyError)
    with pytest.raises(KeyError) as caught:
        engine.run([1, 2, 3])
    assert caught.value.__notes__ == [
        "raised by process_function 'collecting.<locals>.process', iteration 2, epoch 1 of Engine"
    ]


def test_exceptions_of_the_data_name_it() -> None:
    def data() -> Any:
        yield 1
        raise OSError("disk")

    for listening in (False, True):
        engine, seen = collecting()
        if listening:
            engine.add_event_handler(Events.GET_BATCH_STARTED, lambda: None)
        with pytest.raises(OSError, match="disk") as caught:
            engine.run(data())
        assert seen == [1]
        assert caught.value.__notes__ == [
            "raised while fetching a batch from data of type 'generator' after iteration 1, epoch 1 of Engine"
        ]


def test_nested_engines_note_both() -> None:
    trainer, _ = collecting()
    evaluator, _ = collecting(at=1, error=KeyError)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([1]))
    with pytest.raises(KeyError) as caught:
        trainer.run([1, 2])
    inner, outer = caught.value.__notes__
    assert "process_function" in inner
    assert "of Events.EPOCH_COMPLETED, iteration 2, epoch 1" in outer


def test_a_custom_event_notes_the_handler_that_raised() -> None:
    def process(engine: Engine, batch: int) -> None:
        engine.fire_event("mine")

    def inner() -> None:
        raise KeyError

    engine = Engine(process)
    engine.register_events("mine")
    engine.add_event_handler("mine", inner)
    with pytest.raises(KeyError) as caught:
        engine.run([1])
    assert len(caught.value.__notes__) == 1
    assert "inner' of mine, iteration 1" in caught.value.__notes__[0]


def test_a_handler_within_a_handler_is_the_one_to_blame() -> None:
    def inner() -> None:
        raise KeyError

    engine, _ = collecting()
    engine.register_events("mine")
    engine.add_event_handler("mine", inner)
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: engine.fire_event("mine"))
    with pytest.raises(KeyError) as caught:
        engine.run([1])
    assert len(caught.value.__notes__) == 1
    assert "inner' of mine, iteration 1" in caught.value.__notes__[0]


def test_every_handler_of_the_exception_runs() -> None:
    engine, _ = collecting(at=1, error=KeyError)
    told: list[int] = []

    def again(engine: Engine, error: Exception, n: int) -> None:
        told.append(n)
        raise error

    def fails(error: Exception) -> None:
        told.append(2)
        raise OSError("no space")

    engine.add_event_handler(Events.EXCEPTION_RAISED, again, 1)
    engine.add_event_handler(Events.EXCEPTION_RAISED, fails)
    engine.add_event_handler(Events.EXCEPTION_RAISED, again, 3)
    with pytest.raises(KeyError) as caught:
        engine.run([1])
    assert told == [1, 2, 3]
    assert "handler" in caught.value.__notes__[1]
    assert "OSError('no space')" in caught.value.__notes__[1]


def test_a_handler_may_translate_the_exception() -> None:
    engine, _ = collecting(at=1, error=KeyError)

    @engine.on(Events.EXCEPTION_RAISED)
    def translate(error: Exception) -> None:
        raise RuntimeError("training failed") from error

    with pytest.raises(RuntimeError, match="training failed") as caught:
        engine.run([1])
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_handler_may_leave_the_program() -> None:
    engine, _ = collecting(at=1, error=KeyError)

    @engine.on(Events.EXCEPTION_RAISED)
    def leave(error: Exception) -> None:
        raise SystemExit(2)

    with pytest.raises(SystemExit) as caught:
        engine.run([1])
    assert isinstance(caught.value.__context__, KeyError)


def test_removed_exception_handlers_do_not_matter() -> None:
    engine, _ = collecting(at=1, error=KeyError)
    engine.add_event_handler(Events.EXCEPTION_RAISED, lambda error: None).remove()
    with pytest.raises(KeyError):
        engine.run([1])


@pytest.mark.parametrize("place", PLACES)
def test_run_works_again_after_an_exception(place: str) -> None:
    engine = raising_at(place, KeyError())
    with pytest.raises(KeyError):
        engine.run([1, 2], max_epochs=3, epoch_length=3)
    for registration in list(engine._handlers[place].registrations):
        engine.remove_event_handler(registration.handler, place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "terminate", lambda: None)
        state = engine.run([1, 2], max_epochs=3)
        while engine.last_event_name == Events.INTERRUPT:
            state = engine.run([1, 2], max_epochs=3)
    assert state is engine.state
    assert state.epoch == 3
    assert engine.last_event_name == Events.COMPLETED


@pytest.mark.parametrize("one_time", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_the_iteration_that_failed_is_run_again(at: int, one_time: bool) -> None:
    engine, seen = collecting(at=at, error=KeyError)
    data: Any = iter([0, 1, 2] * 3) if one_time else [0, 1, 2]
    limits = {"max_epochs": 3, "epoch_length": 3}
    with pytest.raises(KeyError):
        engine.run(data, **limits)
    assert engine.state.iteration == at
    engine.run(data, **limits)
    assert seen == [0, 1, 2] * 3
    assert (engine.state.iteration, engine.state.epoch) == (9, 3)


# --------------------------------------------------------------------------------------------- after a stop


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


# ------------------------------------------------------------------------------------------------ re-entrance


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


# ----------------------------------------------------------------------------------------- saving and loading


def test_state_dict_holds_progress_limit_and_user_keys() -> None:
    engine, _ = collecting()
    engine.state_dict_user_keys.append("alpha")
    engine.state.alpha = 0.1
    engine.run([1, 2, 3], max_epochs=2)
    assert engine.state_dict() == {"epoch_length": 3, "iteration": 6, "max_epochs": 2, "alpha": 0.1}
    other, _ = collecting()
    other.run([1, 2, 3], max_iters=4)
    assert other.state_dict() == {"epoch_length": 3, "iteration": 4, "max_iters": 4}


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
                given = data()
                if isinstance(given, type(iter([]))):  # a new iterator starts where the epoch starts
                    for _ in range(stop // 3 * 3):  # type: ignore[operator]
                        next(given)
                engine.run(given)
        return batches, events

    unbroken, resumed = run(None), run(stop)
    assert resumed[0] == unbroken[0]
    # For the file, an epoch cut off after its last iteration is complete: its EPOCH_COMPLETED is not fired.
    missing = [("EC", stop // 3)] if stop % 3 == 0 else []
    assert sorted(map(str, resumed[1] + missing)) == sorted(map(str, unbroken[1]))


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


# ---------------------------------------------------------------------------------------------------- the rest


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
