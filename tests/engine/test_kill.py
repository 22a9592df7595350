"""A training whose process is killed at random moments ends with the numbers of the one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import sparkle

ROOT = Path(__file__).parents[2]
KILLS = 5  # in each of five trainings

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")


class Trainings:
    """Starts processes that train."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.engine.training_to_kill"]
        env = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT
        )

    def start(self, folder: Path, kind: str) -> int:
        """The number of a process that is about to train."""
        assert self.server.stdin is not None
        self.server.stdin.write(f"{folder} {kind}\n")
        self.server.stdin.flush()
        return int(self.answer("ready"))

    def answer(self, word: str) -> str:
        """The rest of the next line, which begins with this word."""
        assert self.server.stdout is not None
        found, _, rest = self.server.stdout.readline().partition(" ")
        assert found == word
        return rest

    def kill(self, pid: int) -> None:
        """SIGKILL; the process may have ended already."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        assert int(self.answer("ended")) in (0, signal.SIGKILL)

    def finish(self, folder: Path, kind: str) -> float:
        """Train to the end; the seconds that it took."""
        self.start(folder, kind)
        began = time.perf_counter()
        assert int(self.answer("ended")) == 0
        return time.perf_counter() - began


@pytest.fixture
def trainings() -> Iterator[Trainings]:
    found = Trainings()
    yield found
    found.server.kill()
    found.server.communicate()


def lines(folder: Path) -> list[str]:
    """What was written completely."""
    text = (folder / "log.txt").read_text()
    return text[: text.rfind("\n") + 1].splitlines()


def check_checkpoints(folder: Path) -> None:
    """All files are whole, and the newest is as new as the last one that was announced."""
    saved = [int(line.split()[1]) for line in lines(folder) if line.startswith("saved")]
    files = [sparkle.load(path) for path in (folder / "saved").glob("*.pt")]
    iterations = [file["trainer"]["iteration"] for file in files]
    assert max(iterations, default=0) >= max(saved, default=0)


@pytest.mark.parametrize("seed", range(5))
def test_killed_and_resumed_equals_unbroken(seed: int, tmp_path: Path, trainings: Trainings) -> None:
    kind = "map" if seed % 2 == 0 else "iterable"
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    seconds = trainings.finish(whole, kind)
    draw = random.Random(seed)
    for _ in range(KILLS):
        pid = trainings.start(broken, kind)
        time.sleep(draw.uniform(0, 0.3 * seconds))
        trainings.kill(pid)
        check_checkpoints(broken)
    trainings.finish(broken, kind)
    wanted, found = ([line for line in lines(folder) if not line.startswith("saved")] for folder in (whole, broken))
    assert wanted[-1].startswith("end")
    assert set(found) == set(wanted)  # iterations after a checkpoint were run twice, with the same numbers
    assert found[-1] == wanted[-1]
