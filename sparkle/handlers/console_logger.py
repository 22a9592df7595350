"""Logging to the terminal, a line a record."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from .record_logger import RecordLogger


class ConsoleLogger(RecordLogger):
    """Writes each record as a line: time of day, step, names and values. Progress bars below it stay whole.

    Args:
        stream: where to; None for what sys.stdout is at the time.
        precision: significant digits of numbers.
        time_format: as in time.strftime; "" for none.

    Raises:
        ValueError: precision < 1.

    Example:
        >>> logger = ConsoleLogger(time_format="")
        >>> logger.log({"training/loss": 0.123456, "training/stage": "warm-up"}, step=20)
        step 20  training/loss 0.1235  training/stage warm-up
    """

    def __init__(self, stream: TextIO | None = None, precision: int = 4, time_format: str = "%H:%M:%S") -> None:
        if precision < 1:
            raise ValueError(f"ConsoleLogger: precision is {precision}, wanted at least 1")
        self.stream = stream
        self.precision = precision
        self.time_format = time_format

    def log(self, record: Mapping[str, Any], step: int) -> None:
        """Write a line."""
        parts = [time.strftime(self.time_format), f"step {step}"]
        parts += [f"{name} {self._shown(value)}" for name, value in record.items()]
        write_above_bars("  ".join(part for part in parts if part), self.stream or sys.stdout)

    def _shown(self, value: Any) -> str:
        return f"{value:.{self.precision}g}" if isinstance(value, float) else str(value)


def write_above_bars(line: str, stream: TextIO) -> None:
    """Write a line; bars of tqdm, if any, are taken away for it and drawn again."""
    tqdm = getattr(sys.modules.get("tqdm"), "tqdm", None)
    if tqdm is None or not getattr(tqdm, "_instances", None):
        stream.write(line + "\n")
        stream.flush()
    else:
        tqdm.write(line, file=stream)
