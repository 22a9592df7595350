"""Train a small convolutional network on the handwritten digits that come with sparkle.

    python examples/digits.py [--epochs 15] [--logdir runs/digits]

Shows the engine with a progress bar, a running loss, validation after each epoch, early stopping, the best checkpoint,
a TensorBoard log, and at the end a picture of the learning curves and the confusion matrix.
"""

import argparse
import time
from pathlib import Path

import sparkle
from sparkle import nn
from sparkle.data import DataLoader
from sparkle.data.datasets import digits
from sparkle.engine import Engine, Events
from sparkle.handlers import Checkpoint, DiskSaver, EarlyStopping, ProgressBar, global_step_from_engine
from sparkle.handlers.tensorboard_logger import TensorboardLogger
from sparkle.metrics import Accuracy, ConfusionMatrix, Loss, RunningAverage


def make_model() -> nn.Module:
    """Two convolutions, a pooling, and two linear layers: 8x8 pixels to ten classes."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3),
        nn.Linear(32 * 4 * 4, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> float:
    """Train and test; returns the test accuracy of the best checkpoint."""
    options = parse(arguments)
    sparkle.manual_seed(options.seed)
    folder = Path(options.logdir)
    train_set, validation_set = sparkle.data.random_split(digits("train"), [0.85, 0.15])
    train = DataLoader(train_set, batch_size=64, shuffle=True)
    validation = DataLoader(validation_set, batch_size=256)
    test = DataLoader(digits("test"), batch_size=256)

    model = make_model()
    optimizer = sparkle.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()

    def process_batch(trainer, batch):
        images, labels = batch
        model.train()
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def evaluate(engine, batch):
        images, labels = batch
        model.eval()
        with sparkle.no_grad():
            return model(images), labels

    trainer, evaluator = Engine(process_batch), Engine(evaluate)
    RunningAverage(output_transform=lambda loss: loss).attach(trainer, "loss")
    Accuracy().attach(evaluator, "accuracy")
    Loss(criterion).attach(evaluator, "loss")
    ConfusionMatrix(num_classes=10).attach(evaluator, "confusion")
    ProgressBar(persist=False).attach(trainer, ["loss"])

    history: dict[str, list[float]] = {"train loss": [], "validation loss": [], "validation accuracy": []}

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(trainer):
        metrics = evaluator.run(validation).metrics
        history["train loss"].append(trainer.state.metrics["loss"])
        history["validation loss"].append(metrics["loss"])
        history["validation accuracy"].append(metrics["accuracy"])
        print(
            f"epoch {trainer.state.epoch:2}  running loss {trainer.state.metrics['loss']:.4f}  "
            f"validation loss {metrics['loss']:.4f}  accuracy {metrics['accuracy']:.2%}"
        )

    best = Checkpoint(
        {"model": model},
        DiskSaver(folder / "checkpoints", require_empty=False),
        score_name="accuracy",
        score_function=lambda engine: engine.state.metrics["accuracy"],
        global_step_transform=global_step_from_engine(trainer),
    )
    evaluator.add_event_handler(Events.COMPLETED, best)
    patience = EarlyStopping(options.patience, lambda engine: -engine.state.metrics["loss"], trainer)
    evaluator.add_event_handler(Events.COMPLETED, patience)

    with TensorboardLogger(log_dir=str(folder / "tensorboard")) as logger:
        logger.attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="train", metric_names=["loss"])
        logger.attach_output_handler(
            evaluator, Events.COMPLETED, tag="validation", metric_names=["accuracy", "loss"],
            global_step_transform=global_step_from_engine(trainer),
        )  # fmt: skip
        started = time.perf_counter()
        trainer.run(train, max_epochs=options.epochs)
        seconds = time.perf_counter() - started

    # Test with the weights that did best on the validation images. Later runs do not save over the best checkpoint.
    evaluator.remove_event_handler(best, Events.COMPLETED)
    evaluator.remove_event_handler(patience, Events.COMPLETED)
    assert best.last_checkpoint is not None, "at least one epoch was validated"
    model.load_state_dict(sparkle.load(best.last_checkpoint))
    metrics = evaluator.run(test).metrics
    picture = draw(history, metrics["confusion"], folder / "digits.png")
    print(f"\ntest accuracy {metrics['accuracy']:.2%} after {trainer.state.epoch} epochs, {seconds:.1f} s of training")
    print(f"best checkpoint  {best.last_checkpoint}   read it with sparkle.load(path)")
    print(f"learning curves  {picture}   open it with any picture viewer")
    print(f"TensorBoard log  {folder / 'tensorboard'}   pip install tensorboard; tensorboard --logdir {folder}")
    return metrics["accuracy"]


def draw(history: dict[str, list[float]], confusion: sparkle.Tensor, path: Path) -> Path | str:
    """The learning curves and the confusion matrix as a picture."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return "not drawn: it needs matplotlib: pip install 'sparkle-engine[plot]'"
    figure = Figure(figsize=(12, 4), layout="constrained")
    losses, accuracy, matrix = figure.subplots(1, 3)
    for name, axes in [("train loss", losses), ("validation loss", losses), ("validation accuracy", accuracy)]:
        axes.plot(range(1, len(history[name]) + 1), history[name], label=name)
        axes.set_xlabel("epoch")
        axes.legend()
    matrix.imshow(confusion.numpy(), cmap="Blues")
    matrix.set(title="test images", xlabel="predicted digit", ylabel="true digit", xticks=range(10), yticks=range(10))
    for (row, column), count in [((i, j), int(confusion[i, j])) for i in range(10) for j in range(10)]:
        if count:
            color = "white" if count > 15 else "black"
            matrix.text(column, row, count, ha="center", va="center", color=color, fontsize=8)
    figure.savefig(path, dpi=120)
    return path


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--patience", type=int, default=5, help="stop after so many epochs without improvement")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--logdir", default="runs/digits")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
