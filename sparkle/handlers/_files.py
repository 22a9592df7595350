"""The one place where the handlers touch the file format of the core.

Imported when the first file is written or read, so that `import sparkle.handlers` stays free of array libraries.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any


def write(obj: Any, file: str | Path | IO[bytes], **options: Any) -> None:
    """Write `obj` to a path or an open binary file."""
    from ..core.serialization import save

    save(obj, file, **options)


def read(path: str | Path) -> Any:
    """Read what `write` wrote."""
    from ..core.serialization import load

    return load(path)


def replacing(path: Path) -> AbstractContextManager[IO[bytes]]:
    """A file that takes the name `path` when all is written and on the disk, and leaves no trace when not."""
    from ..core.serialization.files import replacing

    return replacing(path)


def check_options(options: Mapping[str, Any]) -> None:
    """Raise TypeError now, rather than at the first checkpoint, when `save` does not know one of the options."""
    if not options:
        return
    from ..core.serialization import save

    try:
        inspect.signature(save).bind(None, None, **options)
    except TypeError as error:
        raise TypeError(f"DiskSaver: met options {sorted(options)}, but save() {error}") from None
