"""Objects with a state, save handlers that note what they are asked, engines that went somewhere."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from sparkle.engine import Engine
from sparkle.handlers.checkpoint import BaseSaveHandler


class Thing:
    """The least that can be saved and loaded."""

    def __init__(self, value: Any = 1) -> None:
        self.value = value

    def state_dict(self) -> dict[str, Any]:
        return {"value": self.value}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.value = state["value"]


class Recorder(BaseSaveHandler):
    """Keeps checkpoints in memory, and the order of the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.files: dict[str, Any] = {}
        self.metadata: list[Any] = []

    def __call__(self, checkpoint: Any, filename: str, metadata: Any = None) -> None:
        self.calls.append(("save", filename))
        self.files[filename] = checkpoint
        self.metadata.append(metadata)

    def remove(self, filename: str) -> None:
        self.calls.append(("remove", filename))
        del self.files[filename]


@pytest.fixture
def thing() -> type[Thing]:
    return Thing


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def calls() -> Callable[[Any, Iterable[Any]], Engine]:
    """Call a handler once for each score, which is the engine's metric "acc", at iterations and epochs 1, 2, ..."""

    def call_with(handler: Any, scores: Iterable[Any], *args: Any) -> Engine:
        engine = Engine(lambda engine, batch: None)
        for count, score in enumerate(scores, 1):
            engine.state.iteration = engine.state.epoch = count
            engine.state.metrics["acc"] = score
            handler(engine, *args)
        return engine

    return call_with


class FakeTensor:
    """What the handlers need of a tensor, over a NumPy array: a detached copy of itself, its norm, a gradient."""

    def __init__(self, values: Any, grad: Any = None) -> None:
        self.array = np.asarray(values, dtype=np.float32)
        self.grad = None if grad is None else FakeTensor(grad)

    @property
    def ndim(self) -> int:
        return self.array.ndim

    def detach(self) -> FakeTensor:
        return FakeTensor(self.array)

    def cpu(self) -> FakeTensor:
        return self

    def numpy(self) -> np.ndarray:
        return self.array

    def norm(self) -> FakeTensor:
        return FakeTensor(np.linalg.norm(self.array))

    def isfinite(self) -> np.ndarray:
        return np.isfinite(self.array)

    def tolist(self) -> Any:
        return self.array.tolist()

    def item(self) -> float:
        return self.array.item()


class FakeModel:
    """Two parameters with a gradient and one without."""

    def __init__(self) -> None:
        self.parameters = {
            "fc.weight": FakeTensor([[3.0, 4.0]], grad=[[6.0, 8.0]]),
            "fc.bias": FakeTensor([1.0], grad=[-2.0]),
            "frozen": FakeTensor([2.0, 0.0]),
        }

    def named_parameters(self) -> Iterator[tuple[str, FakeTensor]]:
        return iter(self.parameters.items())


class FakeOptimizer:
    param_groups: ClassVar[list[dict[str, float]]] = [{"lr": 0.5, "momentum": 0.0}, {"lr": 0.25, "momentum": 0.5}]


@pytest.fixture
def tensor() -> type[FakeTensor]:
    return FakeTensor


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def optimizer() -> FakeOptimizer:
    return FakeOptimizer()


def records(path: Path) -> Iterator[bytes]:
    """The records of a TensorFlow record file: length (8 bytes), its checksum (4), the data, their checksum (4)."""
    content = path.read_bytes()
    start = 0
    while start < len(content):
        (length,) = struct.unpack_from("<Q", content, start)
        yield content[start + 12 : start + 12 + length]
        start += 16 + length


@pytest.fixture
def scalars() -> Callable[[Path], list[tuple[str, int, float]]]:
    """(tag, step, value) of all scalars, and (tag, step, count of values) of all histograms, in a folder."""

    def read(folder: Path) -> list[tuple[str, int, float]]:
        from tensorboardX.proto.event_pb2 import Event

        events = [Event.FromString(data) for path in sorted(folder.iterdir()) for data in records(path)]
        return [
            (value.tag, event.step, value.histo.num if value.HasField("histo") else value.simple_value)
            for event in events
            for value in event.summary.value
        ]

    return read
