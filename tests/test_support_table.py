"""docs/support.md says what there is: no more, no less."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"
HINT = "run `python docs/make_support.py`"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_support", DOCS / "make_support.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _script()
TEXT = (DOCS / "support.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^\| `(sparkle[\w.]*)` \| names \|$\n(.*?)(?:\n\n|\Z)", TEXT, re.M | re.S)


def _names(rows: str, kind: str) -> list[str]:
    """The names in the rows of a table that begin with one of the words."""
    return [
        name for row in re.findall(rf"^\| {kind}.* \| ([^|]*) \|$", rows, re.M) for name in re.findall(r"`(\w+)`", row)
    ]


def _exists(path: str, name: str) -> bool:
    """Whether a user who imports what can be imported of the path finds the name there."""
    parts = path.split(".")
    value: Any = importlib.import_module(parts[0])
    for i, part in enumerate(parts[1:], 2):
        value = getattr(value, part) if hasattr(value, part) else importlib.import_module(".".join(parts[:i]))
    return name in dir(value)


def test_page_is_what_the_script_makes() -> None:
    assert script.page() == TEXT, f"docs/support.md is out of date: {HINT}"


def test_page_has_every_namespace() -> None:
    assert len(SECTIONS) == TEXT.count("\n## ") >= 20


@pytest.mark.parametrize(("path", "rows"), SECTIONS, ids=[path for path, _ in SECTIONS])
def test_names_said_to_be_there_exist(path: str, rows: str) -> None:
    names = _names(rows, "(?:there|partly)")
    assert [name for name in names if not _exists(path, name)] == []


def test_script_names_a_missing_argument() -> None:
    def function(input: Any, dim: int = 0, **where: Any) -> None: ...

    def closed(input: Any, dim: int = 0) -> None: ...

    assert script.lacking(closed, ["input", "dim", "keepdim", "memory_format"]) == ["keepdim"]
    assert script.lacking(function, ["input", "keepdim"]) == []


def test_script_quotes_a_refusal() -> None:
    def call(library: Any) -> None:
        raise RuntimeError("name: why not\nand more")

    assert script.refused(script.Refusal("torch.name", "argument", call)) == "why not"
    assert script.refused(script.Refusal("torch.name", "argument", lambda library: None)) is None


def test_script_sorts_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "REFUSALS", [])
    found = script.support("torch", {"exp": ["input", "speed"], "log": ["input", "out"], "nowhere": []})
    assert (found.there, found.partly, found.missing) == (["log"], {"exp": "no `speed`"}, ["nowhere"])


def test_every_refusal_names_something_listed() -> None:
    names = script.json.loads(script.NAMES.read_text(encoding="utf-8"))
    unlisted = [r.where for r in script.REFUSALS if r.where.rpartition(".")[2] not in names[r.where.rpartition(".")[0]]]
    assert unlisted == []
