"""Train a convolutional network on MNIST or FashionMNIST, read from idx files in a folder.

    python examples/mnist.py FOLDER [--fashion] [--epochs 5] [--resume runs/mnist/checkpoints/NAME.pt]

FOLDER holds the four files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
t10k-labels-idx1-ubyte, gzipped or not; nothing is downloaded. Shows a training loop under the engine with a progress
bar, metrics on the test images after each epoch, a learning rate that falls, and checkpoints that a run resumes from.
"""

import argparse
import itertools
from pathlib import Path

import sparkle
from sparkle import nn, optim
from sparkle.data import DataLoader
from sparkle.data.datasets import MNIST, FashionMNIST
from sparkle.engine import Engine, Events, create_supervised_evaluator
from sparkle.handlers import Checkpoint, DiskSaver, ProgressBar
from sparkle.metrics import Accuracy, Loss, RunningAverage


class Network(nn.Module):
    """(N, 1, 28, 28) to scores (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)
        )
        self.classifier = nn.Sequential(nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))

    def forward(self, images: sparkle.Tensor) -> sparkle.Tensor:
        return self.classifier(self.convolutions(images).flatten(1))


def read(options: argparse.Namespace) -> tuple[MNIST, MNIST]:
    """The training and the test images."""
    dataset = FashionMNIST if options.fashion else MNIST
    try:
        return dataset(options.folder, train=True), dataset(options.folder, train=False)
    except (RuntimeError, ValueError, OSError) as error:
        raise SystemExit(f"cannot read {dataset.__name__}: {error}") from None


def main(arguments: list[str] | None = None) -> float:
    """Train and test; returns the accuracy on the test images."""
    options = parse(arguments)
    train_set, test_set = read(options)
    sparkle.manual_seed(options.seed)
    train = DataLoader(train_set, batch_size=options.batch_size, shuffle=True)
    test = DataLoader(test_set, batch_size=1000)
    device = sparkle.device(options.device)
    model = Network().to(device)
    optimizer = optim.SGD(model.parameters(), lr=options.lr, momentum=0.9)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.7)
    criterion = nn.CrossEntropyLoss()

    def process_batch(trainer, batch):
        model.train()
        images, labels = (part.to(device) for part in batch)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    trainer = Engine(process_batch)
    RunningAverage(output_transform=lambda loss: loss).attach(trainer, "loss")
    ProgressBar(persist=False).attach(trainer, ["loss"])
    metrics = {"accuracy": Accuracy(), "loss": Loss(criterion)}
    evaluator = create_supervised_evaluator(model, metrics=metrics, device=device)

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(trainer):
        scheduler.step()
        found = evaluator.run(test).metrics
        print(f"epoch {trainer.state.epoch:2}  test loss {found['loss']:.4f}  accuracy {found['accuracy']:.2%}")

    # All that a run needs to go on where this one ends.
    to_save = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "trainer": trainer}
    folder = Path(options.logdir) / "checkpoints"
    saver = Checkpoint(to_save, DiskSaver(folder, require_empty=False), n_saved=2)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, saver)
    if options.resume:
        Checkpoint.load_objects(to_load=to_save, checkpoint=sparkle.load(options.resume))
        print(f"resumed after epoch {trainer.state.epoch}")

    batches = train if options.iterations is None else list(itertools.islice(train, options.iterations))
    trainer.run(batches, max_epochs=options.epochs)
    print(f"checkpoint  {saver.last_checkpoint}   go on from it with --resume and more --epochs")
    return evaluator.state.metrics["accuracy"]


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the four idx files are")
    parser.add_argument("--fashion", action="store_true", help="the files are FashionMNIST's")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--iterations", type=int, help="train on the first so many batches only")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--logdir", default="runs/mnist")
    parser.add_argument("--resume", help="a checkpoint to go on from")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
