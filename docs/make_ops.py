"""Write docs/ops.md: what the table of names, which the tests are made from, says of each op.

    python docs/make_ops.py

Run from a checkout: the table is tests/cases/rows_*.py.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "ops.md"
NAMES = ROOT / "docs" / "support_names.json"
sys.path.insert(0, str(ROOT))

import sparkle  # noqa: E402 - the checkout's, not an installed one
from tests.cases.table import ROWS, Row  # noqa: E402
from tests.cases.untabled import UNTABLED  # noqa: E402

SPACES = tuple(s for s in ("", "linalg", "fft", "special") if not s or hasattr(sparkle, s))
SHORT = {
    "bool": "b", "uint8": "u8", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
    "float16": "f16", "float32": "f32", "float64": "f64",
}  # fmt: skip
GROUPS = (("all", set(SHORT)), ("numbers", set(SHORT) - {"bool"}), ("floats", {"float16", "float32", "float64"}))

HEAD = """# The ops, one by one

Made by `python docs/make_ops.py` from the table of names (`tests/cases/rows_*.py`) that drives the tests: `make parity`
compares every form of each with torch over dtypes (bool, uint8, int8 to int64, float16 to float64) and layouts
(contiguous, strided, expanded, empty, 0-d), `make test` holds every gradient against finite differences.

*Forms*: f(x) function, x.f() method, x.f_() in place. *Dtypes*: those that the op takes.
*Gradient*: 1 once, 2 also twice differentiable. What else there is, and what is missing: [support.md](support.md).
"""


def dtypes(rows: list[Row]) -> str:
    """The dtypes that a call of the op takes."""
    taken = {dtype for row in rows for dtype in row.dtypes if works(row, dtype)}
    for name, group in GROUPS:
        if taken == group:
            return name
    return " ".join(short for dtype, short in SHORT.items() if dtype in taken)


def works(row: Row, dtype: str) -> bool:
    """Does the row's call give a result for this dtype?"""
    tensors = [tensor for _, tensor in row.inputs(sparkle, dtype, "contiguous", False)]
    arguments, keywords = row.filled(sparkle, dtype, tensors)
    try:
        row.call(sparkle, row.forms(sparkle)[0], arguments, keywords)
    except (RuntimeError, TypeError, ValueError):
        return False
    return True


def line(name: str, rows: list[Row]) -> str:
    """The name's row on the page."""
    short = name.rpartition(".")[2]
    words = {"function": f"{short}(x)", "method": f"x.{short}()", "in place": f"x.{short}_()"}
    forms = dict.fromkeys(form for row in rows for form in row.forms(sparkle))
    gradient = "2" if any(row.grad and row.gradgrad for row in rows) else "1" if any(row.grad for row in rows) else ""
    return f"| `{short}` | {' '.join(f'`{words[form]}`' for form in forms)} | {dtypes(rows)} | {gradient} |"


def section(space: str) -> str:
    """The ops of a namespace."""
    rows: dict[str, list[Row]] = {}
    for row in ROWS:
        if row.name.rpartition(".")[0] == space and row.forms(sparkle):
            rows.setdefault(row.name, []).append(row)
    lines = [line(name, rows[name]) for name in sorted(rows)]
    title = f"sparkle.{space}" if space else "sparkle and sparkle.Tensor"
    head = f"## {title}\n\n{len(lines)} names.\n\n| op | forms | dtypes | gradient |\n|---|---|---|---|\n"
    return head + "\n".join(lines) + "\n" + absent(space)


def absent(space: str) -> str:
    """The names that torch documents there and that are neither in the table nor tested elsewhere."""
    listed: dict[str, Any] = json.loads(NAMES.read_text(encoding="utf-8"))
    wanted = listed.get(f"torch.{space}" if space else "torch", {})
    home: Any = sparkle
    for part in filter(None, space.split(".")):
        home = getattr(home, part)
    told = {row.name.rpartition(".")[2] for row in ROWS if row.name.rpartition(".")[0] == space} | set(UNTABLED)
    missing = [name for name in wanted if name not in told and not hasattr(home, name)]
    return f"\nNot there: {' '.join(f'`{name}`' for name in missing)}\n" if missing else ""


def page() -> str:
    """The text of docs/ops.md."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return HEAD + "".join(f"\n{section(space)}" for space in SPACES)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
