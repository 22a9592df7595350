"""`python -m sparkle`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

import sparkle.__main__ as report

ROOT = Path(__file__).parent.parent


def test_program_prints_the_report() -> None:
    done = subprocess.run([sys.executable, "-m", "sparkle"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    titles = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert titles == ["System", "Packages", "BLAS", "Environment", "Devices"]
    assert "failed" not in done.stdout
    assert f"numpy                    {metadata.version('numpy')}" in done.stdout
    assert "cpu                      available" in done.stdout


def test_missing_extra_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "numba":
            raise metadata.PackageNotFoundError(name)
        return "1.2.3"

    monkeypatch.setattr(metadata, "version", version)
    lines = dict(report.packages())
    assert lines["numba"] == "not installed (pip install 'sparkle-engine[fast]')"
    assert lines["matplotlib"] == "1.2.3"


def test_every_extra_is_known() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert list(report.REQUIRED) == [name.split(">")[0] for name in project["dependencies"]]
    extras = {name: tuple(w.split(">")[0] for w in wanted) for name, wanted in project["optional-dependencies"].items()}
    assert {name: extras[name] for name in report.EXTRAS} == report.EXTRAS
    assert set(extras) - set(report.EXTRAS) == {"parity", "bench", "dev", "all"}


def test_blas_without_and_with_threadpoolctl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert dict(report.blas())["BLAS threads"] == "unknown (pip install threadpoolctl)"
    pool = {"internal_api": "openblas", "user_api": "blas", "num_threads": 3, "version": "0.3"}
    fake = type(sys)("threadpoolctl")
    fake.threadpool_info = lambda: [pool]
    monkeypatch.setitem(sys.modules, "threadpoolctl", fake)
    assert dict(report.blas())["openblas threads"] == "3 (blas, 0.3)"


def test_environment_is_read_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    lines = dict(report.variables())
    assert (lines["OMP_NUM_THREADS"], lines["MKL_NUM_THREADS"]) == ("7", "not set")


def test_a_broken_piece_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[tuple[str, str]]:
        yield "first", "there"
        raise OSError("no such library")

    monkeypatch.setitem(report.SECTIONS, "BLAS", broken)
    text = report.report()
    assert "  first                    there\n  failed                   OSError: no such library\n" in text
    assert "Devices" in text
