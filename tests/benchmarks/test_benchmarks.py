"""The rows run, the timing ends, and the table and the file say what the workers said. No figure is judged."""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

import benchmarks.__main__ as command
import sparkle
from benchmarks import footprint, jax_rows, memory, report, timing
from benchmarks.rows import BESIDE_TORCH, ROWS, TRAINING
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
    assert {row.peer for row in ROWS.values()} == {"torch", "ignite", "jax"}
    assert len({(row.title, row.peer) for row in ROWS.values()}) == len(ROWS)
    assert {name for name, row in ROWS.items() if row.training} == set(TRAINING)
    assert set(jax_rows.ROWS) < set(TRAINING)


def test_rows_in_jax_train() -> None:
    jax = pytest.importorskip("jax")
    problem = jax_rows.ROWS["mlp_small"](jax)
    advance, state = jax_rows.compiled(jax, problem)
    before = float(problem.loss(state[0], problem.batch, None))
    for _ in range(20):
        state = advance(state, problem.batch)
    assert float(problem.loss(state[0], problem.batch, None)) < before / 2


def told_by_worker(*arguments: str) -> dict:
    command_line = [sys.executable, "-m", "benchmarks.worker", *arguments]
    return json.loads(subprocess.run(command_line, cwd=ROOT, capture_output=True, check=True).stdout)


def test_worker_tells_seconds_memory_versions_and_threads() -> None:
    told = told_by_worker("mlp_small", "sparkle")
    assert 0 < told["seconds"] < 60
    assert "numpy" in told["versions"]
    assert "torch" not in told["versions"]  # its threads and memory would be in the way
    if memory.status():
        assert 0 <= told["peak_bytes"] < 50e6 < told["process_bytes"] < 4e9
    assert "peak_bytes" not in told_by_worker("tiny_ops", "sparkle")  # that of training rows only is told


def test_plain_worker_has_no_numba() -> None:
    told = told_by_worker("adam", "sparkle", "--plain")  # a row that would load it
    assert told["seconds"] > 0
    assert "numba" not in {**told["versions"], **told["threads"]}


@pytest.mark.skipif("RssFile" not in memory.status(), reason="the system does not tell")
def test_peak_is_what_was_held_at_once() -> None:
    script = (
        "import numpy\nfrom benchmarks.memory import Peak\n"
        "numpy.ones(60_000_000, 'u1')\n"  # before: does not count
        "peak = Peak()\nfor _ in range(3): numpy.ones(40_000_000, 'u1')\nprint(peak.told()['peak_bytes'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert 39e6 < int(done.stdout) < 50e6


def test_memory_is_not_told_where_the_system_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "STATUS", tmp_path / "status")
    monkeypatch.setattr(memory, "CLEAR", tmp_path / "nowhere" / "clear_refs")
    assert memory.Peak().told() == {}


def test_fastest_sample_is_taken_once_it_is_stable(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=0.1)
    for name, value in {"perf_counter": lambda: next(clock), "SHORTEST": 0.6, "LONGEST": 2.0}.items():
        monkeypatch.setattr(timing, name, value)
    samples = iter([9.0, 1.0, 1.3, 1.0, 5.0, 1.0, 1.0, 1.01, 0.1])
    assert timing.stable_minimum(lambda: next(samples)) == 1.0
    assert next(samples) == 0.1
    falling = itertools.count(100.0, -5.0)
    assert 0 < timing.stable_minimum(lambda: next(falling)) < 20  # never stable: the time ends it
    falling = itertools.count(100.0, -5.0)
    assert 50 < timing.stable_minimum(lambda: next(falling), share=0.25) < 90


def answer(library: str, seconds: float) -> dict:
    """What a worker says."""
    megabytes = {"sparkle": 40e6, "torch": 50e6}
    sizes = {"peak_bytes": megabytes[library], "process_bytes": 10 * megabytes[library]}
    return {"seconds": seconds, **sizes, "versions": {library: "1"}, "threads": {"pool": 2}}


def test_tables_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []
    answers = {"sparkle": iter([3e-3, 2e-3, 9e-3] * 2), "torch": iter([6e-3, 5e-3, 7e-3, 1e-3, 1e-3, 1e-3])}

    def run_worker(name: str, library: str, options: argparse.Namespace) -> dict:
        asked.append((name, library, options.threads))
        return answer(library, next(answers[library]))

    monkeypatch.setattr(command, "run_worker", run_worker)
    monkeypatch.setattr(command, "has", lambda library: True)
    path = tmp_path / "new" / "bench.json"
    command.main(["--rows", "mlp_small,adam", "--rounds", "3", "--threads", "2", "--json", str(path)])
    assert asked == [(row, of, 2) for row in ("mlp_small", "adam") for of in ("sparkle", "torch") * 3]  # in turns
    written = json.loads(path.read_text())
    row = written["rows"][0]
    assert (row["sparkle_seconds"], row["peer_seconds"], row["ratio"]) == (3e-3, 6e-3, 2.0)
    assert row["peak_bytes"] == {"sparkle": 40e6, "torch": 50e6}
    assert written["summary"]["training rows"] == {"rows": 1, "mean": 2.0, "worst": "mlp_small", "worst_ratio": 2.0}
    worst = written["summary"]["rows beside torch"]
    assert (worst["rows"], worst["worst"]) == (2, "adam")
    assert worst["mean"] == pytest.approx((2 / 3) ** 0.5)
    printed = capsys.readouterr()
    assert "3.00 ms    6.00 ms   2.00 x torch" in printed.out
    assert "    40.0    50.0       400     500\n" in printed.out
    assert (
        printed.out.count("MLP 784-64-64-10") == printed.out.count("Adam over 200") + 1
    )  # the memory of training rows
    assert "geometric mean  0.82, worst  0.33 (adam)" in printed.out
    assert "adam 3/3 torch" in printed.err


def test_rows_without_their_peer_are_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "has", lambda library: library != "jax")
    assert command.chosen(command.parse(["--rows", "adam,jax_gpt"])) == ["adam"]
    assert capsys.readouterr().err == "skipped, as jax is not installed: jax_gpt\n"
    assert command.chosen(command.parse(["--peer", "ignite"]))[0] == "engine_empty"
    with pytest.raises(SystemExit, match="no row is left"):
        command.main(["--peer", "jax"])


def test_installed_size_is_that_of_the_files_and_of_what_they_require() -> None:
    found = footprint.closure(["tensorboardX", "nothing-like-it; extra == 'x'"])
    assert {"tensorboardX", "numpy"} < set(found)
    assert footprint.installed_bytes("sparkle") > footprint.size_of(found["numpy"]) > 10e6


def test_footprint_as_text() -> None:
    found = {
        name: {"import_seconds": seconds, "installed_bytes": size}
        for name, seconds, size in (("sparkle", 0.1, 60e6), ("torch", 1.2, 7e8))
    }
    text = report.footprint_lines(found)
    assert "sparkle 100.00 ms, import torch   1.20 s" in text
    assert "sparkle 60 MB, torch 700 MB" in text


def test_import_is_timed_in_its_own_process() -> None:
    assert 0 < footprint.import_seconds("sparkle.engine", dict(command.environment(1))) < 60


@pytest.mark.parametrize(
    "wrong", [["--rows", "adam,nothing"], ["--peer", "nothing"], ["--rounds", "0"], ["--threads", "two"]]
)
def test_wrong_arguments(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(wrong)
    assert "nothing" in (said := capsys.readouterr().err) or "not a positive whole number" in said


@pytest.mark.parametrize(("seconds", "text"), [(1.5, "  1.50 s "), (2e-3, "  2.00 ms"), (3e-7, "300.00 ns")])
def test_units(seconds: float, text: str) -> None:
    assert report.shown(seconds) == text
