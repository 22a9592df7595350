"""The idx file format of MNIST: a magic number, the dimensions, then the numbers, big-endian; gzipped or not."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any

import numpy

# The third byte of the magic number names the type. Source: the MNIST page of LeCun, Cortes and Burges.
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path: str | Path) -> numpy.ndarray[Any, Any]:
    """The array in an idx file, in the machine's byte order. Gzip is recognised by content, not by name.

    Raises ValueError, naming the file, when it is not an idx file, damaged, too short or too long.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_idx(f"{folder}/numbers.gz", numpy.array([[1, 2], [3, 4]], "uint8"))
    ...     read_idx(f"{folder}/numbers.gz")
    array([[1, 2], [3, 4]], dtype=uint8)
    """
    content = _unpacked(Path(path))
    dtype, shape, start = _header(content, path)
    met, wanted = len(content) - start, math.prod(shape) * dtype.itemsize
    if met != wanted:
        what = "truncated" if met < wanted else "too long"
        raise ValueError(
            f"read_idx: {path} is {what}: its header says shape {shape} of {dtype.name}, "
            f"which is {wanted} bytes of data, and {met} follow"
        )
    return numpy.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def write_idx(path: str | Path, array: numpy.ndarray[Any, Any]) -> None:
    """Write an array as an idx file, gzipped when the name ends in `.gz`.

    Raises TypeError for a dtype that the format does not have; it has uint8, int8, int16, int32, float32, float64.
    """
    code = next((code for code, name in TYPES.items() if numpy.dtype(name) == array.dtype.newbyteorder(">")), None)
    if code is None:
        known = ", ".join(numpy.dtype(name).name for name in TYPES.values())
        raise TypeError(f"write_idx: an idx file cannot hold {array.dtype}, only {known}")
    header = bytes([0, 0, code, array.ndim]) + numpy.array(array.shape, ">u4").tobytes()
    content = header + array.astype(TYPES[code]).tobytes()
    # Without the time of writing, the same array gives the same file.
    Path(path).write_bytes(gzip.compress(content, mtime=0) if str(path).endswith(".gz") else content)


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"read_idx: {path} is a damaged gzip file: {error}") from error


def _header(content: bytes, path: str | Path) -> tuple[numpy.dtype[Any], tuple[int, ...], int]:
    """Type, shape, and where the numbers start."""
    magic = content[:4]
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        raise ValueError(
            f"read_idx: {path} is not an idx file: it starts with the bytes [{magic.hex(' ')}], wanted 00 00, "
            f"a type ({', '.join(f'{code:02x}' for code in TYPES)}) and the number of dimensions"
        )
    dimensions, start = magic[3], 4 + 4 * magic[3]
    if len(content) < start:
        raise ValueError(
            f"read_idx: {path} is truncated: {dimensions} dimensions need a header of {start} bytes, "
            f"the file has {len(content)}"
        )
    return numpy.dtype(TYPES[magic[2]]), tuple(numpy.frombuffer(content, ">u4", dimensions, 4).tolist()), start
