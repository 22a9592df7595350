"""What a summary of a model holds, and its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Layer:
    """One call of a module, or a module that was not called.

    name: where it is in the model, "" for the model itself; depth: how many calls it is inside of. input_size,
    output_size: shapes in the structure of arguments and result, None where it was not called. num_params,
    trainable_params: elements of the module's own parameters, 0 where an earlier layer has them already (recursive).
    mult_adds: its own. layers: the calls inside, in order.
    """

    name: str
    kind: str
    depth: int
    input_size: Any = None
    output_size: Any = None
    output_bytes: int = 0
    num_params: int = 0
    trainable_params: int = 0
    mult_adds: int = 0
    called: bool = False
    recursive: bool = False
    layers: list[Layer] = field(default_factory=list)

    def __iter__(self) -> Iterator[Layer]:
        """This and all below, from top to bottom."""
        yield self
        for layer in self.layers:
            yield from layer

    def total(self, what: str) -> int:
        """The sum of a field over this and all below."""
        return sum(getattr(layer, what) for layer in self)


def _size(size: Any) -> str:
    """A shape; the first and how many more, where there are several."""
    if isinstance(size, tuple):
        return str(list(size))
    shapes = [_size(one) for one in (size.values() if isinstance(size, dict) else size or ())]
    shapes = [text for text in shapes if text != "--"]
    more = "" if len(shapes) < 2 else f" +{len(shapes) - 1}"
    return shapes[0] + more if shapes else "--"


def _parameters(layer: Layer, whole: bool) -> str:
    if layer.recursive:
        return "(recursive)"
    count = layer.total("num_params") if whole else layer.num_params
    return f"{count:,}" if count else "--"


def _mult_adds(layer: Layer, whole: bool) -> str:
    count = layer.total("mult_adds") if whole else layer.mult_adds
    return f"{count:,}" if count else "--"


def _trainable(layer: Layer, whole: bool) -> str:
    count, free = layer.total("num_params"), layer.total("trainable_params")
    return "--" if not count else "True" if free == count else "Partial" if free else "False"


COLUMNS: dict[str, tuple[str, Callable[[Layer, bool], str]]] = {
    "input_size": ("Input size", lambda layer, whole: _size(layer.input_size)),
    "output_size": ("Output size", lambda layer, whole: _size(layer.output_size)),
    "num_params": ("Parameters", _parameters),
    "trainable": ("Trainable", _trainable),
    "mult_adds": ("Multiply-adds", _mult_adds),
}


@dataclass
class Summary:
    """What `summary` found out. `print` shows the table; programs read the fields.

    model: the outermost layer, which holds the others; iterating goes over all of them. Parameters that a model holds
    under several names count once.
    """

    model: Layer
    depth: int
    col_names: tuple[str, ...]
    total_params: int
    trainable_params: int
    total_param_bytes: int
    buffer_bytes: int
    input_bytes: int

    @property
    def non_trainable_params(self) -> int:
        """Elements of the parameters for which no gradient is wanted."""
        return self.total_params - self.trainable_params

    @property
    def total_mult_adds(self) -> int:
        """Multiply-adds of all layers."""
        return self.model.total("mult_adds")

    @property
    def total_output_bytes(self) -> int:
        """Bytes of the results of all modules that call no others."""
        return sum(layer.output_bytes for layer in self.model if not any(inner.called for inner in layer.layers))

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.model)

    def __str__(self) -> str:
        rows = [["Layer", *(COLUMNS[name][0] for name in self.col_names)]]
        rows += [self._row(layer, lead) for layer, lead in self._shown(self.model, "")]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
        rule = "=" * max(map(len, [*lines, *self._totals()]))
        return "\n".join([rule, lines[0], rule, *lines[1:], rule, *self._totals(), rule])

    __repr__ = __str__

    def _shown(self, layer: Layer, lead: str, mark: str = "") -> Iterator[tuple[Layer, str]]:
        yield layer, lead + mark
        inner = layer.layers if layer.depth < self.depth else []
        below = lead + {"": "", "├─": "│ ", "└─": "  "}[mark]
        for i, child in enumerate(inner):
            yield from self._shown(child, below, "└─" if i == len(inner) - 1 else "├─")

    def _row(self, layer: Layer, lead: str) -> list[str]:
        name = layer.name.rpartition(".")[2]
        whole = layer.depth == self.depth or not layer.layers
        title = f"{lead}{layer.kind}" + (f": {name}" if name else "")
        return [title, *(COLUMNS[column][1](layer, whole) for column in self.col_names)]

    def _totals(self) -> list[str]:
        return [
            f"Parameters: {self.total_params:,} ({self.trainable_params:,} trainable)",
            f"Multiply-adds: {self.total_mult_adds:,}",
            "Sizes in MB: " + ", ".join(f"{what} {count / 1e6:.2f}" for what, count in self._memory().items()),
        ]

    def _memory(self) -> dict[str, int]:
        return {
            "input": self.input_bytes,
            "outputs of layers": self.total_output_bytes,
            "parameters": self.total_param_bytes,
            "buffers": self.buffer_bytes,
        }


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))]
