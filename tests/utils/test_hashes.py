"""hash_checkpoint: names, digits, and what is not there."""

from __future__ import annotations

import hashlib

import pytest

from sparkle.utils import hash_checkpoint


@pytest.mark.parametrize("name", ["model.pt", "model.v2.safetensors", "model"])
@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_moves_and_names(name, kind, tmp_path):
    source = tmp_path / name
    source.write_bytes(b"abc" * 10_000)
    digits = hashlib.sha256(b"abc" * 10_000).hexdigest()
    path, found = hash_checkpoint(kind(source), kind(tmp_path / "new" / "folder"))
    assert found == digits
    assert path == tmp_path / "new" / "folder" / f"{source.stem}-{digits[:8]}{source.suffix}"
    assert path.read_bytes() == b"abc" * 10_000
    assert not source.exists()


def test_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model\.pt does not exist"):
        hash_checkpoint(tmp_path / "model.pt", tmp_path)
    assert list(tmp_path.iterdir()) == []
