"""docs/ops.md is what the table of names gives."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_page_is_current():
    script = runpy.run_path(str(DOCS / "make_ops.py"))
    assert script["page"]() == (DOCS / "ops.md").read_text(encoding="utf-8"), "run `python docs/make_ops.py`"
