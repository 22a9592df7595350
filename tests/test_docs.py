"""The Python blocks of README.md and docs/ run, each document's in order and in one namespace.

A block that cannot run here has the line `<!-- not run: the reason -->` directly above it.
"""

from __future__ import annotations

import doctest
import re
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"(?P<skip><!-- not run: [^\n]+ -->\n)?^```(?:python|pycon|py)\n(?P<code>.*?)^```", re.M | re.S)


class Block(NamedTuple):
    line: int  # of its first line of code, in the document
    code: str


def blocks(text: str) -> list[Block]:
    """The blocks that are to run."""
    matches = (match for match in BLOCK.finditer(text) if not match["skip"])
    return [Block(text.count("\n", 0, match.start("code")) + 1, match["code"]) for match in matches]


def run(block: Block, name: str, namespace: dict[str, Any]) -> None:
    """Execute a block, or check it as a session when it has prompts. Errors point to the line in the document."""
    if ">>>" not in block.code:
        exec(compile("\n" * (block.line - 1) + block.code, name, "exec"), namespace)
        return
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    session = doctest.DocTestParser().get_doctest(block.code, namespace, name, name, block.line - 1)
    runner = doctest.DebugRunner(optionflags=flags, verbose=False)
    runner.run(session, clear_globs=False)
    namespace.update(session.globs)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(path.read_text(encoding="utf-8")):
        run(block, str(path), namespace)


# ---------------------------------------------------------------- the tests can fail

DOCUMENT = """Text.
```python
x = 1
```
```sh
not python
```
<!-- not run: needs a GPU -->
```python
raise SystemExit
```
```pycon
>>> x + 1
2
```
"""


def test_blocks_are_found_with_their_lines() -> None:
    assert blocks(DOCUMENT) == [Block(3, "x = 1\n"), Block(13, ">>> x + 1\n2\n")]


def test_blocks_share_names() -> None:
    namespace: dict[str, Any] = {}
    for block in blocks(DOCUMENT):
        run(block, "doc", namespace)
    assert namespace["x"] == 1


@pytest.mark.parametrize("code", ["x = 1\nraise ValueError('no')\n", ">>> 1 + 1\n3\n", ">>> undefined\n"])
def test_wrong_block_fails(code: str) -> None:
    with pytest.raises((ValueError, doctest.DocTestFailure, doctest.UnexpectedException)):
        run(Block(10, code), "doc", {})


def test_error_points_into_the_document() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run(Block(10, "x = 1\nx / 0\n"), "README.md", {})
    last = traceback.extract_tb(caught.tb)[-1]
    assert (last.filename, last.lineno) == ("README.md", 11)
