"""How much memory a piece of work takes at its peak, in a process of its own on Linux.

Counted are the pages that the process holds for itself (anonymous ones: arrays, free lists, thread stacks, objects) at
their highest, less what it held when the work began. Pages of files are not counted: they are the library's code,
which is read in as it is first called, several times as much for one library as for another, and shared by all
processes that run it. For the same reason `load_late` loads what a library would load at its first step before the work
begins. The whole process at its highest, code and all, is told beside it.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def load_late(library: str) -> None:
    """Load the code that a library loads when it is first used: of the order of 70 MB in either."""
    if library == "torch":
        importlib.import_module("torch._dynamo")  # the first optimizer does
    elif library == "sparkle":
        try:
            numba = importlib.import_module("numba")
        except ImportError:
            return
        numba.njit(_plus_one)(1)  # the compiler comes with the first function
        kernels = importlib.import_module("sparkle.core.kernels")
        for module in pkgutil.iter_modules(kernels.__path__, f"{kernels.__name__}."):
            importlib.import_module(module.name)  # their Python code; machine code still comes with the first call


def _plus_one(x: int) -> int:
    return x + 1


def status() -> dict[str, int]:
    """The fields of this process that are sizes, in bytes; {} where the system does not tell."""
    if not STATUS.exists():
        return {}
    pairs = (line.split(":", 1) for line in STATUS.read_text(encoding="utf-8").splitlines())
    return {name: int(value.split()[0]) * 1024 for name, value in pairs if value.endswith(" kB")}


class Peak:
    """The peak from its making on: `peak.told()` gives {"peak_bytes": ..., "process_bytes": ...}, or {}."""

    def __init__(self) -> None:
        self.highest_before = status().get("VmHWM", 0)
        try:
            CLEAR.write_text("5", encoding="ascii")  # the highest so far is forgotten
        except OSError:
            self.before: dict[str, int] = {}
        else:
            self.before = status()

    def told(self) -> dict[str, int]:
        """The peak's growth without pages of files, and the whole process's peak since it began."""
        if "RssFile" not in self.before:
            return {}
        before, now = self.before, status()
        grown = now["VmHWM"] - before["VmRSS"]
        code = now["RssFile"] - before["RssFile"]
        return {"peak_bytes": max(grown - code, 0), "process_bytes": max(now["VmHWM"], self.highest_before)}
