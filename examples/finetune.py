"""Reuse a trained network: freeze its body, give it a new head, train the head alone.

    python examples/finetune.py [--epochs 10]

A small network learns the handwritten digits 0 to 4. Its body, two convolutions, is then frozen by
requires_grad_(False), its last layer replaced, and an optimizer that holds only the new layer teaches it the digits 5
to 9, which the body has never seen. For comparison the same is done with a body of random weights.
"""

import argparse

import sparkle
from sparkle import nn, optim
from sparkle.data import DataLoader, TensorDataset
from sparkle.data.datasets import digits
from sparkle.engine import Events, create_supervised_evaluator, create_supervised_trainer
from sparkle.metrics import Accuracy

FEATURES = 32 * 2 * 2  # what the body makes of an image


class Network(nn.Module):
    """(N, 1, 8, 8) to scores (N, classes): a convolutional body and a linear head."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, images: sparkle.Tensor) -> sparkle.Tensor:
        return self.head(self.body(images))


def digits_of(split: str, first: int) -> TensorDataset:
    """The images of the five digits from `first` on, labelled from 0."""
    images, labels = next(iter(DataLoader(digits(split), batch_size=len(digits(split)))))
    wanted = (labels >= first) & (labels < first + 5)
    return TensorDataset(images[wanted], labels[wanted] - first)


def train(model: nn.Module, optimizer: optim.Optimizer, first: int, epochs: int) -> float:
    """Train on five of the digits; the accuracy on their test images."""
    trainer = create_supervised_trainer(model, optimizer, nn.CrossEntropyLoss())
    evaluator = create_supervised_evaluator(model, metrics={"accuracy": Accuracy()})
    batches = DataLoader(digits_of("train", first), batch_size=32, shuffle=True)
    test = DataLoader(digits_of("test", first), batch_size=256)
    trainer.add_event_handler(Events.COMPLETED, lambda: evaluator.run(test))
    trainer.run(batches, max_epochs=epochs)
    return evaluator.state.metrics["accuracy"]


def train_new_head(model: Network, epochs: int) -> float:
    """Freeze the body, replace the head, and train it on the digits 5 to 9."""
    model.body.requires_grad_(False)
    model.head = nn.Linear(FEATURES, 5)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"  the new head has {trained} of {sum(p.numel() for p in model.parameters())} parameters")
    before = [p.clone() for p in model.body.parameters()]
    accuracy = train(model, optim.Adam(model.head.parameters(), lr=1e-2), 5, epochs)
    assert all(sparkle.equal(old, new) for old, new in zip(before, model.body.parameters(), strict=True))
    return accuracy


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Train, reuse, compare; returns the three accuracies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10, help="of each training")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    sparkle.manual_seed(options.seed)
    model = Network(classes=5)
    accuracies = {}
    print("digits 0 to 4, the whole network:")
    accuracies["whole"] = train(model, optim.Adam(model.parameters(), lr=2e-3), 0, options.epochs)
    print(f"  test accuracy {accuracies['whole']:.2%}")
    for name, body in (("trained", model), ("random", Network(classes=5))):
        print(f"digits 5 to 9, a new head on the {name} body:")
        accuracies[name] = train_new_head(body, options.epochs)
        print(f"  test accuracy {accuracies[name]:.2%}")
    return accuracies


if __name__ == "__main__":
    main()
