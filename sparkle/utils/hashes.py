"""Files named by what is in them."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path


def hash_checkpoint(checkpoint_path: str | os.PathLike[str], output_dir: str | os.PathLike[str]) -> tuple[Path, str]:
    """Move a file to `output_dir/<name>-<first 8 digits of its SHA-256><suffix>`; return that path and all the digits.

    The directory is made when it is not there. Raises FileNotFoundError when the file is not.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "model.pt")
    ...     _ = file.write_bytes(b"weights")
    ...     path, digits = hash_checkpoint(file, Path(folder, "published"))
    >>> path.name, digits[:8]
    ('model-9a129038.pt', '9a129038')
    """
    source, target = Path(checkpoint_path), Path(output_dir)
    if not source.exists():
        raise FileNotFoundError(f"hash_checkpoint: {source.name} does not exist in {source.parent}")
    with source.open("rb") as file:
        digits = hashlib.file_digest(file, "sha256").hexdigest()
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{source.stem}-{digits[:8]}{source.suffix}"
    shutil.move(source, path)
    return path, digits
