"""Shape methods."""

from __future__ import annotations

from typing import Any

from ..functions import shape
from ..size import Size


class ShapeMethods:
    """Shape methods."""

    array: Any
    clone = shape.clone
    transpose = swapaxes = swapdims = shape.transpose
    t = shape.t
    expand = shape.expand

    def reshape(self, *sizes: Any) -> Any:
        """The same elements in another shape: a view where the strides allow it, a copy otherwise."""
        return shape.reshape(self, given(sizes))

    def permute(self, *dims: Any) -> Any:
        """A view with the dims in the given order."""
        return shape.permute(self, given(dims))

    @property
    def T(self) -> Any:
        """A view with all dims reversed."""
        return shape.permute(self, tuple(range(self.array.ndim))[::-1])


def given(sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sizes given one by one or as one sequence."""
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
