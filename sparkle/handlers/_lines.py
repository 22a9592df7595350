"""Files of lines that are appended to, and stay whole when a program is killed in the middle of one."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

MODES = ("a", "w", "x")


def open_lines(path: Path, mode: str, start: bytes) -> FileIO:
    """Open a file for lines: "a" goes on, after a last line that is whole; "w" starts anew; "x" wants no file there.

    Raises ValueError for another mode and for a file to go on in that does not begin with `start`, FileExistsError,
    OSError.
    """
    if mode not in MODES:
        raise ValueError(f"mode: met {mode!r}, wanted 'a' to go on, 'w' to start anew or 'x' to refuse a file there is")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = FileIO(path, f"{mode}+")
    try:
        _check_start(file, start)
        _drop_torn_line(file)
    except BaseException:
        file.close()
        raise
    return file


def _check_start(file: FileIO, start: bytes) -> None:
    """Nothing is cut off from a file of somebody else."""
    file.seek(0)
    met = file.read(len(start))
    if not start.startswith(met):
        raise ValueError(f"{file.name} is no file to go on in: it begins with {met!r}, wanted {start!r}")


def _drop_torn_line(file: FileIO) -> None:
    """Cut off what stands after the last end of a line: its writer was killed."""
    size = end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        file.truncate(end)
    file.seek(0, os.SEEK_END)


def write_line(file: FileIO, line: str) -> None:
    """Append a line in one piece, or nothing: OSError when the disk is full."""
    data = memoryview(line.encode() + b"\n")
    end = file.seek(0, os.SEEK_END)
    try:
        while data:
            data = data[file.write(data) :]
    except OSError:
        file.truncate(end)
        raise
