"""A line for those who wait while kernels are compiled, which happens once for a version and a machine."""

from __future__ import annotations

import functools
import sys
from time import perf_counter

from numba.core import event

LONG = 1.0  # seconds of compiling after which the line is written
TEXT = "sparkle: compiling kernels for this processor; they are kept on disk, so the next run starts at once"
_PACKAGE = __name__.partition(".")[0]


class Notice(event.Listener):
    """Adds up the time that this package's functions take to compile, and says so once."""

    def __init__(self) -> None:
        self.depth, self.started, self.seconds, self.told = 0, 0.0, 0.0, False

    def on_start(self, event: event.Event) -> None:
        """A function, or one that it calls, begins."""
        self.started = perf_counter() if self.depth == 0 else self.started
        self.depth += 1

    def on_end(self, event: event.Event) -> None:
        """It is done."""
        self.depth -= 1
        function = event.data["dispatcher"].py_func
        if self.depth or self.told or function.__module__.partition(".")[0] != _PACKAGE:
            return
        self.seconds += perf_counter() - self.started
        if self.seconds > LONG:
            self.told = True
            sys.stderr.write(TEXT + "\n")


@functools.cache
def listen() -> Notice:
    """Listen from now on."""
    notice = Notice()
    event.register("numba:compile", notice)
    return notice
