"""The shape of a tensor, and shapes as users write them."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any


class Size(tuple[int, ...]):
    """A tuple of sizes.

    >>> Size([2, 3]).numel()
    6
    """

    __slots__ = ()

    def __new__(cls, sizes: Any = ()) -> Size:
        """TypeError where one is no integer."""
        whole = []
        for i, n in enumerate(sizes):
            if not hasattr(n, "__index__"):
                raise TypeError(f"Size() takes an iterable of 'int' (item {i} is '{type(n).__name__}')")
            whole.append(operator.index(n))
        return tuple.__new__(cls, whole)

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"sparkle.Size({list(self)})"

    __str__ = __repr__

    def __add__(self, other: Any) -> Size:  # type: ignore[override]
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to sparkle.Size")
        return Size(tuple(self) + tuple(other))

    def __radd__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to sparkle.Size")
        return Size(tuple(other) + tuple(self))

    def __mul__(self, times: Any) -> Size:
        return Size(tuple(self) * times)

    __rmul__ = __mul__

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return Size(part) if isinstance(index, slice) else part

    def __reduce__(self) -> tuple[Any, ...]:
        return Size, (tuple(self),)


size_of = functools.partial(tuple.__new__, Size)  # from a tuple of integers, unchecked


def sizes_of(args: tuple[Any, ...], size: Any, where: str) -> tuple[int, ...]:
    """A shape from sizes given one by one, as one sequence, or as `size=`.

    TypeError for anything but integers, RuntimeError for negative ones.
    """
    if size is not None:
        args = (*args, size)
    elif not args:
        raise TypeError(f"{where}() missing 1 required positional argument: 'size'")
    several = len(args) == 1 and isinstance(args[0], (tuple, list))
    return tuple([length_of(n, where) for n in (args[0] if several else args)])


def length_of(n: Any, where: str) -> int:
    """One size as an int: not negative, and an integer of whatever kind."""
    if type(n) is not int:
        try:
            n = operator.index(n)
        except TypeError:
            met = type(n).__name__
            raise TypeError(f"{where}(): sizes must be integers, or one tuple of them; met {met}") from None
    if n < 0:
        raise RuntimeError(f"{where}: a size must not be negative, met {n}")
    return int(n)
