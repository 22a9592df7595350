"""Going on from a directory: which file is the latest, and what a killed writer leaves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import Checkpoint, DiskSaver


@pytest.fixture
def write(tmp_path, thing):
    """Write a checkpoint that holds things of these values, so many seconds after the others."""

    def make(name, at, **values):
        saver = DiskSaver(tmp_path, require_empty=False)
        saver({key: thing(value).state_dict() for key, value in values.items()}, name)
        os.utime(tmp_path / name, (at, at))

    return make


def test_first_start(tmp_path, thing):
    assert Checkpoint.load_latest(tmp_path / "not there", {"a": thing()}) is None
    assert Checkpoint.load_latest(tmp_path, {"a": thing()}) is None


def test_what_was_written_last(tmp_path, thing, write):
    write("a_9.pt", 300, a=1)
    write("a_10.pt", 100, a=2)
    item = thing(0)
    assert Checkpoint.load_latest(str(tmp_path), {"a": item}) == tmp_path / "a_9.pt"
    assert item.value == 1


def test_at_the_same_time_numbers_decide(tmp_path, thing, write):
    for step in (9, 100, 10):
        write(f"a_{step}.pt", 100, a=step)
    item = thing(0)
    Checkpoint.load_latest(tmp_path, {"a": item})
    assert item.value == 100


def test_other_objects_are_passed_over(tmp_path, thing, write):
    write("last.pt", 100, model=1, trainer=2)
    write("best.pt", 200, model=3, other=4)
    model, trainer = thing(0), thing(0)
    assert Checkpoint.load_latest(tmp_path, {"model": model, "trainer": trainer}).name == "last.pt"
    assert (model.value, trainer.value) == (1, 2)
    assert Checkpoint.load_latest(tmp_path, {"model": model, "trainer": trainer}, pattern="last*").name == "last.pt"


@pytest.mark.parametrize("content", [b"", b"torn", b"\xff" * 100])
def test_damaged_file_is_passed_over(content, tmp_path, thing, write, caplog):
    write("a_1.pt", 100, a=1)
    (tmp_path / "a_2.pt").write_bytes(content)
    item = thing(0)
    assert Checkpoint.load_latest(tmp_path, {"a": item}).name == "a_1.pt"
    assert item.value == 1
    assert "a_2.pt" in caplog.text


def test_never_starts_anew_over_files_that_do_not_fit(tmp_path, thing, write):
    write("a_1.pt", 100, a=1, b=1)
    (tmp_path / "a_2.pt").write_bytes(b"torn")
    with pytest.raises(ValueError, match=r"none of the 2 file\(s\).*a_2.pt.*a_1.pt"):
        Checkpoint.load_latest(tmp_path, {"a": thing(), "c": thing()})


def test_refused_state_is_raised(tmp_path, thing, write):
    class Refusing(thing):
        def load_state_dict(self, state):
            raise RuntimeError("size mismatch")

    write("x_1.pt", 100, a=1, b=2)
    first = thing(7)
    with pytest.raises(RuntimeError, match="size mismatch"):
        Checkpoint.load_latest(tmp_path, {"a": first, "b": Refusing()})
    assert first.value == 7


def test_options_reach_load_state_dict(tmp_path, write):
    class Lenient:
        def load_state_dict(self, state, strict=True):
            self.strict = strict

    write("x.pt", 100, a=1)
    item = Lenient()
    Checkpoint.load_latest(tmp_path, {"a": item}, strict=False)
    assert item.strict is False


def test_not_an_object(tmp_path):
    with pytest.raises(TypeError, match="load_state_dict"):
        Checkpoint.load_latest(tmp_path, {"a": 1})


# ---------------------------------------------------------------- names, and the best of a run


def test_best_and_last(tmp_path, thing):
    scores = iter([0.5, 0.9, float("nan"), 0.7])
    trainer = Engine(lambda engine, batch: None)
    objects = {"model": thing(0), "trainer": trainer}

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine):
        objects["model"].value = engine.state.epoch
        engine.state.metrics["acc"] = next(scores)

    best = Checkpoint(objects, tmp_path, score_name="acc", filename_pattern="best.{ext}")
    last = Checkpoint(objects, tmp_path, filename_pattern="last.{ext}")
    trainer.add_event_handler(Events.EPOCH_COMPLETED, best)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, last)
    trainer.run([0], max_epochs=4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.pt", "last.pt"]
    fresh = thing(0)
    assert best.restore_best({"model": fresh}) == tmp_path / "best.pt"
    assert fresh.value == 2
    Checkpoint.load_objects({"model": fresh}, last.last_checkpoint)
    assert fresh.value == 4
    assert best.restore_best() == best.last_checkpoint
    assert objects["model"].value == 2


def test_nothing_to_restore(tmp_path, thing, recorder):
    with pytest.raises(RuntimeError, match="nothing was saved yet"):
        Checkpoint({"a": thing()}, tmp_path).restore_best()
    with pytest.raises(AttributeError, match="Recorder"):
        Checkpoint({"a": thing()}, recorder).restore_best()


# ---------------------------------------------------------------- killed writers

PROGRAM = """
import sys
from sparkle.engine import Engine, Events
from sparkle.handlers import BackgroundSaver, Checkpoint, DiskSaver
import numpy

class Weights:
    value = 0
    def state_dict(self):
        return {"value": numpy.full(300_000, self.value)}
    def load_state_dict(self, state):
        assert (state["value"] == state["value"][0]).all()
        self.value = int(state["value"][0])

weights = Weights()
trainer = Engine(lambda engine, batch: None)
objects = {"weights": weights, "trainer": trainer}
found = Checkpoint.load_latest(sys.argv[1], objects)
assert weights.value == trainer.state.iteration
saver = DiskSaver(sys.argv[1], require_empty=False)
saver = BackgroundSaver(saver) if sys.argv[2] == "background" else saver
trainer.on(Events.ITERATION_COMPLETED)(lambda engine: setattr(weights, "value", engine.state.iteration))
trainer.add_event_handler(Events.ITERATION_COMPLETED, Checkpoint(objects, saver))
print(trainer.state.iteration, flush=True)
trainer.run(range(100_000))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["at once", "background"])
def test_killed_writer_leaves_a_whole_file(how, tmp_path):
    reached = -1
    pauses = random.Random(len(how))
    for _ in range(4):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), how]
        with subprocess.Popen(
            command, cwd=Path(sparkle.__file__).parent.parent, stdout=subprocess.PIPE, text=True
        ) as process:
            begins = int(process.stdout.readline())
            time.sleep(pauses.uniform(0.05, 0.3))
            process.send_signal(signal.SIGKILL)
        assert begins >= reached
        files = sorted(tmp_path.glob("*.pt"), key=lambda path: path.stat().st_mtime_ns)
        states = [sparkle.load(path) for path in files]  # every one of them is whole
        assert all((state["weights"]["value"] == state["trainer"]["iteration"]).all() for state in states)
        reached = max([begins, *(state["trainer"]["iteration"] for state in states)])
    assert reached > 0


def test_leftovers_of_killed_writers_are_removed_later(tmp_path):
    old, young = tmp_path / ".a_1.pt.xyz.tmp", tmp_path / ".a_2.pt.xyz.tmp"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    DiskSaver(tmp_path)
    assert list(tmp_path.iterdir()) == [young]
