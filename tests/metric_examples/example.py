"""What the tests of all metrics need to know of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import sparkle

Arrays = tuple[np.ndarray, ...]
N = 48  # examples of the data


class Example(NamedTuple):
    """make: the metric, as it is to be tested. data: arrays whose rows are the examples, from a random generator.

    output: from tensors of some rows to what `update` is given. by_batch: the value depends on how the data is cut into
    batches. merges: can two be merged?
    """

    name: str
    make: Callable[[], Any]
    data: Callable[[np.random.Generator], Arrays]
    output: Callable[..., Any]
    by_batch: bool
    merges: bool

    def batches(self, count: int, seed: int = 0) -> list[Any]:
        """The outputs of the data in as many batches, of different sizes."""
        arrays = self.data(np.random.default_rng(seed))
        cuts = [round(len(arrays[0]) * (i / count) ** 1.3) for i in range(1, count)]
        parts = zip(*(np.split(array, cuts) for array in arrays), strict=True)
        return [self.output(*(sparkle.from_numpy(part.copy()) for part in part_of)) for part_of in parts]


EXAMPLES: list[Example] = []


def example(
    make: Callable[[], Any],
    data: Callable[[np.random.Generator], Arrays],
    name: str = "",
    output: Callable[..., Any] = lambda *tensors: tensors,
    by_batch: bool = False,
    merges: bool = True,
) -> None:
    """Add an example; name is what makes it differ from others of its class."""
    EXAMPLES.append(Example(f"{type(make()).__name__} {name}".strip(), make, data, output, by_batch, merges))
