"""Which classes the table of modules holds, and which functions of nn.functional the cases call."""

from __future__ import annotations

import inspect
import warnings
from types import SimpleNamespace
from typing import Any

import sparkle
import sparkle.nn.functional as F
from tests.cases.case import CASES, RAISES
from tests.cases.module import ROWS
from tests.cases.table import ROWS as NAMES

# Classes without a row, and why.
CLASSES = {
    "Module": "is what others derive from: tests/parity/nn/test_module.py",
    "Container": "holds what it is given by name: tests/parity/nn/test_rare_layers.py",
    "RNNBase": "is what recurrent layers derive from: their rows",
    "RNNCellBase": "is what cells derive from: their rows",
    "DataParallel": "hands its module's inputs on: tests/parity/nn/test_rare_layers.py",
}
# Functions without a case, and why.
FUNCTIONS = {
    "gumbel_softmax": "is random: tests/core/nn/test_functional.py",
    "upsample": "interpolate with a warning: tests/parity/nn/test_layers.py",
    "upsample_nearest": "interpolate with a warning: tests/parity/nn/test_layers.py",
    "upsample_bilinear": "interpolate with a warning: tests/parity/nn/test_layers.py",
}


def exported_modules() -> set[str]:
    found = {n for n in sparkle.nn.__all__ if inspect.isclass(getattr(sparkle.nn, n))}
    return {n for n in found if issubclass(getattr(sparkle.nn, n), sparkle.nn.Module)}


def test_every_class_has_a_row() -> None:
    """A class is claimed once it is public; then the table compares it, or CLASSES says which test does."""
    rows = {row.name for row in ROWS}
    assert exported_modules() - rows - set(CLASSES) == set()
    assert set(CLASSES) & rows == set()
    assert set(CLASSES) <= exported_modules()


class Watched(SimpleNamespace):
    """nn.functional, which notes what is called."""

    def __init__(self, called: set[str]) -> None:
        super().__init__(called=called)

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(F, name)


class Library:
    """sparkle, with a watched nn.functional."""

    def __init__(self, called: set[str]) -> None:
        self.nn = SimpleNamespace(functional=Watched(called), utils=sparkle.nn.utils, **modules())

    def __getattr__(self, name: str) -> Any:
        return getattr(sparkle, name)


def modules() -> dict[str, Any]:
    return {name: getattr(sparkle.nn, name) for name in exported_modules() | {"Parameter"}}


def test_every_function_has_a_case() -> None:
    """The cases of tests/cases/nn_*.py are run, and what they ask of nn.functional is noted."""
    called: set[str] = set()
    library = Library(called)
    for case in CASES:
        if case.call.__module__.startswith("tests.cases.nn_") or "functional" in case.call.__code__.co_names:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                case.call(library, *(sparkle.from_numpy(a.copy()) for a, _ in case.arrays(case.dtypes[-1])))
    tabled = {row.name for row in NAMES if getattr(F, row.name, None) is getattr(sparkle, row.name, object())}
    tabled |= {f"{row.name}_" for row in NAMES if getattr(F, f"{row.name}_", None) is not None}
    claimed = {name for name in dir(F) if not name.startswith("_") and inspect.isroutine(getattr(F, name))}
    assert sorted(claimed - called - tabled - set(FUNCTIONS)) == []
    assert set(FUNCTIONS) & (called | tabled) == set()
    assert len(RAISES) > 100
