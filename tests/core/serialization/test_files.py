"""save and load: round trips, damaged and foreign files, failed writes."""

from __future__ import annotations

import io
import json
import math
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import sparkle
from sparkle.core.serialization import files

NESTED = {
    "epoch": 3,
    "loss": 0.5,
    "name": "run",
    "flags": [True, None, -1],
    "betas": (0.9, 0.999),
    "state": {0: {"step": 1}, 1: {"step": 2}},
    "ordered": OrderedDict(b=1, a=2),
    "bytes": b"\x00\xff",
    "$odd key": {"$tensor": "not one"},
    "infinite": [math.inf, -math.inf],
    "big": 2**100,
    "complex": 1 + 2j,
    "set": {1, 2},
    "empty": [{}, [], ()],
}


def round_trip(value):
    file = io.BytesIO()
    sparkle.save(value, file)
    file.seek(0)
    return sparkle.load(file)


def test_nested_values():
    back = round_trip(NESTED)
    assert back == NESTED
    assert type(back["ordered"]) is OrderedDict
    assert list(back["ordered"]) == ["b", "a"]
    assert math.isnan(round_trip(float("nan")))


@pytest.mark.parametrize("name", ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (2, 3)], ids=str)
def test_tensors_of_every_type(name, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(name)
    back = round_trip({"x": sparkle.from_numpy(array), "a": array})
    assert back["x"].dtype.name == name
    np.testing.assert_array_equal(back["x"].numpy(), array)
    assert isinstance(back["a"], np.ndarray)
    assert back["a"].shape == shape
    assert back["a"].dtype == array.dtype


def test_strided_tensors_flags_and_scalars():
    x = sparkle.arange(12.0).reshape(3, 4)
    back = round_trip(
        [
            x.t(),
            x[::2, 1::2],
            sparkle.ones(2, requires_grad=True),
            np.float32(1.5),
            sparkle.float64,
            sparkle.Size([1, 2]),
            sparkle.device("cpu"),
        ]
    )
    assert back[0].tolist() == x.t().tolist()
    assert back[1].tolist() == [[1.0, 3.0], [9.0, 11.0]]
    assert back[2].requires_grad
    assert back[3] == np.float32(1.5)
    assert back[3].dtype == np.float32
    assert back[4:] == [sparkle.float64, sparkle.Size([1, 2]), sparkle.device("cpu")]


def test_tensors_that_share_memory_still_do():
    x = sparkle.zeros(3)
    back = round_trip({"a": x, "b": x})
    back["a"][0] = 5.0
    assert back["b"].tolist() == [5.0, 0.0, 0.0]


def test_other_programs_can_read_the_arrays_and_we_theirs(tmp_path):
    sparkle.save({"w": sparkle.tensor([1.0, 2.0])}, tmp_path / "ours.pt")
    assert [a.tolist() for a in load_file(tmp_path / "ours.pt").values()] == [[1.0, 2.0]]
    save_file({"w": np.ones(2, np.float32), "b": np.zeros(1)}, tmp_path / "theirs.safetensors")
    back = sparkle.load(tmp_path / "theirs.safetensors")
    assert {k: v.tolist() for k, v in back.items()} == {"w": [1.0, 1.0], "b": [0.0]}


def test_paths_and_map_location(tmp_path):
    for path in (tmp_path / "a.pt", str(tmp_path / "b.pt")):
        sparkle.save([1], path)
        assert sparkle.load(path) == [1]
        assert sparkle.load(path, map_location="cpu") == [1]
        assert sparkle.load(path, map_location=sparkle.device("cpu"), weights_only=True) == [1]
    with pytest.raises(TypeError, match="map_location"):
        sparkle.load(path, map_location=lambda storage, location: storage)


class Foreign:
    pass


class HasState:
    def state_dict(self):
        return {}


REFUSED = {
    "object": (Foreign(), "Foreign"),
    "function": ({"f": len}, r"\['f'\].*cannot hold code"),
    "module": ([HasState()], r"\[0\].*state_dict\(\)"),
    "object array": (np.array([object()]), "array of object"),
    "complex array": (np.ones(2, complex), "complex128"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_values_a_file_cannot_hold(name, tmp_path):
    value, message = REFUSED[name]
    path = tmp_path / "kept.pt"
    sparkle.save("old", path)
    with pytest.raises(TypeError, match=message):
        sparkle.save(value, path)
    assert sparkle.load(path) == "old"


def test_a_value_that_contains_itself():
    value = []
    value.append(value)
    with pytest.raises(ValueError, match="contains itself"):
        sparkle.save(value, io.BytesIO())


@pytest.fixture
def good():
    return files.encode({"w": sparkle.arange(100.0), "n": [1, 2]})


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 20, 150, 300, -1])
def test_truncated_files(good, keep, tmp_path):
    path = tmp_path / "cut.pt"
    path.write_bytes(good[:keep])
    with pytest.raises(RuntimeError, match=r"cut\.pt cannot be read"):
        sparkle.load(path)


def test_any_damaged_byte_of_the_header_is_an_error_or_harmless(good):
    size = int.from_bytes(good[:8], "little")
    for i in range(0, 8 + size, 3):
        damaged = good[:i] + bytes([good[i] ^ 0x15]) + good[i + 1 :]
        try:
            files.decode(damaged)
        except RuntimeError as error:
            assert "load:" in str(error)  # noqa: PT017 - most bytes must fail, a few are only text


FOREIGN = {
    "pickle": (pickle.dumps({"a": 1}), "pickle"),
    "zip": (b"PK\x03\x04" + b"0" * 50, "zip archive"),
    "text": (b"hello, world, this is no checkpoint", "no safetensors file"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_files(kind, tmp_path):
    content, message = FOREIGN[kind]
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(RuntimeError, match=message):
        sparkle.load(tmp_path / "x.pt")
    with pytest.raises(FileNotFoundError):
        sparkle.load(tmp_path / "missing.pt")


def test_damaged_structure_and_newer_version(tmp_path):
    for structure, message in [
        ('{"$code": "boom"}', "unknown kind"),
        ("[", "damaged"),
        ('{"$tensor": "9"}', "damaged"),
    ]:
        save_file({"0": np.ones(1)}, tmp_path / "x.pt", {"sparkle": "1", "structure": structure})
        with pytest.raises(RuntimeError, match=message):
            sparkle.load(tmp_path / "x.pt")
    save_file({}, tmp_path / "x.pt", {"sparkle": "99", "structure": json.dumps(1)})
    with pytest.raises(RuntimeError, match="newer sparkle"):
        sparkle.load(tmp_path / "x.pt")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(step, tmp_path, monkeypatch):
    path = tmp_path / "kept.pt"
    sparkle.save("old", path)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        sparkle.save("new", path)
    monkeypatch.undo()
    assert sparkle.load(path) == "old"
    assert os.listdir(tmp_path) == ["kept.pt"]


def test_folders_and_permissions(tmp_path):
    with pytest.raises(IsADirectoryError):
        sparkle.save(1, tmp_path)
    with pytest.raises(FileNotFoundError):
        sparkle.save(1, tmp_path / "missing" / "x.pt")
    mask = os.umask(0o027)
    try:
        sparkle.save(1, tmp_path / "x.pt")
    finally:
        os.umask(mask)
    assert (tmp_path / "x.pt").stat().st_mode & 0o777 == 0o640
