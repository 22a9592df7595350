"""Both libraries as one argument; the same event file reader as in tests/handlers."""

from __future__ import annotations

import logging
import struct
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

with warnings.catch_warnings():  # torch.jit warns of itself while ignite is imported
    warnings.simplefilter("ignore")
    import ignite.engine
    import ignite.handlers
    import ignite.handlers.tensorboard_logger

import sparkle.engine
import sparkle.handlers
import sparkle.handlers.base_logger
import sparkle.handlers.tensorboard_logger

IGNITE = SimpleNamespace(engine=ignite.engine, handlers=ignite.handlers, name="ignite")
SPARKLE = SimpleNamespace(engine=sparkle.engine, handlers=sparkle.handlers, name="sparkle")


@pytest.fixture(autouse=True)
def _quiet():
    """Ignite logs each stop and exception to the terminal."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def both():
    """Run a scenario, a function of a library, with ignite and with sparkle: what each gave."""

    def run(scenario: Any, *args: Any) -> tuple[Any, Any]:
        return scenario(IGNITE, *args), scenario(SPARKLE, *args)

    return run


@pytest.fixture
def scalars():
    """(tag, step, value) of all scalars, and (tag, step, limits and counts) of all histograms, in a folder."""

    def read(folder: Path) -> list[tuple[str, int, Any]]:
        from tensorboardX.proto.event_pb2 import Event

        found = []
        for path in sorted(folder.iterdir()):
            content, start = path.read_bytes(), 0
            while start < len(content):
                (length,) = struct.unpack_from("<Q", content, start)
                event = Event.FromString(content[start + 12 : start + 12 + length])
                start += 16 + length
                found += [(value.tag, event.step, _value(value)) for value in event.summary.value]
        return found

    return read


def _value(value: Any) -> Any:
    if value.HasField("histo"):
        return tuple(value.histo.bucket_limit), tuple(value.histo.bucket)
    return value.simple_value
