"""idx files: what is written is read back, what is damaged is refused with the file's name."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy
import pytest

from sparkle.data.datasets import read_idx, write_idx

# One number of each kind in the format, written out by hand: magic, dimensions, data, what must be read.
FILES = [
    ("0000 0801 00000003 01 02 ff", numpy.array([1, 2, 255], "u1")),
    ("0000 0901 00000002 01 ff", numpy.array([1, -1], "i1")),
    ("0000 0b01 00000002 0001 fffe", numpy.array([1, -2], "i2")),
    ("0000 0c01 00000001 00010000", numpy.array([65536], "i4")),
    ("0000 0d01 00000001 3fc00000", numpy.array([1.5], "f4")),
    ("0000 0e01 00000001 bff8000000000000", numpy.array([-1.5], "f8")),
    ("0000 0803 00000002 00000001 00000002 01 02 03 04", numpy.array([[[1, 2]], [[3, 4]]], "u1")),
    ("0000 0802 00000000 0000001c", numpy.zeros((0, 28), "u1")),
    ("0000 0800 07", numpy.array(7, "u1")),
]


@pytest.mark.parametrize(("content", "wanted"), FILES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads(tmp_path: Path, content: str, wanted: numpy.ndarray, pack: type) -> None:
    (tmp_path / "file").write_bytes(pack(bytes.fromhex(content)))
    read = read_idx(tmp_path / "file")
    numpy.testing.assert_array_equal(read, wanted, strict=True)
    assert read.dtype.isnative
    assert read.flags.writeable


@pytest.mark.parametrize(("content", "array"), FILES)
@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_writes(tmp_path: Path, content: str, array: numpy.ndarray, name: str) -> None:
    write_idx(tmp_path / name, array)
    written = (tmp_path / name).read_bytes()
    assert (gzip.decompress(written) if name.endswith("gz") else written) == bytes.fromhex(content)
    assert name == "file" or written[4:8] == bytes(4)  # no time of writing: the same array gives the same file


def test_writes_any_strides_and_byte_order(tmp_path: Path) -> None:
    array = numpy.arange(12, dtype=">i4").reshape(3, 4).T[::2]
    write_idx(tmp_path / "file", array)
    numpy.testing.assert_array_equal(read_idx(tmp_path / "file"), array)


DAMAGED = [
    (b"", "not an idx file"),
    (b"\0\0\x08", "not an idx file"),
    (b"\x89PNG\r\n\x1a\n", r"not an idx file: it starts with the bytes \[89 50 4e 47\]"),
    (bytes.fromhex("0000 0701 00000001 01"), "not an idx file"),
    (bytes.fromhex("0000 0803 00000002 0000"), "truncated: 3 dimensions need a header of 16 bytes, the file has 10"),
    (bytes.fromhex("0000 0801 00000003 0102"), r"truncated: .* \(3,\) of uint8, .* 3 bytes of data, and 2 follow"),
    (bytes.fromhex("0000 0801 00000003 01020304"), "too long: .* 3 bytes of data, and 4 follow"),
    (bytes.fromhex("0000 0802 ffffffff ffffffff 01"), "truncated: .* 18446744065119617025 bytes"),
    (gzip.compress(bytes.fromhex("0000 0801 00000003 010203"), mtime=0)[:-4], "damaged gzip file"),
    (gzip.compress(bytes(1000), mtime=0)[:-12] + bytes(12), "damaged gzip file"),
    (b"\x1f\x8b", "damaged gzip file"),
]


@pytest.mark.parametrize(("content", "message"), DAMAGED)
def test_refuses_damaged(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "some-file").write_bytes(content)
    with pytest.raises(ValueError, match=f"some-file is (a )?{message}"):
        read_idx(tmp_path / "some-file")


def test_refuses_dtype(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot hold int64, only uint8, int8, int16, int32, float32, float64"):
        write_idx(tmp_path / "file", numpy.arange(3, dtype="i8"))
    assert not (tmp_path / "file").exists()
