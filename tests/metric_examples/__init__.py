"""An example of each metric: how to make it, and data for it. Each family file here adds its own."""

from __future__ import annotations

import importlib
import pkgutil

from .example import EXAMPLES, Example, example

for _module in pkgutil.iter_modules(__path__):
    if _module.name != "example":
        importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["EXAMPLES", "Example", "example"]
