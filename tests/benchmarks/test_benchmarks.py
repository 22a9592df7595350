"""The rows run, the timing ends, and the table and the file say what the workers said. No figure is judged."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

import benchmarks.__main__ as command
import sparkle
from benchmarks import timing
from benchmarks.rows import BESIDE_TORCH, ROWS
from benchmarks.training_rows import networks_of_the_example

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", sorted(set(BESIDE_TORCH) - {"gan"}))
def test_rows_beside_torch_run(name: str) -> None:
    step = BESIDE_TORCH[name](sparkle)
    step()
    step()


def test_networks_of_the_gan_are_the_example_s() -> None:
    networks = networks_of_the_example(sparkle)
    noise = sparkle.randn(2, networks["LATENT"], 1, 1)
    assert networks["discriminator"]()(networks["generator"]()(noise)).shape == (2,)


def test_rows_have_peers_and_titles() -> None:
    assert {row.peer for row in ROWS.values()} == {"torch", "ignite"}
    assert len({row.title for row in ROWS.values()}) == len(ROWS)


def test_worker_tells_seconds_versions_and_threads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker", "tiny_ops", "sparkle"], cwd=ROOT, capture_output=True, check=True
    )
    told = json.loads(done.stdout)
    assert 0 < told["seconds"] < 60
    assert "numpy" in told["versions"]
    assert "torch" not in told["versions"]  # its threads and memory would be in the way


def test_fastest_sample_is_taken_once_it_is_stable(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=0.1)
    monkeypatch.setattr(timing, "perf_counter", lambda: next(clock))
    samples = iter([9.0, 1.0, 1.3, 1.0, 5.0, 1.0, 1.0, 1.01, 0.1])
    assert timing.stable_minimum(lambda: next(samples)) == 1.0
    assert next(samples) == 0.1
    falling = itertools.count(100.0, -5.0)
    assert 0 < timing.stable_minimum(lambda: next(falling)) < 20  # never stable: the time ends it


def test_table_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []
    answers = {"sparkle": iter([3e-3, 2e-3, 9e-3]), "torch": iter([6e-3, 5e-3, 7e-3])}

    def run_worker(name: str, library: str, threads: int) -> dict:
        asked.append(library)
        return {"seconds": next(answers[library]), "versions": {library: "1"}, "threads": {"pool": threads}}

    monkeypatch.setattr(command, "run_worker", run_worker)
    path = tmp_path / "new" / "bench.json"
    command.main(["--rows", "adam", "--rounds", "3", "--threads", "2", "--json", str(path)])
    assert asked == ["sparkle", "torch"] * 3  # in turns
    (row,) = json.loads(path.read_text())["rows"]
    assert (row["sparkle_seconds"], row["peer_seconds"], row["ratio"]) == (3e-3, 6e-3, 2.0)
    printed = capsys.readouterr()
    assert "3.00 ms    6.00 ms   2.00 x torch" in printed.out
    assert "adam 3/3 torch" in printed.err


@pytest.mark.parametrize("wrong", [["--rows", "adam,nothing"], ["--rounds", "0"], ["--threads", "two"]])
def test_wrong_arguments(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(wrong)
    assert "nothing" in (said := capsys.readouterr().err) or "not a positive whole number" in said


@pytest.mark.parametrize(("seconds", "text"), [(1.5, "  1.50 s "), (2e-3, "  2.00 ms"), (3e-7, "300.00 ns")])
def test_units(seconds: float, text: str) -> None:
    assert command.shown(seconds) == text
