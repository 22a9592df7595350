"""Parts of sparkle that are loaded when a program first asks for them, so that `import sparkle` stays quick."""

from __future__ import annotations

import importlib
from typing import Any

LATE = ("contrib", "distributions", "models", "training")
NAMES = {"fit": ".training", "History": ".training"}  # what stands in such a part, and is reached without naming it


def __getattr__(name: str) -> Any:
    """The attribute `name` of sparkle: a part of it that has not been loaded yet, or a name in one."""
    if name in LATE:
        return importlib.import_module(f".{name}", __package__)
    if name in NAMES:
        return getattr(importlib.import_module(NAMES[name], __package__), name)
    raise AttributeError(f"module 'sparkle' has no attribute '{name}'")
