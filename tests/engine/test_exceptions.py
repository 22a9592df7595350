"""Exceptions are never lost: told once, to everybody, with a note of where, and `run` works again."""

from __future__ import annotations

from typing import Any

import pytest

from sparkle.engine import Engine, Events


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


PLACES = [event.name for event in Events][:13]  # those that `run` fires
PLACES.remove("EXCEPTION_RAISED")


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
