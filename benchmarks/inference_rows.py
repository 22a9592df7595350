"""What an answer of a trained network costs, without gradients: each row is written once, for whichever library.

A row takes a library L, the module `sparkle` or `torch`, and returns the function that is timed. Its docstring is the
row's description.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .training_rows import Step, mlp_network
from .vision_rows import large_stem, resnet


def answer(L: Any, model: Any, *shape: int) -> Step:
    """One call of a model in evaluation mode."""
    model.eval()
    x = L.randn(*shape)

    def step() -> None:
        with L.no_grad():
            model(x)

    return step


def mlp_inference(L: Any) -> Step:
    """MLP 784-64-64-10, batch 1: inference"""
    return answer(L, mlp_network(L, 64), 1, 784)


def resnet18_inference(L: Any) -> Step:
    """ResNet-18, full width, 64x64, batch 8: inference"""
    return answer(L, resnet(L, 64, large_stem), 8, 3, 64, 64)


ROWS: dict[str, Callable[[Any], Step]] = {row.__name__: row for row in (mlp_inference, resnet18_inference)}
