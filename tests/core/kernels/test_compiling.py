"""Compiled code is kept on disk, and those who wait for it are told once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparkle.core.kernels import compiling
from sparkle.core.kernels.compiling import loops, machine_code

numba = pytest.importorskip("numba", reason="numba is not installed: pip install 'sparkle-engine[fast]'")

LISTENING = """
import numba, sparkle
from sparkle.core.kernels import compile_notice, compiling
compile_notice.LONG = {long}
compiling.loops("reduction_loops")
"""
USERS_OWN = "numba.njit(lambda x: x + 1)(1)\n"
OURS = "sparkle.rand(600, 600).sum(); sparkle.rand(600, 600).exp()\n"


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """What a program with an empty cache, or with that of the program before it, writes to stderr."""

    def run(program: str, long: float) -> list[str]:
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", LISTENING.format(long=long) + program],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stderr.splitlines()

    return run


def test_one_line_the_first_time_and_none_the_second(told: Any) -> None:
    (line,) = told(OURS, 0)
    assert line.startswith("sparkle: compiling kernels")
    assert told(OURS, 0) == []


def test_silence_while_it_is_short_and_about_functions_of_others(told: Any) -> None:
    assert told(OURS, 1000) == []
    assert told(USERS_OWN, 0) == []


def test_compiles_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba refuses cache=True where neither the package's folder nor the user's can be written."""
    plain_njit = numba.njit

    def njit(*functions: Any, **options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return plain_njit(*functions, **options)

    monkeypatch.setattr(numba, "njit", njit)
    double = machine_code(lambda x: x + x)
    np.testing.assert_array_equal(double(np.arange(3)), [0, 2, 4])


def test_only_a_missing_numba_is_passed_over() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_loops"):
        loops("no_such_loops")


def test_an_edit_of_what_is_inlined_gives_loops_another_place_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    for text in (b"one", b"other", b"one"):
        compiling._fingerprint.cache_clear()
        monkeypatch.setattr(Path, "read_bytes", lambda path, text=text: text)
        names.append(machine_code(lambda x: x).py_func.__qualname__)
    monkeypatch.undo()
    compiling._fingerprint.cache_clear()
    assert names[0] == names[2] != names[1]


def test_what_is_inlined_is_listed() -> None:
    """Modules of which another one of loops takes what is no machine code of its own."""
    folder = Path(compiling.__file__).parent
    found = set()
    for path in folder.glob("*_loops.py"):
        found |= set(re.findall(r"^from \.(\w+) import", path.read_text(), re.MULTILINE))
        found |= set(re.findall(r"^from \. import ([\w, ]*\w)", path.read_text(), re.MULTILINE))
    listed = {name for names in found for name in names.replace(" ", "").split(",")} - {"compiling", "choice"}
    assert listed <= set(compiling.INLINED)
