"""Parts of sparkle that are loaded when a program first asks for them, so that `import sparkle` stays quick."""

from __future__ import annotations

import importlib
from types import ModuleType

LATE = ("distributions", "models")


def __getattr__(name: str) -> ModuleType:
    """The attribute `name` of sparkle: a part of it that has not been loaded yet."""
    if name in LATE:
        return importlib.import_module(f".{name}", __package__)
    raise AttributeError(f"module 'sparkle' has no attribute '{name}'")
