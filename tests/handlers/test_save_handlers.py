"""DiskSaver: what is on the disk after good and bad writes."""

from __future__ import annotations

import os
import stat

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine
from sparkle.handlers import Checkpoint, DiskSaver, _files
from sparkle.handlers.checkpoint import BaseSaveHandler


def names(folder):
    return sorted(os.listdir(folder))


def write(text):
    """A writer of files as the core has one: (obj, binary file, **options)."""

    def save(obj, file, **options):
        file.write(text)

    return save


def test_writes_and_reads(tmp_path):
    DiskSaver(tmp_path / "new" / "folder")({"a": 1, "b": [2.5, "text"]}, "x.pt")
    path = tmp_path / "new" / "folder" / "x.pt"
    assert names(path.parent) == ["x.pt"]
    assert _files.read(path) == {"a": 1, "b": [2.5, "text"]}


def test_takes_a_directory_by_name(tmp_path, thing, calls):
    checkpoint = Checkpoint({"a": thing()}, str(tmp_path / "models"))
    calls(checkpoint, [1, 2])
    assert names(tmp_path / "models") == ["a_2.pt"]
    assert checkpoint.last_checkpoint == tmp_path / "models" / "a_2.pt"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("when", ["write", "fsync", "replace"])
def test_failed_write_leaves_the_old_file_and_nothing_else(when, error, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        if when == "write":
            args[1].write(b"half of the ")
        raise error

    monkeypatch.setattr(_files, "write", write(b"old"))
    saver = DiskSaver(tmp_path)
    saver({}, "x.pt")
    monkeypatch.setattr(_files, "write", write(b"new"))
    monkeypatch.setattr(*{"write": (_files, "write"), "fsync": (os, "fsync"), "replace": (os, "replace")}[when], fail)
    with pytest.raises(type(error)):
        saver({}, "x.pt")
    assert names(tmp_path) == ["x.pt"]
    assert (tmp_path / "x.pt").read_bytes() == b"old"


def test_full_disk_keeps_the_previous_checkpoint(tmp_path, monkeypatch, thing, calls):
    def full(obj, file, **options):
        file.write(b"half of the ")
        raise OSError(28, "No space left on device")

    checkpoint = Checkpoint({"a": thing(3)}, tmp_path, n_saved=1)
    calls(checkpoint, [1])
    with monkeypatch.context() as patch:
        patch.setattr(_files, "write", full)
        with pytest.raises(OSError, match="No space"):
            calls(checkpoint, [1, 2])
    assert names(tmp_path) == ["a_1.pt"]
    model = thing()
    Checkpoint.load_objects({"a": model}, checkpoint.last_checkpoint)
    assert model.value == 3
    calls(checkpoint, [1, 2, 3])
    assert names(tmp_path) == ["a_3.pt"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_write_to_a_device_that_is_full(tmp_path):
    (tmp_path / "x.pt").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        DiskSaver(tmp_path, atomic=False, require_empty=False)({"a": 1}, "x.pt")


def test_file_is_flushed_to_the_disk_before_it_takes_the_name(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (order.append("fsync"), fsync(descriptor)))
    monkeypatch.setattr(os, "replace", lambda source, target: (order.append("replace"), replace(source, target)))
    DiskSaver(tmp_path)({"a": 1}, "x.pt")
    assert order[:2] == ["fsync", "replace"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "other").touch()
    DiskSaver(tmp_path)({"a": 1}, "x.pt")
    mode = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("x.pt", "other")}
    assert len(mode) == 1


def test_remove_what_is_gone_already(tmp_path):
    saver = DiskSaver(tmp_path)
    saver({"a": 1}, "x.pt")
    saver.remove("x.pt")
    saver.remove("x.pt")
    assert names(tmp_path) == []


def test_require_empty_looks_at_checkpoints_only(tmp_path):
    (tmp_path / "notes.txt").touch()
    DiskSaver(tmp_path)
    (tmp_path / "x.pt").touch()
    with pytest.raises(ValueError, match=r"already holds 1 checkpoint file\(s\): \['x.pt'\]"):
        DiskSaver(tmp_path)
    DiskSaver(tmp_path, require_empty=False)


def test_misuse(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="is a file"):
        DiskSaver(tmp_path / "file")
    with pytest.raises(ValueError, match="does not exist"):
        DiskSaver(tmp_path / "nowhere", create_dir=False)
    with pytest.raises(ValueError, match="save_on_rank=1"):
        DiskSaver(tmp_path, save_on_rank=1)
    with pytest.raises(TypeError, match="no_such_option"):
        DiskSaver(tmp_path, no_such_option=1)
    with pytest.raises(TypeError, match="abstract"):
        BaseSaveHandler()


def test_without_atomic_a_failed_write_leaves_no_torn_file(tmp_path):
    with pytest.raises(TypeError):
        DiskSaver(tmp_path, atomic=False)({"a": object()}, "x.pt")
    assert names(tmp_path) == []


def test_damaged_file_changes_nothing(tmp_path, thing):
    DiskSaver(tmp_path)({"a": {"value": 7}}, "x.pt")
    content = (tmp_path / "x.pt").read_bytes()
    for damaged in (b"", b"PK\x03\x04", content[:-9], content[:20], b"\x00" * 100):
        (tmp_path / "x.pt").write_bytes(damaged)
        model = thing()
        with pytest.raises(RuntimeError, match=r"x\.pt"):
            Checkpoint.load_objects({"a": model}, tmp_path / "x.pt")
        assert model.value == 1


def test_list_of_objects_saved_alone(tmp_path, thing, calls):
    checkpoint = Checkpoint({"models": [thing(2), thing(3)]}, tmp_path)
    calls(checkpoint, [1])
    models = [thing(), thing()]
    Checkpoint.load_objects({"models": models}, checkpoint.last_checkpoint)
    assert [model.value for model in models] == [2, 3]


def test_tensors_and_arrays_come_back(tmp_path, thing, calls):
    state = {"weight": sparkle.tensor([[1.0, 2.0]]), "array": np.arange(3), "deep": [{"lr": 0.1}, (1, None)]}
    checkpoint = Checkpoint(
        {"a": thing(state), "trainer": Engine(lambda engine, batch: None)}, tmp_path, include_self=True
    )
    calls(checkpoint, [1])
    restored = thing()
    Checkpoint.load_objects({"a": restored}, checkpoint.last_checkpoint)
    assert restored.value["weight"].tolist() == [[1.0, 2.0]]
    assert restored.value["array"].tolist() == [0, 1, 2]
    assert restored.value["deep"] == [{"lr": 0.1}, (1, None)]
