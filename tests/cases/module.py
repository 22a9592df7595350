"""The table of modules: a row is a class of sparkle.nn, its constructor's arguments and what it is called with.

    layers("Linear", [X(4, 6)], args(6, 3), args(6, 3, bias=False))
    layers("GRU", [X(5, 2, 3), X(1, 2, 4)], args(3, 4), batch=1)

One row for each `args`. tests/parity/nn/test_modules.py builds the module in both libraries, gives both the same
weights, and compares everything that follows, in all of `SITUATIONS`: what torch refuses must be refused.

Arguments are passed as they are, but for the makers of tests/cases/table.py (X, I, M) and those here, also inside
lists, tuples and dicts: T, a tensor that no gradient is taken for; of, something built from the library. Arrays become
tensors.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .table import I, M, Maker, X

ROWS: list[ModuleRow] = []
SITUATIONS = ("train", "eval", "single", "single-eval", "strided", "unbatched", "empty", "mixed")


class Fixed(Maker):
    """A floating point tensor that no gradient is taken for."""


def T(*shape: int, **options: Any) -> Fixed:
    """A floating point tensor that no gradient is taken for, a target say."""
    return Fixed(shape, **options)


def S(*shape: int) -> Fixed:
    """Signs: -1 and 1."""
    return Fixed(shape, make=lambda a: np.where(a < 0, -1.0, 1.0))


@dataclass(frozen=True, eq=False)
class Of:
    """`make(L, *arguments)`, with L = sparkle or torch, in an argument's place."""

    make: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


def of(make: Callable[..., Any], *arguments: Any) -> Of:
    """What `make(L, *arguments)` gives, the arguments filled in."""
    return Of(make, arguments)


def makers(value: Any) -> Iterator[Maker]:
    """All makers inside an argument, in order."""
    if isinstance(value, Maker):
        yield value
    elif isinstance(value, Of):
        yield from makers(value.arguments)
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from makers(item)


def fill(L: Any, value: Any, tensors: Iterator[Any]) -> Any:
    """An argument with tensors in its makers' places."""
    if isinstance(value, Maker):
        return next(tensors)
    if isinstance(value, np.ndarray):
        return L.from_numpy(value.copy())
    if isinstance(value, Of):
        return value.make(L, *fill(L, value.arguments, tensors))
    if isinstance(value, dict):
        return {key: fill(L, item, tensors) for key, item in value.items()}
    return type(value)(fill(L, item, tensors) for item in value) if type(value) in (list, tuple) else value


@dataclass(frozen=True, eq=False)
class ModuleRow:
    """A module and one call of it.

    batch: the axis of its inputs that holds the batch, one for all or one for each (None: it has none there).
    random: in training its values are drawn, so only shapes and types are compared; `draws` ones in evaluation too.
    differs: situations in which sparkle is meant to differ from torch, and why; the test makes sure that it does.
    left_out: situations that tell nothing, and why.
    lazy: it is called once before all else, since only then it has its parameters.
    """

    name: str
    number: int
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    inputs: tuple[Any, ...]
    call: dict[str, Any] = field(default_factory=dict)
    batch: Any = 0
    random: bool = False
    draws: bool = False
    initial: bool = True
    differs: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    rtol: float = 1e-9
    atol: float = 1e-11
    single: float = 1e-4
    lazy: bool = False
    copied: bool = True  # can it be pickled and deepcopied, in torch too?

    def __str__(self) -> str:
        return f"{self.name}-{self.number}"

    @property
    def situations(self) -> list[str]:
        """Those that it is compared in."""
        cut = () if self.batch is not None else ("unbatched", "empty")
        return [s for s in SITUATIONS if s not in cut and s not in self.left_out]

    def build(self, L: Any) -> Any:
        """The module made by library L."""
        random = self._random("built")
        tensors = iter(
            [L.from_numpy(m.array(random, "float64", "contiguous")) for m in makers([self.arguments, self.keywords])]
        )
        arguments = fill(L, self.arguments, tensors)
        module = getattr(L.nn, self.name)(*arguments, **fill(L, self.keywords, tensors))
        if self.lazy:
            called, keywords = self.filled(L, [given for _, given in self.leaves(L, "float32", "train")])
            module(*called, **keywords)
        return module

    def arrays(self, dtype: str, situation: str) -> list[tuple[np.ndarray, Maker]]:
        """The values of the inputs: the same for both libraries."""
        random, made = self._random("inputs"), []
        wanted = list(makers([self.inputs, self.call]))
        axes = self.batch if isinstance(self.batch, tuple) else (self.batch,) * len(wanted)
        for maker, axis in zip(wanted, axes, strict=True):
            array = maker.array(random, dtype, "contiguous")
            if maker.make is not None:
                array = np.asarray(maker.make(array)).astype(array.dtype)
            if axis is not None and array.ndim > axis and situation == "unbatched":
                array = array.take(0, axis)
            elif axis is not None and array.ndim > axis and situation == "empty":
                array = array.take([], axis)
            made.append((np.asarray(array), maker))
        return made

    def leaves(self, L: Any, dtype: str, situation: str) -> list[tuple[Any, Any]]:
        """For each maker a leaf, and the tensor made of it that is handed in."""
        return [_lay_out(L, array, maker, situation) for array, maker in self.arrays(dtype, situation)]

    def filled(self, L: Any, tensors: list[Any]) -> tuple[Any, dict[str, Any]]:
        """The call's arguments and keywords."""
        following = iter(tensors)
        arguments = fill(L, self.inputs, following)
        if isinstance(self.inputs[0], Of) and isinstance(arguments[0], list):  # it makes all of them
            arguments = tuple(arguments[0])
        return arguments, fill(L, self.call, following)

    def _random(self, what: str) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(f"{self} {what}".encode()))


def _lay_out(L: Any, array: np.ndarray, maker: Maker, situation: str) -> tuple[Any, Any]:
    wanted = array.dtype.kind == "f" and not isinstance(maker, Fixed)
    if situation == "strided" and array.ndim > 1:
        leaf = L.from_numpy(np.repeat(np.swapaxes(array, 0, -1), 2, axis=-1).copy())
        leaf = leaf.requires_grad_() if wanted else leaf
        return leaf, leaf[..., ::2].transpose(0, -1)
    leaf = L.from_numpy(array.copy())
    leaf = leaf.requires_grad_() if wanted else leaf
    return leaf, leaf


def args(*arguments: Any, **keywords: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A constructor's arguments."""
    return arguments, keywords


def layers(name: str, inputs: list[Any], *constructions: Any, **options: Any) -> None:
    """A row for each way of construction (none: without arguments), all called with the same inputs."""
    for arguments, keywords in constructions or [args()]:
        number = sum(row.name == name for row in ROWS)
        ROWS.append(ModuleRow(name, number, arguments, keywords, tuple(inputs), **copy.copy(options)))


__all__ = ["ROWS", "SITUATIONS", "I", "M", "ModuleRow", "S", "T", "X", "args", "fill", "layers", "makers", "of"]
