"""Programs in the style of an introductory book, and how one runs with only its import lines changed.

Each file in scripts/ is written for torch and Ignite and leaves a dict `result` of plain Python values that do not
depend on either library's random numbers. expected.json holds what real torch and Ignite made of it:
`python -m tests.programs.programs` writes it anew, tests/parity/test_programs.py holds it to them.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SCRIPTS = sorted((FOLDER / "scripts").glob("*.py"))
EXPECTED = FOLDER / "expected.json"

# What each import line of a program becomes.
REWRITES = (
    (re.compile(r"^import torch$"), "import sparkle as torch"),
    (re.compile(r"^(import|from) torch\b"), r"\1 sparkle"),
    (re.compile(r"^from ignite\.contrib\.handlers\b"), "from sparkle.handlers"),
    (re.compile(r"^from ignite\b"), "from sparkle"),
)


def rewritten(text: str) -> str:
    """The program with its import lines changed, and nothing else."""
    return "\n".join(_line(line) for line in text.splitlines())


def _line(line: str) -> str:
    for pattern, replacement in REWRITES:
        if pattern.match(line):
            return pattern.sub(replacement, line)
    return line


def run(script: Path, text: str) -> dict[str, Any]:
    """Run a program's text in the current folder; its `result`."""
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(script)}
    exec(compile(text, str(script), "exec"), names)
    return names["result"]


def expected(script: Path) -> dict[str, Any]:
    """What torch and Ignite made of it."""
    return json.loads(EXPECTED.read_text(encoding="utf-8"))[script.stem]


def differences(ours: Any, theirs: Any, where: str = "result", tolerance: float = 1e-4) -> list[str]:
    """Where two results differ: numbers by more than a relative tolerance, all else at all. Tuples are lists."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        pairs = [(ours[key], theirs[key], f"{where}[{key!r}]") for key in theirs]
    elif isinstance(ours, list | tuple) and isinstance(theirs, list | tuple) and len(ours) == len(theirs):
        pairs = [(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    else:
        return [] if _same(ours, theirs, tolerance) else [f"{where}: {ours!r}, expected {theirs!r}"]
    return [line for a, b, place in pairs for line in differences(a, b, place, tolerance)]


def _same(ours: Any, theirs: Any, tolerance: float) -> bool:
    """A float and an int are different things: so they are in what a program prints."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, float):
        both_nan = math.isnan(ours) and math.isnan(theirs)
        return both_nan or math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance / 10)
    if isinstance(ours, str):  # each library's dtypes and devices print with its own name
        return ours.replace("sparkle.", "torch.") == theirs.replace("sparkle.", "torch.")
    return bool(ours == theirs)


def record() -> None:
    """Run every program with torch and Ignite, and write down what it came to."""
    import os
    import tempfile

    found = {}
    for script in SCRIPTS:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            found[script.stem] = run(script, script.read_text(encoding="utf-8"))
            os.chdir(FOLDER)
    EXPECTED.write_text(_pretty(found), encoding="utf-8")


def _pretty(found: dict[str, Any]) -> str:
    """JSON with one line for each entry of a result."""
    programs = []
    for name, result in found.items():
        entries = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in result.items())
        programs.append(f"  {json.dumps(name)}: {{\n{entries}\n  }}")
    return "{\n" + ",\n".join(programs) + "\n}\n"


if __name__ == "__main__":
    record()
