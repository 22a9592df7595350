"""From what an engine puts out to what a metric is updated with."""

from __future__ import annotations

from typing import Any

from ..core.devices import of
from ..core.tensor.base import TensorBase
from ..core.tensor.making.creation import tensor


def unroll(output: Any, metric: str) -> list[Any] | None:
    """`([a, b], [c, d])` as the outputs of two batches of one, (a, c) and (b, d); None for what is no pair of lists.

    The lists hold tensors or numbers. Raises ValueError for lists of different lengths, or another number of lists.
    """
    if not isinstance(output, (tuple, list)) or not all(_is_list_of_items(item) for item in output):
        return None
    if len(output) != 2 or len(output[0]) != len(output[1]):
        raise ValueError(
            f"{metric}: Output should have 2 items of the same length, got {len(output)} of lengths "
            f"{[len(item) for item in output]}"
        )
    return [(first := _batch_of_one(a), _batch_of_one(b, first)) for a, b in zip(*output, strict=True)]


def _is_list_of_items(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, (TensorBase, int, float)) for item in value)


def _batch_of_one(item: Any, beside: Any = None) -> Any:
    if isinstance(item, TensorBase):
        return item.unsqueeze(0)  # type: ignore[attr-defined]
    return tensor([item], device=None if beside is None else of(beside.array))
