"""How the cost of a training step grows, as a picture: `python -m benchmarks.scaling`.

Left the time per sample against the size of the batch, right the time per step against the depth of the network: for
a perceptron, a convolutional network and a GPT. Beside the depths stands the straight line that fits best. A figure is
the fastest of some rounds over all of them. The figures go into a JSON file, from which `--draw` makes the picture
again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from statistics import linear_regression
from typing import Any

from .sequence_rows import TOKENS, gpt_network
from .timing import seconds_per_call
from .training_rows import Step, classifier_step

BATCH, DEPTH = 32, 4  # of each network while the other one grows
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
DEPTHS = (1, 2, 4, 8, 12, 16)
SHARE = 0.25  # of the time that rows of the benchmark are measured for

Figures = dict[str, dict[str, dict[str, float]]]  # network -> "batch" or "depth" -> how much -> seconds per step


def mlp(L: Any, batch: int, depth: int) -> Step:
    """perceptron, layers of 256"""
    hidden = (layer for _ in range(depth) for layer in (L.nn.Linear(256, 256), L.nn.ReLU()))
    model = L.nn.Sequential(*hidden, L.nn.Linear(256, 10))
    return classifier_step(L, model, L.optim.Adam(model.parameters()), (batch, 256))


def cnn(L: Any, batch: int, depth: int) -> Step:
    """3x3 convolutions, 32 channels, 16x16"""
    nn = L.nn
    first = nn.Conv2d(3, 32, 3, padding=1)
    more = (layer for _ in range(depth - 1) for layer in (nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1)))
    model = nn.Sequential(first, *more, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    return classifier_step(L, model, L.optim.Adam(model.parameters()), (batch, 3, 16, 16))


def gpt(L: Any, batch: int, depth: int) -> Step:
    """GPT, blocks of 64, 32 tokens"""
    model = gpt_network(L, layers=depth, size=64, heads=4, length=32)
    optimizer = L.optim.AdamW(model.parameters())
    tokens = L.randint(0, TOKENS, (batch, 33))

    def step() -> None:
        optimizer.zero_grad()
        scores = model(tokens[:, :-1])
        L.nn.functional.cross_entropy(scores.reshape(-1, TOKENS), tokens[:, 1:].reshape(-1)).backward()
        optimizer.step()

    return step


NETWORKS: dict[str, Callable[[Any, int, int], Step]] = {network.__doc__ or "": network for network in (mlp, cnn, gpt)}


def one_round(L: Any, batches: tuple[int, ...] = BATCHES, depths: tuple[int, ...] = DEPTHS) -> Figures:
    """Seconds per step of every network at every size of batch and at every depth."""

    def seconds(network: Callable[[Any, int, int], Step], batch: int, depth: int) -> float:
        return seconds_per_call(network(L, batch, depth), SHARE)

    return {
        name: {
            "batch": {str(n): seconds(network, n, DEPTH) for n in batches},
            "depth": {str(n): seconds(network, BATCH, n) for n in depths},
        }
        for name, network in NETWORKS.items()
    }


def fastest(rounds: list[Figures]) -> Figures:
    """The least of each figure."""
    return {
        name: {kind: {n: min(each[name][kind][n] for each in rounds) for n in of} for kind, of in kinds.items()}
        for name, kinds in rounds[0].items()
    }


def points(seconds: dict[str, float]) -> tuple[list[int], list[float]]:
    return [int(n) for n in seconds], list(seconds.values())


def draw_batches(axes: Any, figures: Figures) -> None:
    """Time per sample against the size of the batch."""
    for name, of in figures.items():
        sizes, seconds = points(of["batch"])
        axes.loglog(sizes, [1e6 * s / n for n, s in zip(sizes, seconds, strict=True)], "o-", ms=4, label=name)
    axes.set(title="Time per sample", xlabel=f"samples in a batch ({DEPTH} layers)", ylabel="µs")


def draw_depths(axes: Any, figures: Figures) -> None:
    """Time per step against the depth, as shares of the deepest network's, so that all three are seen in one place."""
    for name, of in figures.items():
        depths, seconds = points(of["depth"])
        slope, start = linear_regression(depths, seconds)
        shares = [s / seconds[-1] for s in seconds]
        (dots,) = axes.plot(depths, shares, "o", ms=4, label=f"{name}: {1e3 * slope:.2g} ms a layer")
        ends = 0, depths[-1]
        axes.plot(ends, [(start + slope * n) / seconds[-1] for n in ends], "-", lw=1, color=dots.get_color())
    axes.set(title="Time per step", xlabel=f"layers ({BATCH} samples in a batch)", ylabel="of that of the deepest")
    axes.set_ylim(bottom=0)


def draw(figures: Figures, path: Path) -> None:
    """The picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, draw_one in zip(figure.subplots(1, 2), (draw_batches, draw_depths), strict=True):
        draw_one(axes, figures)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90, metadata={"Software": None})


def main(arguments: list[str] | None = None) -> None:
    """Measure, unless told only to draw; write the figures and the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--image", type=Path, default=Path("docs/images/scaling.png"))
    parser.add_argument("--json", type=Path, default=Path("build/scaling.json"), help="where the figures go")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--draw", action="store_true", help="draw the figures that are there, measure nothing")
    options = parser.parse_args(arguments)
    if not options.draw:
        import sparkle

        options.json.parent.mkdir(parents=True, exist_ok=True)
        figures = fastest([one_round(sparkle) for _ in range(options.rounds)])
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    draw(json.loads(options.json.read_text(encoding="utf-8")), options.image)
    print(options.image)


if __name__ == "__main__":
    main()
