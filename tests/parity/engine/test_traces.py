"""The same program run by Ignite and by Sparkle fires the same events in the same order.

A scenario says which data is run how often and what is done at which event; its trace is the list of all events with
the iteration, the epoch and the batch at that moment. What differs on purpose is in `test_differences`, each with its
reason. The installed Ignite is 0.5.5.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest

ignite_engine = pytest.importorskip("ignite.engine")
import sparkle.engine as sparkle_engine  # noqa: E402

LIBRARIES = {"ignite": ignite_engine, "sparkle": sparkle_engine}
EVENTS = [event.name for event in ignite_engine.Events]
RUN_LIMIT = 400  # events; a trace that is longer hangs


class Unsized:
    """Can be iterated again and again, and does not know its length."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.n))


def endless() -> Iterator[int]:
    n = 0
    while True:
        yield n
        n += 1


DATA: dict[str, Callable[[], Any]] = {
    "list": lambda: list(range(4)),
    "short list": lambda: [0, 1],
    "generator": lambda: (n for n in range(8)),
    "iterator": lambda: iter(range(8)),
    "endless": endless,
    "unsized": lambda: Unsized(4),
    "none": lambda: None,
}


class Act(NamedTuple):
    """What a handler does at an event, when the iteration (the epoch for events of epochs) has reached a number."""

    event: str
    at: int
    what: str
    kwargs: dict[str, Any] = {}  # noqa: RUF012

    def __str__(self) -> str:
        return f"{self.what}({','.join(self.kwargs)}) in {self.event} {self.at}"


class Scenario(NamedTuple):
    """One or more runs of one engine over one object of data."""

    data: str
    runs: tuple[dict[str, Any], ...]
    acts: tuple[Act, ...] = ()
    load: dict[str, Any] | None = None

    def __str__(self) -> str:
        runs = " then ".join("run(" + ",".join(f"{k}={v}" for k, v in run.items()) + ")" for run in self.runs)
        return " | ".join([self.data, runs, *map(str, self.acts), *([f"load {self.load}"] if self.load else [])])


def trace(library: str, scenario: Scenario) -> list[Any]:
    """All that can be seen of a scenario from outside."""
    lib = LIBRARIES[library]
    seen: list[Any] = []
    engine = lib.Engine(lambda engine, batch: seen.append(("process", batch)) or batch)

    def note(name: str) -> None:
        assert len(seen) < RUN_LIMIT, "does not end"
        state = engine.state
        seen.append((name, state.iteration, state.epoch, state.batch, state.output))

    for name in EVENTS:
        with_argument = name in ("EXCEPTION_RAISED", "TERMINATE_SINGLE_EPOCH")
        handler = _listener(note, name) if not with_argument else _listener_with_argument(note, name)
        engine.add_event_handler(getattr(lib.Events, name), handler)
    for act in scenario.acts:
        engine.add_event_handler(getattr(lib.Events, act.event), _actor(engine, act))
    if scenario.load is not None:
        engine.load_state_dict(scenario.load)
    data = DATA[scenario.data]()
    for run in scenario.runs:
        seen.append(f"run {run}")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                returned = engine.run(data, **run)
                seen.append(("returned", returned is engine.state))
            except Exception as error:
                seen.append(("raised", type(error).__name__))
        seen.append(("warnings", len(caught)))
        state = engine.state
        seen.append(("state", state.iteration, state.epoch, state.epoch_length, state.max_epochs, state.max_iters))
        saved = engine.state_dict()
        seen.append(("dict", {key: saved[key] for key in saved if key in _same_keys(seen)}))
    suspended = getattr(engine, "_internal_run_generator", None)
    if suspended is not None:  # Ignite's generator, were it left to the garbage collector, would complain there
        result = list(seen)
        suspended.close()
        return result
    return seen


def _same_keys(seen: list[Any]) -> tuple[str, ...]:
    """The keys of Ignite's dict; for an iteration that was begun and not finished see test_differences."""
    names = [item[0] for item in seen if item[0] in ("ITERATION_STARTED", "process")]
    keys = ("epoch_length", "max_epochs", "max_iters")
    return keys if names[-1:] == ["ITERATION_STARTED"] else ("iteration", *keys)


def _listener(note: Callable[[str], None], name: str) -> Callable[[], None]:
    return lambda: note(name)


def _listener_with_argument(note: Callable[[str], None], name: str) -> Callable[..., None]:
    if name == "TERMINATE_SINGLE_EPOCH":
        return lambda engine, iter_counter: note(f"{name} {iter_counter}")
    return lambda engine, error: note(f"{name} {type(error).__name__}")


def _actor(engine: Any, act: Act) -> Callable[..., None]:
    done: list[bool] = []

    def handler(*args: Any, **kwargs: Any) -> None:
        state = engine.state
        count = state.epoch if "EPOCH" in act.event or act.event in ("STARTED", "COMPLETED") else state.iteration
        if count < act.at or done:
            return
        done.append(True)
        if act.what == "raise":
            raise act.kwargs["error"]("broken")
        if act.what == "set_data":
            engine.set_data(list(range(100, 104)))
        elif act.what == "batch":
            state.batch = 77
        else:
            getattr(engine, act.what)(**act.kwargs)

    return handler


# ---------------------------------------------------------------------------------------------- ordinary runs

RUNS = [
    *(Scenario("unsized", ({"max_iters": iters},)) for iters in [1, 3]),  # for more see test_differences
    *(
        Scenario(data, ({"max_epochs": epochs},))
        for data, epochs in product(["list", "short list", "unsized"], [1, 2, 3])
    ),
    *(Scenario(data, ({"max_iters": iters},)) for data, iters in product(["list", "short list"], [1, 3, 4, 7])),
    *(
        Scenario(data, ({"max_epochs": 2, "epoch_length": length},))
        for data, length in product(["list", "short list", "unsized", "endless", "none"], [1, 3, 5])
    ),
    *(
        Scenario(data, ({"max_iters": 5, "epoch_length": length},))
        for data, length in product(["list", "endless", "none"], [2, 5, 9])
    ),
    *(Scenario(data, ({},)) for data in ["list", "generator", "iterator", "unsized"]),
    *(Scenario(data, ({"max_epochs": 2, "epoch_length": 4},)) for data in ["generator", "iterator"]),
    *(Scenario("generator", ({"max_epochs": 1, "epoch_length": length},)) for length in [3, 8]),
    *(Scenario("list", ({"max_epochs": epochs},)) for epochs in [0, -1]),
]

# ------------------------------------------------------------------------------------- stops at every event

FETCHING = ["GET_BATCH_STARTED", "GET_BATCH_COMPLETED"]
ITERATING = ["ITERATION_STARTED", "ITERATION_COMPLETED"]
EPOCHS = ["EPOCH_STARTED", "EPOCH_COMPLETED"]
STOPPABLE = ["STARTED", *EPOCHS, *FETCHING, *ITERATING, "DATALOADER_STOP_ITERATION", "COMPLETED"]

STOPS = [
    *(
        Scenario(data, ({"max_epochs": 2, **length},), (Act(event, 1, what, kwargs),))
        for (data, length), event, (what, kwargs) in product(
            [("list", {}), ("short list", {"epoch_length": 3}), ("none", {"epoch_length": 3})],
            STOPPABLE,
            [
                ("terminate", {}),
                ("terminate", {"skip_completed": True}),
                ("terminate_epoch", {}),
                ("terminate_epoch", {"skip_epoch_completed": True}),
            ],
        )
        if not (what == "terminate_epoch" and event == "DATALOADER_STOP_ITERATION")
        if not (what == "terminate_epoch" and event in ("STARTED", "EPOCH_STARTED"))
    ),
    *(
        Scenario(data, ({"max_epochs": 2},), (Act(event, at, "terminate_epoch"),))
        for data, event, at in product(["list", "unsized"], [*FETCHING, *ITERATING], [2, 3, 5])
        if not (data == "unsized" and at < 4)
    ),
    *(Scenario("list", ({"max_epochs": 2},), (Act(event, 3, "terminate"),)) for event in [*FETCHING, *ITERATING]),
    *(Scenario("list", ({"max_epochs": 3},), (Act(event, 2, "terminate"),)) for event in EPOCHS),
]

# ------------------------------------------------------------------------------------- interrupt and go on

INTERRUPTS = [
    Scenario(data, ({"max_epochs": 2, **length}, {"max_epochs": 2}, {"max_epochs": 3}), (Act(event, at, "interrupt"),))
    for (data, length), event, at in product(
        [
            ("list", {}),
            ("short list", {"epoch_length": 3}),
            ("none", {"epoch_length": 3}),
            ("endless", {"epoch_length": 3}),
        ],
        STOPPABLE,
        [0, 1, 2, 3],
    )
    if event not in ("STARTED", "COMPLETED") or at == 0
    if event != "DATALOADER_STOP_ITERATION"  # see test_differences
] + [
    Scenario("list", ({"max_iters": 6}, {"max_iters": 6}), (Act(event, at, "interrupt"),))
    for event, at in product(ITERATING, [2, 4, 6])
]

# ------------------------------------------------------------------------------ more runs, other data, resuming

RESUMES = [
    *(Scenario("list", ({"max_epochs": a}, {"max_epochs": b})) for a, b in [(1, 1), (2, 4), (2, 2), (3, 2)]),
    Scenario("list", ({"max_epochs": 2}, {})),
    Scenario("list", ({"max_iters": 4}, {"max_iters": 8})),
    Scenario("list", ({"max_iters": 5}, {"max_iters": 5})),
    Scenario("list", ({"max_iters": 5}, {"max_iters": 3})),
    Scenario("list", ({"max_iters": 5}, {"max_epochs": 3})),
    Scenario("list", ({"max_epochs": 1}, {"max_iters": 3})),
    *(Scenario("list", ({},), load={"epoch": epoch, "epoch_length": 4, "max_epochs": 3}) for epoch in range(3)),
    *(
        Scenario("list", ({"max_epochs": 4},), load={"iteration": 4 * epoch, "epoch_length": 4, "max_epochs": 3})
        for epoch in range(3)
    ),
    Scenario("list", ({},), load={"iteration": 4, "epoch_length": 4, "max_iters": 10}),
    Scenario("none", ({},), load={"iteration": 4, "epoch_length": 4, "max_epochs": 2}),
    *(
        Scenario("list", ({"max_epochs": 2},), (Act(event, at, "set_data"),))
        for event, at in [("STARTED", 0), ("EPOCH_STARTED", 1), ("EPOCH_COMPLETED", 1), *product(ITERATING, [2, 4, 5])]
    ),
    *(Scenario("list", ({"max_epochs": 2},), (Act(event, 2, "set_data"),)) for event in FETCHING),
    *(Scenario("list", ({},), (Act(event, 2, "batch"),)) for event in ["ITERATION_STARTED", "GET_BATCH_COMPLETED"]),
    Scenario("generator", ({"max_epochs": 3, "epoch_length": 4},), (Act("DATALOADER_STOP_ITERATION", 8, "set_data"),)),
]

SAME = [*RUNS, *STOPS, *INTERRUPTS, *RESUMES]


@pytest.mark.parametrize("scenario", SAME, ids=str)
def test_same_trace(scenario: Scenario) -> None:
    assert trace("sparkle", scenario) == trace("ignite", scenario)


# -------------------------------------------------------------------- every stop at every place over every data

KINDS = [
    ("terminate", {}),
    ("terminate", {"skip_completed": True}),
    ("terminate_epoch", {}),
    ("terminate_epoch", {"skip_epoch_completed": True}),
    ("interrupt", {}),
]
PLACES = ["EPOCH_STARTED", *FETCHING, *ITERATING, "EPOCH_COMPLETED", "DATALOADER_STOP_ITERATION"]
LIMITS = [{"max_epochs": 2}, {"max_epochs": 3, "epoch_length": 3}, {"max_iters": 5}]
LIMITS.append({"max_iters": 6, "epoch_length": 4})


def generated(data: str, what: str, kwargs: dict[str, Any], event: str) -> Iterator[Scenario]:
    """Each limit, and stops early and late; an interrupted run goes on. What is left out is in test_differences."""
    for limit, at in product(LIMITS, [1, 2, 4]):
        without_length = "epoch_length" not in limit
        if without_length and (data in ("none", "endless") or (data == "unsized" and "max_iters" in limit)):
            continue
        yield Scenario(data, (limit, limit) if what == "interrupt" else (limit,), (Act(event, at, what, kwargs),))


CELLS = [
    (data, what, kwargs, event)
    for data, (what, kwargs), event in product(["list", "short list", "unsized", "none", "endless"], KINDS, PLACES)
    if not (what == "terminate_epoch" and event == "EPOCH_STARTED")
    if not (what == "interrupt" and event == "DATALOADER_STOP_ITERATION")
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell[1]}({','.join(cell[2])}) at {cell[3]} over {cell[0]}")
def test_same_trace_of_all_limits(cell: Any) -> None:
    scenarios = list(generated(*cell))
    assert len(scenarios) >= 6
    for scenario in scenarios:
        assert trace("sparkle", scenario) == trace("ignite", scenario), str(scenario)


def test_how_many() -> None:
    assert len(SAME) + sum(len(list(generated(*cell))) for cell in CELLS) > 1500
