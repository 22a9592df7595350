"""Logging to plain files: comma-separated values, and a JSON object a line."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import _files
from ._lines import open_lines, write_line
from .record_logger import RecordLogger

Series = dict[str, list[tuple[int, Any]]]

_FIRST = ("step", "time")


class _FileLogger(RecordLogger):
    """A file that grows by a line for each record, each on its way to the disk when `log` returns."""

    _start: bytes  # what each of these files begins with

    def __init__(self, path: str | Path, mode: str = "a") -> None:
        self.path = Path(path).expanduser()
        self._file = open_lines(self.path, mode, self._start)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()


class JSONLinesLogger(_FileLogger):
    """Appends each record to a file as a line with a JSON object: step, time (seconds since 1970), and the values.

    What is not finite is written as "NaN", "Infinity" or "-Infinity", for JSON has no such numbers.

    Args:
        path: the file; folders above it are made.
        mode: "a" goes on in a file that is there, "w" overwrites it, "x" refuses it.

    Raises:
        ValueError: another mode; a file to go on in that some other program wrote; a record logged after `close`.
        FileExistsError: mode "x", and the file is there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with JSONLinesLogger(f"{folder}/run.jsonl") as logger:
        ...         logger.log({"training/loss": 0.5}, step=1)
        ...         logger.log({"training/loss": 0.25}, step=2)
        ...     JSONLinesLogger.read(f"{folder}/run.jsonl")
        {'training/loss': [(1, 0.5), (2, 0.25)]}
    """

    _start = b'{"step": '

    def log(self, record: Mapping[str, Any], step: int) -> None:
        """Append a line; OSError when the disk refuses, and then the file is as it was."""
        values = {name: _as_json(value) for name, value in record.items()}
        line = {"step": step, "time": round(time.time(), 3), **values}
        write_line(self._file, json.dumps(line, allow_nan=False, ensure_ascii=False))

    @staticmethod
    def read(path: str | Path) -> Series:
        """Return name -> [(step, value), ...]; a last line that is torn is left out."""
        lines = Path(path).read_text(encoding="utf-8").split("\n")[:-1]
        return _series({name: _from_json(value) for name, value in json.loads(line).items()} for line in lines)


class CSVLogger(_FileLogger):
    """Appends each record to a table of comma-separated values, with columns step, time (seconds since 1970) and names.

    A name that was not there before becomes a new column; then the table is written anew, and takes the place of the
    old one when it is complete. Where a record has no value the field is empty. Ends of lines in text become spaces.

    Args:
        path: the file; folders above it are made.
        mode: "a" goes on in a table that is there, "w" overwrites it, "x" refuses it.

    Raises:
        ValueError: another mode; a file to go on in that some other program wrote; a record logged after `close`.
        FileExistsError: mode "x", and the file is there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with CSVLogger(f"{folder}/run.csv") as logger:
        ...         logger.log({"loss": 0.5}, step=1)
        ...         logger.log({"loss": 0.25, "lr": 0.1}, step=2)
        ...     CSVLogger.read(f"{folder}/run.csv")
        {'loss': [(1, 0.5), (2, 0.25)], 'lr': [(2, 0.1)]}
    """

    _start = b"step,time"

    def __init__(self, path: str | Path, mode: str = "a") -> None:
        super().__init__(path, mode)
        self._columns = self._header()
        if not self._columns:
            self._rewrite(list(_FIRST))

    def log(self, record: Mapping[str, Any], step: int) -> None:
        """Append a row; OSError when the disk refuses, and then the file is as it was."""
        row = {"step": step, "time": f"{time.time():.3f}", **record}
        new = [name for name in row if name not in self._columns]
        if new:
            self._rewrite([*self._columns, *new])
        write_line(self._file, _as_line(_as_text(row.get(name)) for name in self._columns))

    @staticmethod
    def read(path: str | Path) -> Series:
        """Return name -> [(step, value), ...]: numbers as numbers, all else as text; a torn last line is left out."""
        text, _, _ = Path(path).read_text(encoding="utf-8").rpartition("\n")
        rows = csv.DictReader(io.StringIO(text))
        return _series({name: _from_text(field) for name, field in row.items() if field} for row in rows)

    def _header(self) -> list[str]:
        self._file.seek(0)
        return next(csv.reader([self._file.readline().decode()]), [])

    def _rewrite(self, columns: list[str]) -> None:
        """The same rows under more columns."""
        self._file.seek(0)
        _, _, rows = self._file.read().partition(b"\n")
        more = b"," * (len(columns) - len(self._columns)) if self._columns else b""
        with _files.replacing(self.path) as file:
            file.write(_as_line(columns).encode() + b"\n")
            file.writelines(row + more + b"\n" for row in rows.split(b"\n")[:-1])
        self._file.close()
        self._file = open_lines(self.path, "a", self._start)
        self._columns = columns


def _as_json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _from_json(value: Any) -> Any:
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def _as_text(value: Any) -> str:
    return "" if value is None else str(value).replace("\r", " ").replace("\n", " ")


def _from_text(field: str) -> Any:
    for kind in (int, float):
        try:
            return kind(field)
        except ValueError:
            pass
    return field


def _as_line(fields: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()


def _series(rows: Iterator[dict[str, Any]]) -> Series:
    found: Series = {}
    for row in rows:
        for name, value in row.items():
            if name not in _FIRST:
                found.setdefault(name, []).append((row["step"], value))
    return found
