"""BackgroundSaver: order, copies, errors, and the end of programs."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import BackgroundSaver, Checkpoint


class Slow:
    """A function to save with that waits until it is let go, and fails for some names."""

    def __init__(self, bad=()):
        self.go = threading.Event()
        self.bad = set(bad)
        self.saved = {}

    def __call__(self, checkpoint, filename):
        assert self.go.wait(30)
        if filename in self.bad:
            raise OSError(28, f"No space left on device: {filename}")
        self.saved[filename] = checkpoint

    def remove(self, filename):
        del self.saved[filename]


@pytest.fixture
def slow():
    made = []

    def make(**kwargs):
        made.append(Slow(**kwargs))
        return made[-1]

    yield make
    for saver in made:
        saver.go.set()


def test_states_are_those_of_the_call(slow):
    inner = slow()
    with BackgroundSaver(inner) as saver:
        state = {"weights": [1, 2]}
        saver(state, "a.pt")
        state["weights"][0] = 100
        assert inner.saved == {}  # the call has returned, the writer has not begun
        inner.go.set()
    assert inner.saved == {"a.pt": {"weights": [1, 2]}}


def test_tensors_are_copied(slow):
    inner = slow()
    model = sparkle.nn.Linear(2, 1)
    before = model.weight.detach().clone()
    with BackgroundSaver(inner) as saver:
        Checkpoint({"model": model}, saver)(Engine(lambda engine, batch: None))
        with sparkle.no_grad():
            model.weight += 1.0
        inner.go.set()
    (state,) = inner.saved.values()
    assert state["weight"].equal(before)


def test_old_file_goes_only_after_the_new_one_came(tmp_path, thing, calls):
    with BackgroundSaver(tmp_path) as saver:
        keeper = Checkpoint({"a": thing()}, saver, n_saved=2)
        calls(keeper, range(10))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_10.pt", "a_9.pt"]
    assert keeper.last_checkpoint == tmp_path / "a_10.pt"


def test_saving_waits_when_too_many_are_under_way(slow):
    inner = slow()
    saver = BackgroundSaver(inner, max_waiting=2)
    saver({}, "1.pt")
    saver({}, "2.pt")
    third = threading.Thread(target=saver, args=({}, "3.pt"))
    third.start()
    third.join(0.05)
    assert third.is_alive()
    inner.go.set()
    third.join(30)
    saver.close()
    assert list(inner.saved) == ["1.pt", "2.pt", "3.pt"]


def test_failed_write_removes_nothing_and_is_raised(slow):
    inner = slow(bad=["2.pt"])
    inner.go.set()
    saver = BackgroundSaver(inner)
    saver({}, "1.pt")
    saver.flush()
    saver({}, "2.pt")
    saver.remove("1.pt")
    with pytest.raises(OSError, match=r"2.pt"):
        saver.flush()
    assert list(inner.saved) == ["1.pt"]
    saver.flush()  # raised once
    saver({}, "3.pt")
    saver.remove("1.pt")
    saver.close()
    assert list(inner.saved) == ["3.pt"]


def test_next_save_raises(slow):
    inner = slow(bad=["1.pt", "2.pt"])
    inner.go.set()
    saver = BackgroundSaver(inner, max_waiting=1)
    saver({}, "1.pt")
    with pytest.raises(OSError, match=r"1.pt"):
        saver({}, "3.pt")
    saver.close()


def test_all_errors_are_told(slow):
    inner = slow(bad=["1.pt", "2.pt"])
    saver = BackgroundSaver(inner)
    saver({}, "1.pt")
    saver({}, "2.pt")
    inner.go.set()
    with pytest.raises(OSError, match=r"1.pt") as caught:
        saver.close()
    assert "2.pt" in caught.value.__notes__[0]


def test_run_raises_at_its_end(slow, thing):
    inner = slow(bad=["a_3.pt"])
    inner.go.set()
    trainer = Engine(lambda engine, batch: None)
    saver = BackgroundSaver(inner)
    trainer.add_event_handler(Events.COMPLETED, Checkpoint({"a": thing()}, saver))
    saver.attach(trainer)
    with pytest.raises(OSError, match=r"a_3\.pt"):
        trainer.run([0, 1, 2])
    saver.close()


def test_what_is_closed_writes_at_once(tmp_path):
    saver = BackgroundSaver(tmp_path)
    saver.close()
    saver.close()
    saver({"a": 1}, "x.pt")
    assert sparkle.load(tmp_path / "x.pt") == {"a": 1}


def test_reloading_waits(tmp_path, thing, calls):
    with BackgroundSaver(tmp_path) as saver:
        keeper = Checkpoint({"a": thing(5)}, saver)
        calls(keeper, [1])
        item = thing()
        keeper.reload_objects({"a": item}, global_step=1)
        assert item.value == 5
        assert keeper.restore_best({"a": item}) == tmp_path / "a_1.pt"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda folder: BackgroundSaver(3), TypeError, "save_handler: met int"),
        (lambda folder: BackgroundSaver(folder, max_waiting=0), ValueError, "max_waiting is 0"),
    ],
)
def test_misuse(make, error, message, tmp_path):
    with pytest.raises(error, match=message):
        make(tmp_path)


PROGRAM = """
import sys, time
from pathlib import Path
from sparkle.handlers import BackgroundSaver

def write(checkpoint, filename):
    time.sleep(0.2)
    if filename == "bad.pt":
        raise OSError(28, "No space left on device")
    Path(sys.argv[1], filename).write_text(str(checkpoint))

saver = BackgroundSaver(write)
saver({"n": 1}, "first.pt")
saver({"n": 2}, sys.argv[2])
if sys.argv[3] == "raise":
    raise KeyError("boom")
"""


def leave(*args):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=Path(sparkle.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("how", ["return", "raise"])
def test_the_end_of_a_program_waits(how, tmp_path):
    done = leave(str(tmp_path), "last.pt", how)
    assert (tmp_path / "last.pt").read_text() == "{'n': 2}"
    assert ("boom" in done.stderr) == (how == "raise")


def test_an_error_at_the_end_of_a_program_is_printed(tmp_path):
    assert "No space left on device" in leave(str(tmp_path), "bad.pt", "return").stderr
