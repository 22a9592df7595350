"""What a training step costs: each row is written once, for whichever of the two libraries it is given.

A row takes a library L, the module `sparkle` or `torch`, and returns the function that is timed. Its docstring is the
row's description.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

GAN = Path(__file__).parent.parent / "examples" / "atari_gan.py"

Step = Callable[[], None]


def classifier_step(L: Any, model: Any, optimizer: Any, shape: tuple[int, ...]) -> Step:
    """One training step of a classifier of ten classes on a batch of noise."""
    images, labels = L.randn(*shape), L.randint(0, 10, shape[:1])
    criterion = L.nn.CrossEntropyLoss()

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(images), labels).backward()
        optimizer.step()

    return step


def mlp_network(L: Any, hidden: int) -> Any:
    """A perceptron with two hidden layers."""
    nn = L.nn
    return nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def mlp(L: Any, hidden: int, batch: int) -> Step:
    """A step of it with Adam."""
    model = mlp_network(L, hidden)
    return classifier_step(L, model, L.optim.Adam(model.parameters()), (batch, 784))


def mlp_small(L: Any) -> Step:
    """MLP 784-64-64-10, batch 32, Adam: step"""
    return mlp(L, 64, 32)


def mlp_small_sgd(L: Any) -> Step:
    """MLP 784-64-64-10, batch 32, SGD: step"""
    model = mlp_network(L, 64)
    return classifier_step(L, model, L.optim.SGD(model.parameters(), lr=0.01), (32, 784))


def mlp_medium(L: Any) -> Step:
    """MLP 784-256-256-10, batch 128, Adam: step"""
    return mlp(L, 256, 128)


def mlp_large(L: Any) -> Step:
    """MLP 784-1024-1024-10, batch 128, Adam: step"""
    return mlp(L, 1024, 128)


def cnn(L: Any) -> Step:
    """MNIST CNN, two 3x3 convolutions 32/64, batch 64, Adadelta: step"""
    nn = L.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )  # fmt: skip
    return classifier_step(L, model, L.optim.Adadelta(model.parameters()), (64, 1, 28, 28))


def gan(L: Any) -> Step:
    """Atari GAN 64x64, batch 16, two Adams: step"""
    networks = networks_of_the_example(L)
    draw, judge = networks["generator"](), networks["discriminator"]()
    draw_optimizer, judge_optimizer = (
        L.optim.Adam(model.parameters(), lr=1e-4, betas=(0.5, 0.999)) for model in (draw, judge)
    )
    criterion, real = L.nn.BCELoss(), L.rand(16, 3, 64, 64) * 2 - 1
    ones, zeros = L.ones(16), L.zeros(16)

    def step() -> None:
        fake = draw(L.randn(16, networks["LATENT"], 1, 1))
        judge_optimizer.zero_grad()
        (criterion(judge(real), ones) + criterion(judge(fake.detach()), zeros)).backward()
        judge_optimizer.step()
        draw_optimizer.zero_grad()
        criterion(judge(fake), ones).backward()
        draw_optimizer.step()

    return step


def networks_of_the_example(L: Any) -> dict[str, Any]:
    """The example's constants and its two networks, built with L. Its imports do not run: torch runs alone."""
    tree = ast.parse(GAN.read_text(encoding="utf-8"))
    wanted = {"generator", "discriminator"}
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign) or (isinstance(node, ast.FunctionDef) and node.name in wanted)
    ]
    names: dict[str, Any] = {"nn": L.nn}
    exec(compile(tree, str(GAN), "exec"), names)
    return names


ROWS: dict[str, Callable[[Any], Step]] = {
    row.__name__: row for row in (mlp_small, mlp_small_sgd, mlp_medium, mlp_large, cnn, gan)
}
