"""The one table of ops: each family file here adds cases; every test of ops is driven by it."""

from __future__ import annotations

import importlib
import pkgutil

from .case import CASES, Case, case, raises

for _module in pkgutil.iter_modules(__path__):
    if _module.name != "case":
        importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["CASES", "Case", "case", "raises"]
