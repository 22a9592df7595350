"""Profilers, by a clock that the test moves: whose time is whose, in any order of attaching."""

from __future__ import annotations

import csv
import gc
import weakref

import pytest

from sparkle.engine import Engine, Events
from sparkle.handlers import BasicTimeProfiler, HandlersTimeProfiler, Timer
from sparkle.handlers.time_profilers import recorder

SECONDS = {
    "STARTED": 1,
    "EPOCH_STARTED": 2,
    "GET_BATCH_STARTED": 4,
    "GET_BATCH_COMPLETED": 8,
    "ITERATION_STARTED": 16,
    "ITERATION_COMPLETED": 32,
    "EPOCH_COMPLETED": 64,
    "COMPLETED": 128,
}


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def move(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(recorder, "perf_counter", clock)
    return clock


class Data:
    """Three batches, that take 0.25, 0.5 and 0.75 s to fetch."""

    def __init__(self, clock):
        self.clock = clock

    def __len__(self):
        return 3

    def __iter__(self):
        for i in range(1, 4):
            self.clock.move(i / 4)
            yield i


def handler_of(event, name, clock):
    def handler(engine):
        clock.move(SECONDS[event])

    handler.__qualname__ = f"{name}_of_{event}"
    return handler


def training(clock, profilers, first):
    """Processing takes 1000, 2000 and 3000 s, each of two handlers of an event what SECONDS says."""
    trainer = Engine(lambda engine, batch: clock.move(1000 * batch))

    def attach_profilers():
        for profiler in profilers:
            profiler.attach(trainer)
            profiler.attach(trainer)  # once is enough

    if first:
        attach_profilers()
    for event in SECONDS:
        for name in ("handler", "other"):
            trainer.add_event_handler(Events[event], handler_of(event, name, clock))
    if not first:
        attach_profilers()
    return trainer, Data(clock)


COUNTS = {"STARTED": 1, "COMPLETED": 1, "EPOCH_STARTED": 2, "EPOCH_COMPLETED": 2}  # 6 of the others, in 2 epochs


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("runs", [1, 3])
def test_basic(clock, first, runs):
    profiler = BasicTimeProfiler()
    trainer, data = training(clock, [profiler], first)
    for _ in range(runs):
        trainer.run(data, max_epochs=2)
    assert profiler.processing_times == [1000, 2000, 3000] * 2
    assert profiler.dataflow_times == [0.25, 0.5, 0.75] * 2
    for event, times in profiler.event_handlers_times.items():
        assert times == [2 * SECONDS[event.name]] * COUNTS.get(event.name, 6)


@pytest.mark.parametrize("first", [True, False])
def test_handlers(clock, first):
    profiler, other = HandlersTimeProfiler(), BasicTimeProfiler()
    trainer, data = training(clock, [profiler, other], first)
    for _ in range(2):
        trainer.run(data, max_epochs=2)
    times = profiler.event_handlers_times
    assert set(times) == set(SECONDS)
    for event, names in times.items():
        expected = [SECONDS[event]] * COUNTS.get(event, 6)
        assert names == {f"handler_of_{event}": expected, f"other_of_{event}": expected}
    rows = profiler.get_results()
    assert rows[-2] == ["Processing", "None", 12000, (1000, 0), (3000, 2), 2000, pytest.approx(894.42719)]
    assert rows[-1] == ["Dataflow", "None", 3, (0.25, 0), (0.75, 2), 0.5, pytest.approx(0.22361)]
    assert rows[-3] == ["Total", "", sum(row[2] for row in rows[:-3]), "", "", "", ""]
    assert other.processing_times == profiler.processing_times


def test_results_of_basic(clock):
    profiler = BasicTimeProfiler()
    trainer, data = training(clock, [profiler], True)
    assert profiler.get_results()["processing_stats"] == {"total": "not yet triggered"}
    trainer.run(data)
    results = profiler.get_results()
    assert results["processing_stats"] == {
        "total": 6000,
        "min/index": (1000, 0),
        "max/index": (3000, 2),
        "mean": 2000,
        "std": 1000,
    }
    assert results["event_handlers_stats"]["STARTED"] == {"total": 2}
    assert results["event_handlers_stats"]["total_time"] == 2 * (1 + 2 + 64 + 128) + 3 * 2 * (4 + 8 + 16 + 32)
    assert results["event_handlers_names"]["EPOCH_STARTED_names"] == [
        "handler_of_EPOCH_STARTED",
        "other_of_EPOCH_STARTED",
    ]


def test_tables(clock, capsys):
    profiler, basic = HandlersTimeProfiler(), BasicTimeProfiler()
    trainer, data = training(clock, [profiler, basic], True)
    trainer.run(data)
    results = profiler.get_results()
    texts = [profiler.print_results(results), profiler.print_results(results), basic.print_results(basic.get_results())]
    assert capsys.readouterr().out == "\n".join([*texts, ""])
    assert texts[0] == texts[1]  # ignite spoils the results when it prints them
    row = next(line for line in texts[0].splitlines() if line.startswith("handler_of_STARTED"))
    assert row.split() == ["handler_of_STARTED", "STARTED", "1.0", "1.0/0", "1.0/0", "1.0", "None"]
    row = next(line for line in texts[2].splitlines() if line.startswith("Dataflow"))
    assert row.split() == ["Dataflow", "1.50000", "0.25000/0", "0.75000/2", "0.50000", "0.25000"]
    assert "handler_of_COMPLETED, other_of_COMPLETED" in texts[2]


def test_files(clock, tmp_path):
    profiler, basic = HandlersTimeProfiler(), BasicTimeProfiler()
    trainer, data = training(clock, [profiler, basic], True)
    trainer.run(data, max_epochs=2)
    basic.write_results(str(tmp_path / "basic.csv"))
    profiler.write_results(str(tmp_path / "handlers.csv"))
    with open(tmp_path / "basic.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["iteration"]) for row in rows] == [(str(1 + i // 3), str(i + 1)) for i in range(6)]
    assert [float(row["processing_stats"]) for row in rows] == basic.processing_times
    assert [float(row["dataflow_stats"]) for row in rows] == basic.dataflow_times
    for name, seconds in SECONDS.items():
        assert {float(row[f"Event_{name}"]) for row in rows} == {2 * seconds}
    with open(tmp_path / "handlers.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["#"] for row in rows] == [str(i + 1) for i in range(6)]
    assert [float(row["handler_of_EPOCH_STARTED (EPOCH_STARTED)"]) for row in rows] == [2, 2, 0, 0, 0, 0]
    assert [float(row["processing_stats"]) for row in rows] == profiler.processing_times


def test_filters_custom_events_and_late_handlers(clock):
    """A filtered handler counts when it is called; events and handlers that come later are measured too."""

    def step(engine, batch):
        clock.move(1)
        engine.fire_event("MINE")

    trainer, profiler = Engine(step), HandlersTimeProfiler()
    profiler.attach(trainer)
    trainer.register_events("MINE")

    def rare():
        clock.move(2)

    def filtered():
        clock.move(4)

    def late(engine):
        clock.move(8)

    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=3), rare)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(lambda engine, count: count == 2), filtered)
    trainer.add_event_handler("MINE", rare)
    trainer.add_event_handler(
        Events.EPOCH_STARTED, lambda engine: engine.add_event_handler(Events.ITERATION_STARTED(once=2), late)
    )
    trainer.run(range(6))
    times = {name: list(seconds) for names in profiler.event_handlers_times.values() for name, seconds in names.items()}
    short = {name.rsplit(".", 1)[-1]: seconds for name, seconds in times.items()}
    assert (short["filtered"], short["late"]) == ([4], [8])
    assert [len(names) for names in profiler.event_handlers_times["MINE"].values()] == [6]
    assert profiler.processing_times == [3] * 6  # events that the process function fires are part of it


def test_any_data_and_any_end(clock):
    """ignite needs epochs of a known length."""
    profiler = BasicTimeProfiler()
    trainer = Engine(lambda engine, batch: clock.move(batch))
    profiler.attach(trainer)
    trainer.run((i for i in (1, 2, 3)), max_epochs=1)
    assert profiler.processing_times == [1, 2, 3]
    trainer.state.max_epochs = None
    trainer.run([4, 5], max_iters=3)
    assert profiler.processing_times == [4, 5, 4]


@pytest.mark.parametrize("kind", [BasicTimeProfiler, HandlersTimeProfiler])
def test_exceptions_leave_the_run(kind):
    """With ignite's HandlersTimeProfiler every exception is lost."""

    def fail(engine):
        raise KeyError("here")

    trainer = Engine(lambda engine, batch: None)
    profiler = kind()
    profiler.attach(trainer)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=2), fail)
    with pytest.raises(KeyError, match="here") as caught:
        trainer.run([1, 2, 3])
    assert "fail" in " ".join(caught.value.__notes__)
    assert len(profiler.processing_times) == 2
    state = trainer.run([1, 2, 3], max_epochs=2)
    assert state.iteration == 6


def test_interrupted_runs_go_on(clock):
    profiler = BasicTimeProfiler()
    trainer = Engine(lambda engine, batch: clock.move(batch))
    profiler.attach(trainer)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=2), lambda engine: engine.interrupt())
    trainer.run([1, 2, 3])
    trainer.run()
    assert profiler.processing_times == [1, 2, 3]


def test_timers_beside_profilers():
    trainer, timer = Engine(lambda engine, batch: None), Timer()
    timer.attach(trainer, resume=Events.ITERATION_STARTED, pause=Events.ITERATION_COMPLETED)
    HandlersTimeProfiler().attach(trainer)
    trainer.run(range(3))
    assert timer.value() > 0
    assert trainer.has_event_handler(timer.pause)


@pytest.mark.parametrize("kind", [BasicTimeProfiler, HandlersTimeProfiler])
def test_engines(kind):
    with pytest.raises(TypeError, match="int"):
        kind().attach(3)
    profiler = kind()
    for wanted in (None, "another engine"):
        engine = Engine(lambda engine, batch: None)
        engine.add_event_handler(Events.STARTED, lambda: None)
        if wanted is None:
            profiler.attach(engine)
        else:
            with pytest.raises(ValueError, match=wanted):
                profiler.attach(engine)


@pytest.mark.parametrize("kind", [BasicTimeProfiler, HandlersTimeProfiler])
def test_engines_are_not_held(kind):
    engine, profiler = Engine(lambda engine, batch: None), kind()
    profiler.attach(engine)
    engine.run([1])
    gc.disable()
    try:
        held = weakref.ref(engine)
        del engine
        assert held() is None
    finally:
        gc.enable()
