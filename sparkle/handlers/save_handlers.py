"""Where checkpoints go: the interface, and the disk."""

from __future__ import annotations

import contextlib
import inspect
import os
import time
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from . import _files

_STALE_SECONDS = 3600.0


class BaseSaveHandler(metaclass=ABCMeta):
    """Stores and removes checkpoints by file name; derive from it to store them elsewhere than on the disk.

    Saving under a name that is already there must replace it, at once or not at all.
    """

    @abstractmethod
    def __call__(self, checkpoint: Mapping, filename: str, metadata: Mapping | None = None) -> None:
        """Store `checkpoint` as `filename`; `metadata` has basename, score_name and priority (higher is better)."""

    @abstractmethod
    def remove(self, filename: str) -> None:
        """Remove the checkpoint stored as `filename`."""


def check_rank(save_on_rank: int, where: str) -> None:
    """Raise ValueError for a rank that does not exist: there is one process, rank 0."""
    if save_on_rank != 0:
        raise ValueError(f"{where}: save_on_rank={save_on_rank!r}, but runs have one process: only rank 0 can save")


class DiskSaver(BaseSaveHandler):
    """Writes checkpoints into a directory, so that no crash and no full disk can leave a torn file.

    The bytes go to a temporary file beside the target, are flushed to the disk, and only then take the target's
    name. If anything fails on the way the temporary file is removed, and a file of that name stays as it was. What a
    killed process left unfinished is removed by the next DiskSaver of the directory, an hour later.

    Args:
        dirname: the directory.
        atomic: False writes straight to the target; a failure then costs the file of that name.
        create_dir: make the directory when it is not there.
        require_empty: refuse a directory that holds `.pt` files.
        save_on_rank: 0.
        kwargs: options for `sparkle.save`.

    Raises:
        ValueError: the directory is missing and `create_dir` is False, or holds `.pt` files; save_on_rank not 0.
        NotADirectoryError: `dirname` is a file.
        TypeError: `sparkle.save` has no such option.
    """

    def __init__(
        self,
        dirname: str | Path,
        atomic: bool = True,
        create_dir: bool = True,
        require_empty: bool = True,
        save_on_rank: int = 0,
        **kwargs: Any,
    ) -> None:
        check_rank(save_on_rank, "DiskSaver")
        _files.check_options(kwargs)
        self.dirname = Path(dirname).expanduser()
        self.save_on_rank = save_on_rank
        self.kwargs = kwargs
        self._atomic = atomic
        _set_up(self.dirname, create_dir, require_empty)

    def __call__(self, checkpoint: Mapping, filename: str, metadata: Mapping | None = None) -> None:
        """Write `checkpoint` to `dirname / filename`; OSError when the disk refuses."""
        path = self.dirname / filename
        with _files.replacing(path) if self._atomic else _torn_is_removed(path) as file:
            _files.write(checkpoint, file, **self.kwargs)
        _sync_directory(path.parent)

    def remove(self, filename: str) -> None:
        """Remove the file; one that somebody else removed already is as good as removed."""
        (self.dirname / filename).unlink(missing_ok=True)


def as_save_handler(save_handler: Any) -> Callable:
    """A DiskSaver for a directory, and any function as it is; TypeError for all else."""
    if isinstance(save_handler, (str, Path)):
        return DiskSaver(save_handler)
    if callable(save_handler):
        return save_handler
    kind = type(save_handler).__name__
    raise TypeError(f"save_handler: met {kind} {save_handler!r}, wanted a directory, a function or a BaseSaveHandler")


def takes_metadata(save_handler: Callable) -> bool:
    """Ask the signature once: a failing call says nothing about it."""
    try:
        inspect.signature(save_handler).bind({}, "", {})
    except (TypeError, ValueError):  # ValueError: a builtin without a signature
        return False
    return True


def disk_of(save_handler: Any) -> DiskSaver | None:
    """The DiskSaver that this handler is, or passes its files on to as `saver`."""
    if isinstance(save_handler, DiskSaver):
        return save_handler
    inner = getattr(save_handler, "saver", None)
    return None if inner is None else disk_of(inner)


def _set_up(dirname: Path, create_dir: bool, require_empty: bool) -> None:
    if dirname.exists() and not dirname.is_dir():
        raise NotADirectoryError(f"DiskSaver: {dirname} is a file, wanted a directory")
    if create_dir:
        dirname.mkdir(parents=True, exist_ok=True)
    if not dirname.exists():
        raise ValueError(f"DiskSaver: directory {dirname} does not exist; create_dir=True makes it")
    present = sorted(path.name for path in dirname.glob("*.pt"))
    if require_empty and present:
        raise ValueError(
            f"DiskSaver: directory {dirname} already holds {len(present)} checkpoint file(s): {present[:5]}; "
            "pass require_empty=False to use it anyway"
        )
    _clear_leftovers(dirname)


def _clear_leftovers(dirname: Path) -> None:
    """Remove what killed processes left unfinished; one that writes now has touched its file within the hour."""
    for path in dirname.glob(".*.pt.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


@contextlib.contextmanager
def _torn_is_removed(path: Path) -> Iterator[BinaryIO]:
    try:
        with open(path, "wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync_directory(dirname: Path) -> None:
    """Make the renaming itself last, where the system lets a directory be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(dirname, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
