"""Programs for torch and Ignite run with only their import lines changed, and come to the same."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.programs.programs import SCRIPTS, differences, expected, rewritten, run


@pytest.fixture(autouse=True)
def _in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_program(script: Path) -> None:
    text = rewritten(script.read_text(encoding="utf-8"))
    assert differences(run(script, text), expected(script)) == []


# ---------------------------------------------------------------- the harness can fail


def test_only_import_lines_change() -> None:
    text = "import torch\nimport torch.nn as nn\nfrom ignite.contrib.handlers import x\nfrom ignite.engine import y\n"
    body = "torch.ones(2)  # import torch\nimport torchvision\n"
    assert rewritten(text + body).splitlines() == [
        "import sparkle as torch",
        "import sparkle.nn as nn",
        "from sparkle.handlers import x",
        "from sparkle.engine import y",
        *body.splitlines(),
    ]


@pytest.mark.parametrize("wrong", ["1", "[1.0, 2.0]", "[1.0, 2.001, 3]", "[1.0, 2.0, 4]", "[1.0, 2.0, 3.0]"])
def test_differences_are_found(wrong: str) -> None:
    right = {"a": [1.0, 2.0, 3]}
    assert differences({"a": json.loads(wrong)}, right)
    assert differences({"b": right["a"]}, right)
    assert differences({"a": (1.00001, 2.0, 3)}, right) == []
