"""A training with all that draws or remembers, in a process that can be killed and started again.

`python -m tests.engine.training_to_kill` imports everything once and then forks a process for each line "folder kind"
that it reads: the process says "ready" and its number, and trains, from the newest checkpoint in the folder on. It
writes a line for each iteration, each checkpoint and the end. When it has ended its status is printed.
"""

# ruff: noqa: NPY002, SIM115, T201
from __future__ import annotations

import os
import random
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy

import sparkle
from sparkle import nn
from sparkle.engine import Events, create_supervised_evaluator, create_supervised_trainer
from sparkle.handlers import Checkpoint, DiskSaver, EMAHandler
from sparkle.metrics import Accuracy, Loss, RunningAverage
from sparkle.utils.data import DataLoader, Dataset, IterableDataset


def sample(index: int) -> Any:
    """A point and its class, moved a little by each of the three generators."""
    label = index % 3
    x = sparkle.tensor([label / 2, index / 40, 0.5]) + 0.1 * sparkle.randn(3)
    return x * (0.9 + 0.2 * random.random()) + 0.05 * float(numpy.random.standard_normal()), label


class Points(Dataset):
    def __len__(self) -> int:
        return 42

    def __getitem__(self, index: int) -> Any:
        return sample(index)


class Stream(IterableDataset):
    def __iter__(self) -> Iterator[Any]:
        order = list(range(42))
        random.shuffle(order)
        return map(sample, order)


def main(folder: Path, kind: str) -> None:
    sparkle.manual_seed(1), random.seed(2), numpy.random.seed(3)
    log = open(folder / "log.txt", "a", buffering=1)
    data = DataLoader(Points(), 4, shuffle=True) if kind == "map" else DataLoader(Stream(), 4)
    model = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
    optimizer = sparkle.optim.Adam(model.parameters(), lr=0.01)
    schedule = sparkle.optim.lr_scheduler.StepLR(optimizer, 7, gamma=0.9)
    loss = nn.functional.cross_entropy
    trainer = create_supervised_trainer(
        model,
        optimizer,
        loss,
        gradient_accumulation_steps=3,
        clip_grad_norm=1.0,
        lr_scheduler=schedule,
        metrics={"accuracy": Accuracy(), "loss": Loss(loss)},
    )
    RunningAverage(output_transform=lambda output: output["loss"]).attach(trainer, "average")
    average = EMAHandler(model, momentum=0.1)
    average.attach(trainer)
    held_out = [(sparkle.eye(3), sparkle.arange(3))]
    create_supervised_evaluator(model, {"loss": Loss(loss)}, trainer=trainer, data=held_out)

    def note(*values: Any) -> None:
        log.write(" ".join(str(value) for value in values) + "\n")

    @trainer.on(Events.ITERATION_COMPLETED)
    def iteration() -> None:
        state = trainer.state
        rate = optimizer.param_groups[0]["lr"]
        note("loss", state.iteration, state.epoch, state.output["loss"], state.metrics["average"], rate)

    @trainer.on(Events.EPOCH_COMPLETED)
    def epoch() -> None:
        metrics, counts = trainer.state.metrics, trainer.state.event_counts
        counted = [f"{name}={count}" for name, count in sorted(counts.items()) if name != "SAVED_CHECKPOINT"]
        note("epoch", trainer.state.epoch, metrics["accuracy"], metrics["loss"], *counted)

    objects = {"trainer": trainer, "model": model, "optimizer": optimizer, "schedule": schedule}
    objects["average"] = average.ema_model
    keeper = Checkpoint(objects, DiskSaver(folder / "saved", require_empty=False), n_saved=2)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=2), keeper)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, keeper)
    trainer.add_event_handler(
        Events.ITERATION_COMPLETED(every=2), lambda: note("saved", trainer.state.iteration), priority=-40
    )
    Checkpoint.load_latest(folder / "saved", objects)
    print("ready", os.getpid(), flush=True)
    trainer.run(data, max_epochs=8)
    weights = [value.tolist() for part in (model, average.ema_model) for value in part.state_dict().values()]
    note("end", weights, sparkle.rand(1).item(), random.random(), numpy.random.rand())


def serve() -> None:
    """Fork a training for each line of standard input."""
    for line in sys.stdin:
        folder, kind = line.split()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                main(Path(folder), kind)
                status = 0
            except BaseException:
                traceback.print_exc()
            os._exit(status)
        print("ended", os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    serve()
