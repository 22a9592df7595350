"""The event files of TensorBoard."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def scalars() -> Callable[[Path], list[tuple[str, int, float]]]:
    """(tag, step, value) of all scalars in a folder."""

    def read(folder: Path) -> list[tuple[str, int, float]]:
        from tensorboardX.proto.event_pb2 import Event

        found = []
        for path in sorted(folder.iterdir()):
            content, start = path.read_bytes(), 0
            while start < len(content):
                (length,) = struct.unpack_from("<Q", content, start)
                event = Event.FromString(content[start + 12 : start + 12 + length])
                start += 16 + length
                found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
        return found

    return read
