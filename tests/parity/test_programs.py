"""The programs with real torch and Ignite: what they come to is what tests/programs expects of sparkle."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pytest
import torch

from tests.programs.programs import SCRIPTS, differences, expected, rewritten, run


@pytest.fixture(autouse=True)
def _quiet():
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # these programs are small: two libraries' threads would only wait for each other
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():  # of ignite.contrib, and of storage() without a type
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)
    torch.set_num_threads(threads)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_program(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = script.read_text(encoding="utf-8")
    found = {}
    for library, program in (("theirs", text), ("ours", rewritten(text))):
        (tmp_path / library).mkdir()
        monkeypatch.chdir(tmp_path / library)
        found[library] = run(script, program)
    assert differences(expected(script), found["theirs"]) == []
    assert differences(found["ours"], found["theirs"]) == []
