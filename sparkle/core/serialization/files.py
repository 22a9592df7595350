"""`save` and `load`: safetensors files that other programs can read and that cannot run code."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy

from .. import backend, devices, dtypes
from .structure import Packer, Unpacker

FORMAT = "sparkle"
VERSION = 1


def save(obj: Any, f: str | os.PathLike[str] | IO[bytes]) -> None:
    """Write tensors, or nested dicts, lists and tuples of tensors, arrays, numbers and strings, to a file.

    f: a path or a binary file. The file is in the safetensors format; the structure stands as JSON in its header. A
    path is written under another name, flushed to the disk and renamed, so that a failed write leaves the old file as
    it was. Raises TypeError for values that a file cannot hold, such as modules (save their state_dict), and OSError.

    >>> import io, sparkle
    >>> file = io.BytesIO()
    >>> save({"epoch": 3, "weights": sparkle.tensor([1.0, 2.0])}, file)
    >>> _ = file.seek(0)
    >>> load(file)
    {'epoch': 3, 'weights': tensor([1., 2.])}
    """
    data = encode(obj)
    if hasattr(f, "write"):
        f.write(data)
        return
    with replacing(Path(os.fspath(f))) as file:
        file.write(data)


def encode(obj: Any) -> bytes:
    """The content of a file that holds obj."""
    from safetensors.numpy import save as to_bytes

    packer = Packer()
    structure = packer.pack(obj)
    return bytes(to_bytes(packer.arrays, {FORMAT: str(VERSION), "structure": json.dumps(structure)}))


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of path when all has been written, and leaves no trace when not."""
    if path.is_dir():
        raise IsADirectoryError(f"save: {path} is a directory")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def load(f: str | os.PathLike[str] | IO[bytes], map_location: Any = None, *, weights_only: bool | None = None) -> Any:
    """Read what `save` wrote; from any other safetensors file, a dict of its tensors.

    map_location: the device to put tensors on (a device, its name, or a dict from saved to wanted names); without it
    they go where they were. weights_only: True is the only way there is, for files hold no code; False reads the same.
    Raises FileNotFoundError, and RuntimeError for files that are damaged or of another kind.
    """
    if hasattr(f, "read"):
        data, name = f.read(), getattr(f, "name", "the file object")
    else:
        data, name = Path(os.fspath(f)).read_bytes(), os.fspath(f)
    return decode(data, name, map_location)


def decode(data: bytes, name: Any = "the data", map_location: Any = None) -> Any:
    """The value in the content of a file; name stands in error messages."""
    from safetensors import SafetensorError

    try:
        metadata = _metadata(data)
        version = int(metadata.get(FORMAT, 0))
        arrays = _arrays(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RuntimeError(f"load: {name} cannot be read: {_reason(data, error)}") from None
    place = _placing(map_location)
    if FORMAT not in metadata:
        return {key: Unpacker(arrays, place).unpack({"$tensor": key}) for key in sorted(arrays)}
    if version > VERSION:
        raise RuntimeError(
            f"load: {name} is of format version {version}, this sparkle reads up to {VERSION}: use a newer sparkle"
        )
    try:
        return Unpacker(arrays, place).unpack(json.loads(metadata["structure"]))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise RuntimeError(f"load: {name} cannot be read: its structure is damaged ({error})") from None


# The names that safetensors has for element types; bfloat16 is looked up when a file holds it.
_TYPES = {"BOOL": "bool", "U8": "uint8", "C64": "complex64"}
_TYPES |= {f"{kind[0].upper()}{bits}": f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (16, 32, 64)}
_TYPES["I8"] = "int8"


def _arrays(data: bytes) -> dict[str, numpy.ndarray]:
    """The arrays of a file. safetensors.numpy does the same, but knows no bfloat16."""
    from safetensors import deserialize

    found = {}
    for name, part in deserialize(data):
        kind = dtypes.bfloat16.numpy if part["dtype"] == "BF16" else _TYPES[part["dtype"]]
        found[name] = numpy.frombuffer(part["data"], dtype=kind).reshape(part["shape"])
    return found


def _metadata(data: bytes) -> dict[str, str]:
    """The text entries of a safetensors header: eight bytes of length, then JSON."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise ValueError("the header is longer than the file")
    found = json.loads(data[8 : 8 + size]).get("__metadata__") or {}
    return dict(found)


def _reason(data: bytes, error: Exception) -> str:
    if not data:
        return "it is empty"
    if data[:2] == b"PK":
        return "it is a zip archive, as torch.save writes them; load it with torch and save its tensors as safetensors"
    if data[:1] == b"\x80":
        return "it is a pickle, which could run code when loaded; load it where it was made and save it again"
    return f"it is damaged or no safetensors file ({error})"


def _placing(map_location: Any) -> Any:
    """A function from the name of a saved tensor's device to the device it shall be on."""
    if map_location is not None and not isinstance(map_location, (str, dict, devices.device)):
        raise TypeError(f"load: map_location: wanted a device, its name or a dict, met {type(map_location).__name__}")

    def place(saved: str) -> devices.device:
        wanted = map_location.get(saved, saved) if isinstance(map_location, dict) else map_location or saved
        d = devices.as_device(wanted)
        if d.type == "cuda" and not backend.cuda_device_count():
            raise RuntimeError(
                f"load: a tensor was saved on {saved} and there is no CUDA device here; use "
                "load(..., map_location='cpu')"
            )
        return d

    return place
