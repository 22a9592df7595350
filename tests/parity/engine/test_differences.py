"""Where Sparkle differs from Ignite on purpose: one row each, with the reason, and what either gives.

A row is a small program written against either library. What Ignite gives is what version 0.5.5 gives.
"""

from __future__ import annotations

import importlib
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

ignite_engine = pytest.importorskip("ignite.engine")
import sparkle.engine as sparkle_engine  # noqa: E402


class Difference(NamedTuple):
    """A program, why its outcome differs, and both outcomes."""

    program: Callable[[Any], Any]
    reason: str
    ignite: Any
    sparkle: Any

    def __str__(self) -> str:
        return self.program.__name__


def outcome(program: Callable[[Any], Any], lib: Any) -> Any:
    try:
        return program(lib)
    except BaseException as error:
        return type(error).__name__


def collector(lib: Any, fail_at: int | None = None, error: type[BaseException] = KeyError) -> tuple[Any, list[Any]]:
    """An engine that collects its batches, and fails once, at an iteration."""
    seen: list[Any] = []

    def process(engine: Any, batch: Any) -> Any:
        if engine.state.iteration == fail_at and ("failed", fail_at) not in seen:
            seen.append(("failed", fail_at))
            raise error("broken")
        seen.append(batch)
        return batch

    return lib.Engine(process), seen


def quietly(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The outcome of a call that may raise, as a word."""
    try:
        call(*args, **kwargs)
    except BaseException as error:
        return type(error).__name__
    return "returned"


# exceptions


def exception_with_a_handler(lib: Any) -> Any:
    engine, seen = collector(lib, fail_at=2)
    engine.add_event_handler(lib.Events.EXCEPTION_RAISED, lambda engine, error: None)
    return quietly(engine.run, range(3), max_epochs=2), seen


def exception_raised_again(lib: Any) -> Any:
    engine, _ = collector(lib, fail_at=2)
    fired = []

    @engine.on(lib.Events.EXCEPTION_RAISED)
    def handler(engine: Any, error: Exception) -> None:
        fired.append(1)
        raise error

    return quietly(engine.run, range(3)), len(fired)


def two_exception_handlers(lib: Any) -> Any:
    engine, _ = collector(lib, fail_at=2)
    called = []

    def handler(engine: Any, error: Exception, name: str) -> None:
        called.append(name)
        raise error

    engine.add_event_handler(lib.Events.EXCEPTION_RAISED, handler, "first")
    engine.add_event_handler(lib.Events.EXCEPTION_RAISED, handler, "second")
    quietly(engine.run, range(3))
    return sorted(set(called))


def exception_handler_removed(lib: Any) -> Any:
    engine, _ = collector(lib, fail_at=2)
    engine.add_event_handler(lib.Events.EXCEPTION_RAISED, lambda engine, error: None).remove()
    return quietly(engine.run, range(3))


def keyboard_interrupt(lib: Any) -> Any:
    engine, _ = collector(lib, fail_at=2, error=KeyboardInterrupt)
    engine.add_event_handler(lib.Events.EXCEPTION_RAISED, lambda engine, error: None)
    return quietly(engine.run, range(3))


def run_after_exception(lib: Any) -> Any:
    engine, seen = collector(lib, fail_at=2)
    quietly(engine.run, range(3), max_epochs=2)
    state = engine.run(range(3), max_epochs=2)
    return seen, state is engine.state


# stops


def terminate_then_run(lib: Any) -> Any:
    engine, seen = collector(lib)
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=2), engine.terminate)
    engine.run(range(3), max_epochs=2)
    engine.run(range(3), max_epochs=2)
    return seen, engine.state.epoch


def terminate_when_epoch_starts_then_run(lib: Any) -> Any:
    engine, seen = collector(lib)
    engine.add_event_handler(lib.Events.EPOCH_STARTED(once=2), engine.terminate)
    engine.run(range(3), max_epochs=3)
    engine.run(range(3), max_epochs=3)
    return seen, engine.state.epoch


def more_iterations(lib: Any) -> Any:
    engine, seen = collector(lib)
    engine.run([0, 1], max_iters=3)
    engine.run([0, 1], max_iters=6)
    return seen, engine.state.epoch


def interrupt_then_other_data(lib: Any) -> Any:
    engine, seen = collector(lib)
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=1), engine.interrupt)
    engine.run([0, 1, 2])
    engine.run([10, 11, 12])
    return seen


def interrupt_between_two_iterations_of_data(lib: Any) -> Any:
    engine, _ = collector(lib)
    fetches: list[int] = []
    engine.add_event_handler(lib.Events.DATALOADER_STOP_ITERATION, engine.interrupt)
    engine.add_event_handler(lib.Events.GET_BATCH_STARTED, lambda: fetches.append(engine.state.iteration))
    engine.run([0, 1], epoch_length=3)
    engine.run([0, 1])
    return fetches


def once_while_epochs_end(lib: Any) -> Any:
    engine, _ = collector(lib)
    fired: list[int] = []

    @engine.on(lib.Events.GET_BATCH_STARTED(once=2))
    def handler() -> None:
        fired.append(engine.state.iteration)
        engine.terminate_epoch()

    engine.run(range(4), max_epochs=3)
    return fired


def end_of_epoch_without_the_count(lib: Any) -> Any:
    engine, _ = collector(lib)
    called: list[Any] = []

    def handler(engine: Any) -> None:
        called.append(type(engine).__name__)

    engine.add_event_handler(lib.Events.TERMINATE_SINGLE_EPOCH, handler)
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=2), engine.terminate_epoch)
    return quietly(engine.run, range(4)), called


# the end of the data


def warned(call: Callable[..., Any], *args: Any, **kwargs: Any) -> int:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*args, **kwargs)
    return len(caught)


def epochs_of(lib: Any, engine: Any) -> list[str]:
    events: list[str] = []
    for name in ("EPOCH_STARTED", "EPOCH_COMPLETED", "COMPLETED"):
        engine.add_event_handler(getattr(lib.Events, name), events.append, name)
    return events


def data_ends_in_last_epoch(lib: Any) -> Any:
    engine, seen = collector(lib)
    return warned(engine.run, iter(range(5)), max_epochs=2, epoch_length=3), seen


def data_ends_epochs_before(lib: Any) -> Any:
    engine, _ = collector(lib)
    events = epochs_of(lib, engine)
    count = warned(engine.run, iter(range(4)), max_epochs=4, epoch_length=3)
    return count, [event[:11] for event in events], engine.state.epoch


def generator_for_two_epochs(lib: Any) -> Any:
    engine, _ = collector(lib)
    events = epochs_of(lib, engine)
    count = warned(engine.run, iter(range(2)), max_epochs=2)
    return count, [event[:11] for event in events], engine.state.epoch


def exhausted_generator(lib: Any) -> Any:
    engine, seen = collector(lib)
    return warned(engine.run, iter(())), seen, engine.state.epoch, engine.state.epoch_length


# resuming


def load_amidst_an_epoch(lib: Any) -> Any:
    engine, seen = collector(lib)
    engine.load_state_dict({"iteration": 4, "epoch_length": 3, "max_epochs": 3})
    engine.run([0, 1, 2])
    return seen, engine.state.epoch


def load_after_interruption(lib: Any) -> Any:
    engine, seen = collector(lib)
    with engine.add_event_handler(lib.Events.ITERATION_COMPLETED, engine.interrupt):
        engine.run([0, 1, 2])
    engine.load_state_dict({"iteration": 0, "epoch_length": 3, "max_epochs": 1})
    engine.run([0, 1, 2])
    return seen


def run_again_without_data(lib: Any) -> Any:
    engine, seen = collector(lib)
    engine.add_event_handler(lib.Events.EPOCH_COMPLETED(once=1), engine.terminate)
    engine.run([0, 1], max_epochs=2)
    engine.run()
    return seen


def iterations_of_data_without_length(lib: Any) -> Any:
    class Unsized:
        def __iter__(self) -> Iterator[int]:
            return iter(range(2))

    engine, _ = collector(lib)
    engine.run(Unsized(), max_iters=3)
    return engine.state.max_epochs, quietly(engine.run, Unsized(), max_iters=6)


def refused_argument(lib: Any) -> Any:
    engine, _ = collector(lib)
    engine.run(range(3), max_epochs=2)
    return quietly(engine.run, range(3), max_epochs=5, epoch_length=7), engine.state.max_epochs


def run_within_run(lib: Any) -> Any:
    engine, _ = collector(lib)
    words: list[Any] = []

    @engine.on(lib.Events.ITERATION_COMPLETED(once=1))
    def handler() -> None:
        words.append(quietly(engine.run, range(7), max_epochs=9))
        words.append(engine.state.max_epochs)

    engine.run(range(2), max_epochs=1)
    return words, engine.state.iteration


def end_of_an_epoch_that_was_cut_off(lib: Any) -> Any:
    engine, _ = collector(lib)
    completed: list[int] = []
    engine.add_event_handler(lib.Events.EPOCH_COMPLETED, lambda: completed.append(engine.state.epoch))
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=3), engine.terminate)
    for _ in range(2):
        engine.run([0, 1, 2], max_epochs=2)
    return completed


class Gathering:
    """What metrics are to an engine: reset when an epoch starts."""

    def __init__(self) -> None:
        self.total = 0

    def reset(self) -> None:
        self.total = 0

    def update(self, engine: Any) -> None:
        self.total += engine.state.output

    def state_dict(self) -> dict[str, int]:
        return {"total": self.total}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.total = state["total"]


def sums_of_epochs(lib: Any, engine: Any) -> list[int]:
    totals: list[int] = []
    gathering = Gathering()
    engine.add_event_handler(lib.Events.EPOCH_STARTED, gathering.reset)
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED, gathering.update)
    engine.add_event_handler(lib.Events.EPOCH_COMPLETED, lambda: totals.append(gathering.total))
    return totals


def metrics_after_terminate(lib: Any) -> Any:
    engine, _ = collector(lib)
    totals = sums_of_epochs(lib, engine)
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=2), engine.terminate)
    for _ in range(2):
        engine.run([1, 2, 3], max_epochs=2)
    return totals


def metrics_of_a_loaded_run(lib: Any) -> Any:
    first, _ = collector(lib)
    sums_of_epochs(lib, first)
    first.add_event_handler(lib.Events.ITERATION_COMPLETED(once=2), first.terminate)
    first.run([1, 2, 3], max_epochs=2)
    second, _ = collector(lib)
    totals = sums_of_epochs(lib, second)
    second.load_state_dict(first.state_dict())
    second.run([1, 2, 3])
    return totals


def state_of_a_broken_off_iteration(lib: Any) -> Any:
    engine, _ = collector(lib, fail_at=2)
    counted: list[int] = []
    engine.add_event_handler(
        lib.Events.EXCEPTION_RAISED, lambda engine, error: counted.append(engine.state_dict()["iteration"])
    )
    engine.add_event_handler(
        lib.Events.ITERATION_STARTED(once=1), lambda: counted.append(engine.state_dict()["iteration"])
    )
    quietly(engine.run, range(3))
    return counted


def keys_of_a_state(lib: Any) -> Any:
    engine, _ = collector(lib)
    engine.run(range(3), max_epochs=2)
    return sorted(engine.state_dict())


def random_numbers_of_a_loaded_run(lib: Any) -> Any:
    random.seed(4)
    first, _ = collector(lib)
    first.run(range(2), max_iters=2)
    saved, wanted = first.state_dict(), random.random()
    drawn: list[float] = []
    second = lib.Engine(lambda engine, batch: drawn.append(random.random()))
    second.load_state_dict(saved)
    second.run(range(2), max_iters=4)
    return drawn[0] == wanted


def finished_training_loaded(lib: Any) -> Any:
    first, _ = collector(lib)
    first.run(range(3), max_epochs=2)
    second, seen = collector(lib)
    second.load_state_dict(first.state_dict())
    second.run(range(3), max_epochs=2)
    return seen


def seed_after_terminate(lib: Any) -> Any:
    engine = lib.DeterministicEngine(lambda engine, batch: None)
    seeds: list[int] = []
    engine.add_event_handler(lib.Events.STARTED, lambda: seeds.append(engine.state.seed))
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=2), engine.terminate)
    for _ in range(2):
        engine.run([1, 2, 3], max_epochs=2)
    return seeds[0] == seeds[1]


# handlers and events


def handlers_with_priorities(lib: Any) -> Any:
    class Saver:
        handler_priority = -20

        def __call__(self) -> None:
            called.append("saver")

    called: list[str] = []
    engine, _ = collector(lib)
    engine.add_event_handler(lib.Events.COMPLETED, Saver())
    engine.add_event_handler(lib.Events.COMPLETED, lambda: called.append("function"))
    engine.run(range(2))
    return called


def keyword_called_priority(lib: Any) -> Any:
    given: list[int] = []
    engine, _ = collector(lib)
    engine.add_event_handler(lib.Events.COMPLETED, lambda priority=None: given.append(priority), priority=3)
    engine.run(range(2))
    return given == [3]


def listing(lib: Any) -> Any:
    engine, _ = collector(lib)
    engine.add_event_handler(lib.Events.COMPLETED, print)
    return "COMPLETED" in repr(engine) and "print" in repr(engine)


def value_of_a_function_that_keeps_random_states(lib: Any) -> Any:
    return importlib.import_module(f"{lib.__name__}.deterministic").keep_random_state(lambda: 5)()


def one_of_three_handles(lib: Any) -> Any:
    engine, _ = collector(lib)
    fired: list[int] = []

    def handler() -> None:
        fired.append(engine.state.iteration)

    handles = [engine.add_event_handler(lib.Events.ITERATION_COMPLETED(once=n), handler) for n in (1, 2, 3)]
    handles[1].remove()
    engine.run(range(3))
    return fired


def handle_of_a_list_of_events(lib: Any) -> Any:
    engine, _ = collector(lib)
    fired: list[int] = []
    engine.add_event_handler(lib.Events.COMPLETED, fired.append, 1)
    append = fired.append
    engine.add_event_handler(lib.Events.COMPLETED, append, 2)
    engine.add_event_handler(lib.Events.STARTED | lib.Events.COMPLETED, append, 3).remove()
    engine.run(range(3))
    return fired


def joined_twice(lib: Any) -> Any:
    both = lib.Events.STARTED | lib.Events.COMPLETED
    three = both | lib.Events.EPOCH_STARTED
    return len(both), len(three)


def frozen(lib: Any) -> Any:
    return quietly(setattr, lib.Events.STARTED(every=2), "filter", None)


def filter_on_a_filter(lib: Any) -> Any:
    return quietly(lib.Events.STARTED(every=2), once=3)


def filter_on_an_event_without_attribute(lib: Any) -> Any:
    engine, _ = collector(lib)
    engine.register_events("mine")
    fired: list[int] = []
    engine.add_event_handler(lib.Events.DATALOADER_STOP_ITERATION(every=2), lambda: fired.append(engine.state.epoch))
    return quietly(engine.run, range(2), max_epochs=5), fired


def custom_event_counted(lib: Any) -> Any:
    mine = lib.EventEnum("Mine", {"BACKWARD_COMPLETED": "backward_completed"})
    fired: list[int] = []
    engine = lib.Engine(lambda engine, batch: engine.fire_event(mine.BACKWARD_COMPLETED))
    engine.register_events(*mine)
    engine.add_event_handler(mine.BACKWARD_COMPLETED(every=3), lambda: fired.append(engine.state.iteration))
    return quietly(engine.run, range(7)), fired


def attribute_of_another_engine(lib: Any) -> Any:
    mine = lib.EventEnum("Mine", {f"LEAKS_{lib.__name__.split('.')[0].upper()}": "leaks"})
    first, second = collector(lib)[0], collector(lib)[0]
    first.register_events(*mine, event_to_attr=dict.fromkeys(mine, "leaking"))
    second.register_events("other")
    second.state._update_attrs() if hasattr(second.state, "_update_attrs") else None
    return hasattr(first.state, "leaking"), hasattr(second.state, "leaking")


def handler_with_slots(lib: Any) -> Any:
    class Handler:
        __slots__ = ()

        def __call__(self) -> None: ...

    return quietly(collector(lib)[0].add_event_handler, lib.Events.STARTED(every=2), Handler())


def lists_joined(lib: Any) -> Any:
    a, b = lib.Events.STARTED | lib.Events.COMPLETED, lib.Events.EPOCH_STARTED | lib.Events.EPOCH_COMPLETED
    return len(a | b)


LOST = (
    "exceptions are never lost: EXCEPTION_RAISED is fired once, all its handlers run, then the exception leaves run()"
)
RESUMED = "what a stop cut off is done by the next run: nothing is lost, nothing done twice"
ENDED = "data that ends early is warned about once, and no epoch without a batch is completed"
OWN = "a handle, a filter, an attribute concerns what it was made for, and nothing else"
DOOR = "what is refused is refused at the door, before anything changes"

INTENDED = [
    Difference(
        exception_with_a_handler, LOST, ("returned", [0, ("failed", 2), 2, 0, 1]), ("KeyError", [0, ("failed", 2)])
    ),
    Difference(exception_raised_again, LOST, ("KeyError", 2), ("KeyError", 1)),
    Difference(two_exception_handlers, LOST, ["first"], ["first", "second"]),
    Difference(exception_handler_removed, LOST, "returned", "KeyError"),
    Difference(keyboard_interrupt, LOST, "returned", "KeyboardInterrupt"),
    Difference(run_after_exception, RESUMED, ([0, ("failed", 2)], False), ([0, ("failed", 2), 1, 2, 0, 1, 2], True)),
    Difference(terminate_then_run, RESUMED, ([0, 1, 0, 1, 2], 2), ([0, 1, 2, 0, 1, 2], 2)),
    Difference(terminate_when_epoch_starts_then_run, RESUMED, ([0, 1, 2] * 2, 3), ([0, 1, 2] * 3, 3)),
    Difference(more_iterations, RESUMED, ([0, 1, 0, 0, 1, 0], 4), ([0, 1, 0, 1, 0, 1], 3)),
    Difference(
        interrupt_then_other_data, "data that is given is used, from the same position on", [0, 1, 2], [0, 11, 12]
    ),
    Difference(interrupt_between_two_iterations_of_data, "each fetch is announced once", [0, 1, 2, 2], [0, 1, 2]),
    Difference(once_while_epochs_end, "a count is consumed by the call (Ignite's #3625)", [2, 2, 2], [2]),
    Difference(
        end_of_epoch_without_the_count,
        "a handler need not take what it does not use",
        ("TypeError", []),
        ("returned", ["Engine"]),
    ),
    Difference(data_ends_in_last_epoch, ENDED, (0, [0, 1, 2, 3, 4]), (1, [0, 1, 2, 3, 4])),
    Difference(
        data_ends_epochs_before,
        ENDED,
        (2, ["EPOCH_START", "EPOCH_COMPL"] * 4 + ["COMPLETED"], 4),
        (1, ["EPOCH_START", "EPOCH_COMPL"] * 2 + ["COMPLETED"], 2),
    ),
    Difference(
        generator_for_two_epochs,
        ENDED,
        (0, ["EPOCH_START", "EPOCH_COMPL"] * 2 + ["COMPLETED"], 2),
        (1, ["EPOCH_START", "EPOCH_COMPL", "EPOCH_START", "COMPLETED"], 1),
    ),
    Difference(exhausted_generator, ENDED, (0, [], 1, 0), (1, [], 0, None)),
    Difference(load_amidst_an_epoch, RESUMED, ([0, 1, 2, 0, 1], 3), ([1, 2, 0, 1, 2], 3)),
    Difference(load_after_interruption, RESUMED, [0, 1, 2, 0, 1, 2], [0, 0, 1, 2]),
    Difference(run_again_without_data, "a training that goes on keeps its data", [0, 1, None, None], [0, 1, 0, 1]),
    Difference(
        iterations_of_data_without_length, "max_iters stays the only limit", (2, "ValueError"), (None, "returned")
    ),
    Difference(end_of_an_epoch_that_was_cut_off, RESUMED, [2], [1, 2]),
    Difference(metrics_after_terminate, RESUMED, [6], [6, 6]),
    Difference(metrics_of_a_loaded_run, RESUMED, [1, 6], [6, 6]),
    Difference(state_of_a_broken_off_iteration, RESUMED, [1, 2], [0, 1]),
    Difference(
        keys_of_a_state,
        RESUMED,
        ["epoch_length", "iteration", "max_epochs"],
        ["epoch_length", "event_counts", "iteration", "max_epochs", "resume"],
    ),
    Difference(random_numbers_of_a_loaded_run, RESUMED, False, True),
    Difference(finished_training_loaded, RESUMED, [0, 1, 2] * 2, []),
    Difference(seed_after_terminate, RESUMED, False, True),
    Difference(
        handlers_with_priorities,
        "what saves comes after what it is to save",
        ["saver", "function"],
        ["function", "saver"],
    ),
    Difference(keyword_called_priority, "it is the engine's", True, False),
    Difference(listing, "an engine shows what it will do", False, True),
    Difference(value_of_a_function_that_keeps_random_states, "a value is not lost", None, 5),
    Difference(refused_argument, DOOR, ("ValueError", 5), ("ValueError", 2)),
    Difference(run_within_run, DOOR, (["ValueError", 9], 18), (["RuntimeError", 1], 2)),
    Difference(one_of_three_handles, OWN, [], [1, 3]),
    Difference(handle_of_a_list_of_events, OWN, [], [1, 2]),
    Difference(joined_twice, "joining events makes a new list", (3, 3), (2, 3)),
    Difference(frozen, "events can be shared and used as keys", "returned", "AttributeError"),
    Difference(filter_on_a_filter, "the first filter would be dropped in silence", "returned", "ValueError"),
    Difference(
        filter_on_an_event_without_attribute, "every event is counted", ("RuntimeError", []), ("returned", [3, 5])
    ),
    Difference(custom_event_counted, "every event is counted", ("RuntimeError", []), ("returned", [3, 6])),
    Difference(attribute_of_another_engine, OWN, (True, True), (True, False)),
    Difference(handler_with_slots, "handlers are held, not weakly referenced", "TypeError", "returned"),
    Difference(lists_joined, "lists of events join too", "TypeError", 4),
]


@pytest.mark.parametrize("difference", INTENDED, ids=str)
def test_sparkle_gives_what_is_intended(difference: Difference) -> None:
    assert outcome(difference.program, sparkle_engine) == difference.sparkle, difference.reason


@pytest.mark.parametrize("difference", INTENDED, ids=str)
@pytest.mark.filterwarnings("ignore")
def test_ignite_still_gives_the_other(difference: Difference) -> None:
    assert outcome(difference.program, ignite_engine) == difference.ignite, (
        "no difference any more: move it to test_traces"
    )
