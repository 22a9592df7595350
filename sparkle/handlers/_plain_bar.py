"""Progress as lines of text, for files and pipes, where a bar cannot be drawn over."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import time
from typing import Any, TextIO

_SECONDS = 10.0  # from line to line
_FORMAT = "{desc}{n_fmt}/{total_fmt}{postfix} [{elapsed}<{remaining}]"


class PlainBar:
    """What the handlers need of tqdm's bars; writes a line now and then, and one when it is refreshed."""

    def __init__(
        self,
        tqdm: Any,
        desc: str = "",
        total: int | None = None,
        initial: int = 0,
        bar_format: str | None = None,
        file: TextIO | None = None,
        disable: bool | None = False,
        mininterval: float | None = None,
        unit: str = "it",
        unit_scale: bool | float = False,
        **drawing: Any,
    ) -> None:
        self._tqdm = tqdm
        self.desc, self.total, self.initial, self.n = desc, total, initial, initial
        self.file = file
        self.disable = disable is not False  # None: not where there is no terminal
        self.mininterval = _SECONDS if mininterval is None else mininterval
        self.start_t = self.last_print_t = time()
        self._bar_format = without_bar(bar_format or _FORMAT)
        self._unit = {"unit": unit, "unit_scale": unit_scale}
        self._postfix: str | None = None
        self._written: Any = None

    def set_postfix(self, values: Mapping[str, Any], refresh: bool = False) -> None:
        """What stands behind the numbers, written as tqdm does."""
        shown = {
            key: value if isinstance(value, str) else self._tqdm.format_num(value) for key, value in values.items()
        }
        self._postfix = ", ".join(f"{key}={value.strip()}" for key, value in shown.items())

    def update(self, n: int) -> None:
        """Go on by n and write a line."""
        self.n += n
        self.refresh()

    def refresh(self) -> None:
        """Write a line, unless the last one says the same."""
        state = self.n, self.total, self._postfix
        self.last_print_t = time()
        if not self.disable and state != self._written:
            self._written = state
            file = sys.stderr if self.file is None else self.file
            file.write(str(self).rstrip() + "\n")
            file.flush()

    def close(self) -> None:
        """Nothing is held."""
        self.disable = True

    def __str__(self) -> str:
        bar_format = self._bar_format
        if self.total is None:  # of what is not known there are no percents
            bar_format = bar_format.replace("{percentage:3.0f}%", "")
        text: str = self._tqdm.format_meter(
            self.n,
            self.total,
            time() - self.start_t,
            initial=self.initial,
            prefix=self.desc,
            postfix=self._postfix,
            bar_format=bar_format,
            **self._unit,
        )
        return text


def without_bar(bar_format: str) -> str:
    """The format with no place for a drawn bar.

    >>> without_bar("{desc}[{n_fmt}] {percentage:3.0f}%|{bar}{postfix}")
    '{desc}[{n_fmt}] {percentage:3.0f}%{postfix}'
    """
    for bar in ("|{bar}|", "|{bar}", "{bar}|", "{bar}"):
        bar_format = bar_format.replace(bar, "")
    return bar_format.replace("{l_bar}", "{desc}{percentage:3.0f}%").replace("{r_bar}", " {n_fmt}/{total_fmt}{postfix}")


def can_draw(tqdm: Any, file: TextIO | None) -> bool:
    """Whether bars can be drawn: in a notebook, and on a terminal."""
    if any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__):
        return True
    file = sys.stderr if file is None else file
    return bool(getattr(file, "isatty", lambda: False)())
