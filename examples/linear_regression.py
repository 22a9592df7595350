"""Find a line in noise: a Dataset, a DataLoader, one linear layer and an optimizer in a plain training loop.

    python examples/linear_regression.py [--epochs 20] [--plot line.png]

The points lie around y = 2.5 x - 1. The loop is written out, so that it shows what the engine of the other examples
does for them. The loss of each epoch is printed with a bar; --plot draws the points and the line with matplotlib.
"""

import argparse
from pathlib import Path

import sparkle
from sparkle import nn
from sparkle.data import DataLoader, Dataset

SLOPE, OFFSET, NOISE = 2.5, -1.0, 0.5


class NoisyLine(Dataset):
    """Points (x, y), each a tensor (1,), around a line."""

    def __init__(self, n: int) -> None:
        self.x = sparkle.rand(n, 1) * 4 - 2
        self.y = SLOPE * self.x + OFFSET + NOISE * sparkle.randn(n, 1)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[sparkle.Tensor, sparkle.Tensor]:
        return self.x[index], self.y[index]


def train(model: nn.Module, points: NoisyLine, epochs: int) -> list[float]:
    """The mean loss of each epoch."""
    loader = DataLoader(points, batch_size=32, shuffle=True)
    criterion = nn.MSELoss()
    optimizer = sparkle.optim.SGD(model.parameters(), lr=0.02)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / len(points))
    return losses


def draw(points: NoisyLine, slope: float, offset: float, path: Path) -> str:
    """The points and the line as a picture."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SystemExit("--plot needs matplotlib: pip install 'sparkle-engine[plot]'") from None
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.plot(points.x.flatten().numpy(), points.y.flatten().numpy(), ".", markersize=3, label="points")
    axes.plot([-2, 2], [offset - 2 * slope, offset + 2 * slope], label=f"y = {slope:.2f} x {offset:+.2f}")
    axes.legend()
    figure.savefig(path)
    return f"picture  {path}"


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    """Fit and report; returns the line's slope and offset."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", type=Path, help="where to draw the points and the line")
    options = parser.parse_args(arguments)
    sparkle.manual_seed(options.seed)
    points = NoisyLine(500)
    model = nn.Linear(1, 1)
    losses = train(model, points, options.epochs)
    for epoch, loss in enumerate(losses, start=1):
        print(f"epoch {epoch:3}  loss {loss:8.4f}  {'#' * max(1, round(50 * loss / losses[0]))}")
    slope, offset = model.weight.item(), model.bias.item()
    print(f"found y = {slope:.3f} x {offset:+.3f}, made as y = {SLOPE} x {OFFSET:+} with noise of {NOISE}")
    if options.plot:
        print(draw(points, slope, offset, options.plot))
    return slope, offset


if __name__ == "__main__":
    main()
