"""A trainer and an evaluator made by the factories: metrics, early stopping, the best checkpoints, filters."""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import (
    Checkpoint,
    DiskSaver,
    EarlyStopping,
    ModelCheckpoint,
    TerminateOnNan,
    Timer,
    global_step_from_engine,
)
from ignite.metrics import Accuracy, ConfusionMatrix, Loss, Precision, Recall, RunningAverage
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(6)


def blobs(n):
    labels = rng.integers(0, 3, n)
    centers = np.array([[0, 2], [2, -1], [-2, -1]])
    points = centers[labels] + rng.normal(0, 1, (n, 2))
    return TensorDataset(torch.tensor(points, dtype=torch.float32), torch.from_numpy(labels))


train_loader = DataLoader(blobs(96), batch_size=32)
val_loader = DataLoader(blobs(64), batch_size=20)
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
for parameter in model.parameters():
    nn.init.constant_(parameter, 0.0) if parameter.dim() == 1 else parameter.data.copy_(
        torch.from_numpy(rng.normal(0, 0.5, tuple(parameter.shape)))
    )
optimizer = optim.SGD(model.parameters(), lr=0.3)
criterion = nn.CrossEntropyLoss()

trainer = create_supervised_trainer(model, optimizer, criterion, device="cpu")
precision, recall = Precision(average=False), Recall(average=False)
metrics = {
    "accuracy": Accuracy(),
    "nll": Loss(criterion),
    "f1": (precision * recall * 2 / (precision + recall)).mean(),
    "confusion": ConfusionMatrix(num_classes=3),
}
evaluator = create_supervised_evaluator(model, metrics=metrics, device="cpu")
RunningAverage(output_transform=lambda x: x).attach(trainer, "loss")
timer = Timer(average=True)
timer.attach(trainer, start=Events.EPOCH_STARTED, resume=Events.ITERATION_STARTED, pause=Events.ITERATION_COMPLETED)
trace, history = [], []


@trainer.on(Events.ITERATION_COMPLETED(every=4))
def log_training_loss(engine):
    trace.append([engine.state.epoch, engine.state.iteration, engine.state.output])


@trainer.on(Events.EPOCH_COMPLETED)
def log_validation_results(engine):
    evaluator.run(val_loader)
    history.append([evaluator.state.metrics[name] for name in ("accuracy", "nll", "f1")])


@trainer.on(Events.STARTED | Events.COMPLETED)
def note(engine):
    trace.append(["note", engine.state.epoch])


def score_function(engine):
    return -engine.state.metrics["nll"]


trainer.add_event_handler(Events.ITERATION_COMPLETED, TerminateOnNan())
stopping = EarlyStopping(patience=2, score_function=score_function, trainer=trainer, min_delta=0.02)
evaluator.add_event_handler(Events.COMPLETED, stopping)
best = Checkpoint(
    {"model": model}, DiskSaver("best", create_dir=True), n_saved=2, filename_prefix="best",
    score_function=score_function, score_name="nll", global_step_transform=global_step_from_engine(trainer),
)  # fmt: skip
evaluator.add_event_handler(Events.COMPLETED, best)
to_save = {"model": model, "optimizer": optimizer, "trainer": trainer}
trainer.add_event_handler(Events.EPOCH_COMPLETED(every=2), ModelCheckpoint("all", "run", n_saved=1), to_save)
once = []
trainer.add_event_handler(Events.EPOCH_COMPLETED(once=3), lambda: once.append(True))
trainer.run(train_loader, max_epochs=20)

weights = model[0].weight.detach().clone()
checkpoint = torch.load(os.path.join("all", os.listdir("all")[0]))
Checkpoint.load_objects(to_load=to_save, checkpoint=checkpoint)
resumed_at = [trainer.state.epoch, trainer.state.iteration]

result = {
    "trace": trace,
    "history": history,
    "stopped": [trainer.state.epoch, trainer.state.max_epochs],
    "confusion": evaluator.state.metrics["confusion"].tolist(),
    "best": [name.split("_")[0] for name in sorted(os.listdir("best"))],
    "names": sorted(name.split("=")[0] for name in os.listdir("best")),
    "files": sorted(os.listdir("all")),
    "resumed_at": resumed_at,
    "same_weights": torch.equal(weights, model[0].weight),
    "loss": trainer.state.metrics["loss"],
    "once": once,
    "timed": timer.value() >= 0,
}
