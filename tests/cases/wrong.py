"""The table of bad input to modules: a call, and what the message must show of what was met or wanted.

    wrong("linear", lambda L: L.nn.Linear(3, 2)(L.zeros(2, 4)), "(2, 4)", "3")

tests/parity/nn/test_wrong_modules.py makes sure that torch refuses it too, with the same class of error, and that ours
says all that. `unlike`: why the class is another one here (`error`), or why torch takes what is refused here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WRONG: list[Wrong] = []


@dataclass(frozen=True)
class Wrong:
    """One call that must fail. family: what the call is about."""

    family: str
    number: int
    call: Callable[[Any], Any]
    shown: tuple[str, ...]
    error: type[Exception] | None = None
    unlike: str = ""

    def __str__(self) -> str:
        return f"{self.family}-{self.number}"


def wrong(family: str, call: Callable[[Any], Any], *shown: str, **options: Any) -> None:
    """Add a row."""
    WRONG.append(Wrong(family, sum(row.family == family for row in WRONG), call, shown, **options))


__all__ = ["WRONG", "Wrong", "wrong"]
