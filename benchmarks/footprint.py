"""What a library takes before it does anything: seconds of importing it, bytes of having it installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
IMPORT = "from time import perf_counter as t; a = t(); import {}; print(t() - a)"


def import_seconds(library: str, environment: dict[str, str]) -> float:
    """Seconds of `import library` in a new process."""
    command = [sys.executable, "-c", IMPORT.format(library)]
    return float(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout)


def installed_bytes(library: str) -> int:
    """Bytes of a library's files and of all it requires, no extras, no bytecode; sparkle's are those of its source."""
    if library != "sparkle":
        return sum(size_of(found) for found in closure([library]).values())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = sum(size(file) for file in (ROOT / "sparkle").rglob("*"))
    return own + sum(size_of(found) for found in closure(project["dependencies"]).values())


def closure(requirements: list[str]) -> dict[str, metadata.Distribution]:
    """The installed distributions that these requirements need, and what those need."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(requirements)
    while waiting:
        requirement = Requirement(waiting.pop())
        if requirement.name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[requirement.name] = metadata.distribution(requirement.name)
        waiting += found[requirement.name].requires or []
    return found


def size_of(distribution: metadata.Distribution) -> int:
    """Bytes of a distribution's files."""
    return sum(size(Path(str(distribution.locate_file(file)))) for file in distribution.files or [])


def size(file: Path) -> int:
    return file.stat().st_size if file.is_file() and file.suffix != ".pyc" else 0
