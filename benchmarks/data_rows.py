"""What loading data costs: each row is written once, for whichever library it is given.

A row takes a library L, the module `sparkle` or `torch`, and returns the function that is timed. Its docstring is the
row's description.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

Step = Callable[[], None]


def dataloader(L: Any) -> Step:
    """DataLoader, 8000 samples of 1x28x28 in memory, batch 64, shuffled: epoch"""
    data = L.utils.data
    dataset = data.TensorDataset(L.rand(8000, 1, 28, 28), L.randint(0, 10, (8000,)))
    loader = data.DataLoader(dataset, batch_size=64, shuffle=True)

    def step() -> None:
        deque(loader, maxlen=0)

    return step


ROWS: dict[str, Callable[[Any], Step]] = {row.__name__: row for row in (dataloader,)}
