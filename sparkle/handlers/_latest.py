"""Going on from the newest checkpoint of a directory."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import _files, _objects

_log = logging.getLogger(__name__)


def load_latest(
    dirname: str | Path, to_load: Mapping[str, Any], *, pattern: str = "*.pt", **kwargs: Any
) -> Path | None:
    """Load the newest checkpoint of a directory that has all the objects; return its path, or None at a first start.

    Newest is what was written last; of files written at the same time, the one with the highest number in its name.
    A file that is damaged is passed over with a warning in the log, and so is one that holds other objects (the best
    model beside the whole training). What was never completely written does not bear a checkpoint's name.

    Args:
        dirname: the directory; it need not exist.
        to_load: name -> object with `load_state_dict`, as in `load_objects`.
        pattern: which files.
        kwargs: options for load_state_dict.

    Raises:
        ValueError: there are files, but none that fits: a training is not started anew over one that is there.
        TypeError: as load_objects. What an object raises at a state that does not suit it is raised too.

    Example:
        >>> import tempfile
        >>> from sparkle.handlers import Checkpoint
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     print(Checkpoint.load_latest(folder, {}))
        None
    """
    _objects.check_objects(to_load, "to_load", "load_state_dict")
    misfits = []
    for path in newest_first(Path(dirname).expanduser(), pattern):
        try:
            pairs = _objects.match_checkpoint(to_load, _files.read(path))
        except (RuntimeError, ValueError, OSError) as error:
            _log.warning("load_latest: %s is passed over: %s", path, error)
            misfits.append(f"{path.name} ({error})")
        else:
            _objects.load_all(pairs, kwargs)
            return path
    if misfits:
        raise ValueError(f"load_latest: none of the {len(misfits)} file(s) in {dirname} can be used: {misfits[:5]}")
    return None


def newest_first(dirname: Path, pattern: str) -> Iterator[Path]:
    """The files of a directory, the one written last before all others."""
    files = [path for path in dirname.glob(pattern) if path.is_file() and not path.name.startswith(".")]
    return iter(sorted(files, key=_age, reverse=True))


def _age(path: Path) -> tuple[int, list[int], str]:
    return path.stat().st_mtime_ns, [int(number) for number in re.findall(r"\d+", path.stem)], path.name
