"""The table of names: one row says how an op is called; its forms, dtypes and layouts follow by themselves.

    op("clamp", X(2, 3), -1, max=1)
    op("gather", X(3, 4), 1, I(3, 2, high=4))
    op("cat", [X(2, 3), X(1, 3)], dim=0)
    op("linalg.inv", X(3, 3), dtypes=FLOATS)

tests/parity/test_table.py compares each form that torch has (function, method, in place) with torch's, over all dtypes
and layouts: values, dtypes, shapes, gradients, and classes of errors. What torch refuses must be refused here, unless
torch only lacks a kernel for the dtype. tests/core/test_table.py holds gradients against finite differences.

Arguments are passed as they are, but for the makers, also inside lists and tuples: X, a tensor of the dtype under test;
I, indices from 0 up to high; M, a mask; DTYPE, that dtype. Where the results depend on which of two equal numbers comes
first, say X(..., distinct=True).
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

FLOATS = ("float32", "float64")
INTS = ("uint8", "int8", "int16", "int32", "int64")
ALL = ("bool", *INTS, "float16", *FLOATS)
LAYOUTS = ("contiguous", "strided", "expanded", "empty", "0-d")

ROWS: list[Row] = []
DTYPE = object()  # an argument: the dtype under test


@dataclass(frozen=True)
class Maker:
    """A tensor argument. dtype None: the one under test, in every layout; else always this one."""

    shape: tuple[int, ...]
    low: float = -2.0
    high: float = 2.0
    dtype: str | None = None
    distinct: bool = False
    make: Callable[[np.ndarray], np.ndarray] | None = None

    def array(self, random: np.random.Generator, dtype: str, layout: str) -> np.ndarray:
        """Its values, as the layout's leaf: a part or a repetition of it is the argument."""
        shape = self.shape_in(layout)
        if layout == "expanded" and shape and self.dtype is None:
            shape = (1, *shape[1:])
        values = self._values(random, self.dtype or dtype, shape)
        return values if self.make is None or layout in ("empty", "0-d") else self.make(values).astype(values.dtype)

    def shape_in(self, layout: str) -> tuple[int, ...]:
        if layout == "empty" and self.shape:
            return (0, *self.shape[1:])
        return () if layout == "0-d" else self.shape

    def _values(self, random: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
        if dtype == "bool":
            return np.asarray(random.random(shape) < 0.5)
        size = int(np.prod(shape))
        if self.distinct and self.dtype:
            return random.permutation(int(self.high) + 1)[:size].reshape(shape)
        if self.distinct:
            low, step = (0 if dtype == "uint8" else -(size // 2)), (1 if dtype in INTS else 0.375)
            return np.asarray((random.permutation(size) + low) * step).reshape(shape).astype(dtype)
        if dtype in INTS:
            low = max(self.low, 0) if dtype == "uint8" else self.low
            first = int(np.ceil(low))
            return np.asarray(random.integers(first, max(first, int(np.floor(self.high))) + 1, shape)).astype(dtype)
        return np.asarray(random.uniform(self.low, self.high, shape)).astype(dtype)


def X(*shape: int, **options: Any) -> Maker:
    """A tensor of the dtype under test with values in low..high."""
    return Maker(shape, **options)


def I(*shape: int, high: int, distinct: bool = False) -> Maker:  # noqa: E743 - the letter of index tensors
    """Indices in 0..high-1."""
    return Maker(shape, low=0, high=high - 1, dtype="int64", distinct=distinct)


def M(*shape: int) -> Maker:
    """A mask."""
    return Maker(shape, dtype="bool")


@dataclass(frozen=True)
class Row:
    """A name and one call of it. function, method, in_place: is the form tried where torch has it?"""

    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ALL
    layouts: tuple[str, ...] = LAYOUTS
    grad: bool = True  # is it differentiable?
    gradgrad: bool = True  # twice?
    function: bool = True
    method: bool = True
    in_place: bool = True
    rtol: float | None = None
    atol: float | None = None
    oracle: Callable[..., Any] | None = None  # what torch's function is asked instead, with torch as first argument

    def forms(self, L: Any) -> list[str]:
        """The forms that library L has."""
        there = []
        if self.function and inspect.isroutine(find(L, self.name)):
            there.append("function")
        if self.method and "." not in self.name and self._starts_with_tensor():
            there += ["method"] if hasattr(L.Tensor, self.name) else []
            there += ["in place"] if self.in_place and hasattr(L.Tensor, f"{self.name}_") else []
        return there

    def _starts_with_tensor(self) -> bool:
        return bool(self.arguments) and isinstance(self.arguments[0], Maker) and self.arguments[0].dtype is None

    def inputs(self, L: Any, dtype: str, layout: str, grad: bool) -> list[tuple[Any, Any]]:
        """A leaf and the tensor made from it for each maker, in the order of the arguments."""
        random = np.random.default_rng(zlib.crc32(f"{self.name} {dtype} {layout}".encode()))
        wanted = list(makers([self.arguments, self.keywords]))
        most = max((len(maker.shape) for maker in wanted), default=0)
        made = []
        for maker in wanted:
            # Without the first dimension's elements, those of fewer dimensions still broadcast.
            how = "contiguous" if layout == "empty" and len(maker.shape) < most else layout
            made.append(lay_out(L, maker, maker.array(random, dtype, how), how, grad))
        return made

    def filled(self, L: Any, dtype: str, tensors: Iterable[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments and keywords with the tensors in the makers' places."""
        following = iter(tensors)

        def fill(value: Any) -> Any:
            if isinstance(value, (list, tuple)):
                return type(value)(map(fill, value))
            if value is DTYPE:
                return getattr(L, dtype)
            return next(following) if isinstance(value, Maker) else value

        return [fill(value) for value in self.arguments], {key: fill(value) for key, value in self.keywords.items()}

    def call(self, L: Any, form: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """The result of a form on these arguments."""
        if form == "function":
            if self.oracle is not None and L.__name__ == "torch":
                return self.oracle(L, *arguments, **keywords)
            return find(L, self.name)(*arguments, **keywords)
        target, *others = arguments
        if form == "method":
            return getattr(target, self.name)(*others, **keywords)
        written = target * 1 if target.requires_grad else target.clone()
        result = getattr(written, f"{self.name}_")(*others, **keywords)
        assert result is written, f"{self.name}_ gives another tensor back than the one it wrote"
        return result


def find(L: Any, name: str) -> Any:
    """`L.a.b` for "a.b", None where there is no such name."""
    for part in name.split("."):
        L = getattr(L, part, None)
    return L


def makers(value: Any) -> Iterator[Maker]:
    """All makers inside lists, tuples and dicts."""
    if isinstance(value, Maker):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from makers(item)


def lay_out(L: Any, maker: Maker, array: np.ndarray, layout: str, grad: bool) -> tuple[Any, Any]:
    """A leaf with the array's values, and the argument: the leaf itself or a view of it."""
    wanted = grad and maker.dtype is None and array.dtype.kind == "f"
    shape = maker.shape_in(layout)
    if layout == "strided" and array.ndim and maker.dtype is None:
        leaf = L.from_numpy(np.repeat(np.swapaxes(array, 0, -1), 2, axis=-1).copy())
        leaf = leaf.requires_grad_() if wanted else leaf
        return leaf, leaf[..., ::2].transpose(0, -1)
    leaf = L.from_numpy(array.copy())
    leaf = leaf.requires_grad_() if wanted else leaf
    return leaf, leaf.expand(shape) if layout == "expanded" and maker.dtype is None else leaf


def op(name: str, *arguments: Any, **options: Any) -> None:
    """Add a row. Options that are not Row's own are keywords of the call."""
    own = {key: options.pop(key) for key in list(options) if key in Row.__dataclass_fields__}
    ROWS.append(Row(name, arguments, options, **own))


def ops(names: str, *arguments: Any, **options: Any) -> None:
    """A row for each of several names that are called alike."""
    for name in names.split():
        op(name, *arguments, **options)


__all__ = ["ALL", "DTYPE", "FLOATS", "INTS", "LAYOUTS", "ROWS", "I", "M", "Maker", "Row", "X", "find", "op", "ops"]
