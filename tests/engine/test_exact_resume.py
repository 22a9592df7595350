"""A training whose state is taken at any event and loaded by another process ends like the one that was never broken.

Equal to the last bit are: losses, weights, metrics, the events fired (but STARTED and EPOCH_STARTED, which the resumed
run fires again) and the random numbers afterwards.
"""

# ruff: noqa: NPY002
from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

import sparkle
from sparkle.engine import Engine, EventEnum, Events
from sparkle.metrics import Average, RunningAverage
from sparkle.utils.data import DataLoader, Dataset, IterableDataset, RandomSampler, Sampler


class Killed(BaseException):
    """What a kill would do: nothing that follows is seen."""


class Mine(EventEnum):
    BACKWARD = "backward"


def augmented(x: Any) -> Any:
    return x + 0.1 * sparkle.randn(3) + numpy.random.rand() + random.random()


class Samples(Dataset):
    """Map-style, augmented at random from all three generators."""

    def __init__(self, n: int = 10) -> None:
        self.x = sparkle.arange(3.0 * n).reshape(n, 3) / n

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Any:
        return augmented(self.x[index])


class Stream(IterableDataset):
    """Iterable, shuffled as it begins."""

    def __iter__(self) -> Iterator[Any]:
        order = list(range(10))
        random.shuffle(order)
        return (augmented(sparkle.full((3,), i / 10)) for i in order)


class StatefulStream(IterableDataset):
    """Iterable, with a generator and a position of its own."""

    def __init__(self) -> None:
        self.rng, self.n = numpy.random.default_rng(5), 0

    def __iter__(self) -> Iterator[Any]:
        while self.n < 10:
            self.n += 1
            yield sparkle.full((3,), float(self.rng.random()))
        self.n = 0

    def state_dict(self) -> dict[str, Any]:
        return {"n": self.n, "rng": self.rng.bit_generator.state["state"]["state"].to_bytes(16).hex()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        whole = self.rng.bit_generator.state
        whole["state"]["state"] = int(state["rng"], 16)
        self.n, self.rng.bit_generator.state = state["n"], whole


class PythonShuffle(Sampler):
    """A user's own sampler, without a state."""

    def __iter__(self) -> Iterator[int]:
        order = list(range(10))
        random.shuffle(order)
        return iter(order)

    def __len__(self) -> int:
        return 10


def own_generator() -> Any:
    return sparkle.Generator().manual_seed(3)


DATA: dict[str, Callable[[], Any]] = {
    "shuffled": lambda: DataLoader(Samples(), batch_size=4, shuffle=True),
    "own generator": lambda: DataLoader(Samples(), batch_size=4, shuffle=True, generator=own_generator()),
    "single": lambda: DataLoader(Samples(3), batch_size=None, sampler=RandomSampler(range(3))),
    "own sampler": lambda: DataLoader(Samples(), batch_size=4, sampler=PythonShuffle(), drop_last=True),
    "iterable": lambda: DataLoader(Stream(), batch_size=4),
    "stateful iterable": lambda: DataLoader(StatefulStream(), batch_size=4),
    "list": lambda: [sparkle.full((2, 3), i / 3) for i in range(3)],
    "generator": lambda: (sparkle.full((2, 3), i / 9) for i in range(9)),
    "none": lambda: None,
}
LENGTH = {"generator": 3, "none": 3}


class Training:
    """A model with dropout, an optimizer with momentum, a schedule, metrics of several usages, and a log of it all."""

    def __init__(self, data: str) -> None:
        sparkle.manual_seed(0), numpy.random.seed(0), random.seed(0)
        self.model = sparkle.nn.Sequential(sparkle.nn.Linear(3, 4), sparkle.nn.Dropout(0.5), sparkle.nn.Linear(4, 1))
        self.optimizer = sparkle.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.scheduler = sparkle.optim.lr_scheduler.ExponentialLR(self.optimizer, 0.9)
        self.data, self.length = DATA[data](), LENGTH.get(data)
        self.log: list[Any] = []
        self.trainer = trainer = Engine(self.process)
        trainer.register_events(*Mine)
        Average(lambda output: output).attach(trainer, "mean")
        RunningAverage(output_transform=lambda output: output).attach(trainer, "running")
        Average(lambda output: output).attach(trainer, "batch", usage="batch_wise")
        trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: self.scheduler.step())
        for event in (*Events, *Mine):
            trainer.add_event_handler(event, self.note, event.name)
        trainer.add_event_handler(Mine.BACKWARD(every=4), lambda: self.log.append("fourth"))
        self.objects = {"trainer": trainer, "model": self.model, "optimizer": self.optimizer, "lr": self.scheduler}

    def note(self, engine: Engine, *rest: Any) -> None:
        state = engine.state
        values = {name: state.metrics.get(name) for name in ("mean", "running", "batch")}
        output = state.output if rest[-1] in ("ITERATION_COMPLETED", "EPOCH_COMPLETED") else None
        self.log.append((rest[-1], state.iteration, state.epoch, output, values))

    def process(self, engine: Engine, batch: Any) -> float:
        self.optimizer.zero_grad()
        batch = sparkle.randn(2, 3) if batch is None else batch
        loss = (self.model(batch) ** 2).mean()
        loss.backward()
        engine.fire_event(Mine.BACKWARD)
        self.optimizer.step()
        return loss.item()

    def run(self, **limits: Any) -> None:
        self.trainer.run(self.data, epoch_length=self.length, **limits)

    def result(self) -> Any:
        drawn = (sparkle.rand(1).item(), numpy.random.rand(), random.random())
        return [p.tolist() for p in self.model.parameters()], drawn


def killed_at(training: Training, event: Any, at: int, path: str, limits: dict[str, int]) -> bool:
    """Run until the event is fired for the `at`th time, save everything there, and stop dead."""
    counts = []

    def save() -> None:
        counts.append(1)
        if len(counts) == at:
            sparkle.save({name: value.state_dict() for name, value in training.objects.items()}, path)
            raise Killed

    training.trainer.add_event_handler(event, save)
    try:
        training.run(**limits)
    except Killed:
        return True
    return False


def essence(log: list[Any]) -> list[Any]:
    """What is to be equal: all but the events that a resumed run repeats, and those of the kill."""
    return [entry for entry in log if entry[0] not in ("STARTED", "EPOCH_STARTED", "EXCEPTION_RAISED")]


BETWEEN = ["STARTED", "EPOCH_STARTED", "GET_BATCH_STARTED", "DATALOADER_STOP_ITERATION", "ITERATION_COMPLETED"]
BETWEEN += ["EPOCH_COMPLETED", "COMPLETED"]
WITHIN = ["GET_BATCH_COMPLETED", "ITERATION_STARTED", "BACKWARD"]


@pytest.mark.filterwarnings(
    "ignore:Detected call of .lr_scheduler.step"
)  # a process may begin with the end of an epoch
@pytest.mark.parametrize("limits", [{"max_epochs": 3}, {"max_iters": 7}], ids=str)
@pytest.mark.parametrize("event", [*BETWEEN, *WITHIN])
@pytest.mark.parametrize("data", DATA)
def test_resumed_equals_unbroken(data: str, event: str, limits: dict[str, int], tmp_path: Any) -> None:
    whole = Training(data)
    whole.trainer.snapshots = event in WITHIN
    whole.run(**limits)
    log, result = essence(whole.log), whole.result()
    which = Mine.BACKWARD if event == "BACKWARD" else Events[event]
    for at in (1, 2, 3, 4, 5, 7):
        path = str(tmp_path / f"{at}.pt")
        broken = Training(data)
        broken.trainer.snapshots = event in WITHIN
        if not killed_at(broken, which, at, path, limits):
            break
        resumed = Training(data)
        sparkle.rand(9), numpy.random.rand(9), random.random()  # another process has drawn other numbers
        saved = sparkle.load(path)
        for name, value in resumed.objects.items():
            value.load_state_dict(saved[name])
        resumed.run()
        later = essence(resumed.log)
        assert len(log) >= len(later)
        assert later == log[len(log) - len(later) :], at
        done = len(log) - len(later)
        assert essence(broken.log)[:done] == log[:done]
        assert len(essence(broken.log)) - done <= 6, at
        assert resumed.result() == result, at
