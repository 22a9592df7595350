"""The orders in which memory may run: `memory_format=` of clone, contiguous and to."""

from __future__ import annotations


class memory_format:
    """An order of the dims in memory; the instances are `contiguous_format` and its siblings below."""

    __slots__ = ("name", "order")

    def __init__(self, name: str, order: tuple[int, ...] = ()) -> None:
        self.name, self.order = name, order

    def __repr__(self) -> str:
        return f"sparkle.{self.name}"

    def __reduce__(self) -> str:
        return self.name


preserve_format = memory_format("preserve_format")
contiguous_format = memory_format("contiguous_format")
channels_last = memory_format("channels_last", (0, 2, 3, 1))
channels_last_3d = memory_format("channels_last_3d", (0, 2, 3, 4, 1))


def order_of(wanted: memory_format, ndim: int) -> tuple[int, ...]:
    """The dims from the slowest to the fastest; RuntimeError where the format is for another number of dims."""
    if not isinstance(wanted, memory_format):
        raise TypeError(f"memory_format: wanted a sparkle.memory_format, met {wanted!r}")
    if len(wanted.order) != ndim:
        raise RuntimeError(f"memory_format: {wanted!r} is for tensors of {len(wanted.order)} dims, this one has {ndim}")
    return wanted.order
