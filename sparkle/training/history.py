"""What a training came to, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine import Serializable
from ..utils.plots import plot_curves, text_curves

_ROWS = 12  # epochs that are shown at most


class History(Serializable):
    """The values of each epoch, by name; printed it is a table.

    history: name -> values, one for each entry of `epochs`; NaN where an epoch had none.
    best: (epoch, value) of the value that was watched, as `monitor` says; None without one.

    >>> history = History(monitor="val_loss")
    >>> history.append(1, {"loss": 0.5, "val_loss": 0.75})
    >>> history.append(2, {"loss": 0.25, "val_loss": 0.625})
    >>> history
    History of 2 epochs
    epoch  loss  val_loss
        1   0.5      0.75
        2  0.25     0.625
    best val_loss 0.625 in epoch 2
    >>> history.history["loss"]
    [0.5, 0.25]
    """

    _state_dict_all_req_keys = ("epochs", "history")

    def __init__(self, monitor: str | None = None, mode: str = "min") -> None:
        self.monitor = monitor
        self.mode = mode
        self.epochs: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def append(self, epoch: int, values: Mapping[str, Any]) -> None:
        """Add the values of an epoch."""
        for name in values:
            self.history.setdefault(name, [math.nan] * len(self.epochs))
        self.epochs.append(epoch)
        for name, column in self.history.items():
            column.append(values.get(name, math.nan))

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, name: str) -> list[Any]:
        """The values of this name; KeyError, with the names there are, for another."""
        if name not in self.history:
            raise KeyError(f"{name!r} is not in the history; there are {list(self.history)}")
        return self.history[name]

    @property
    def best(self) -> tuple[int, Any] | None:
        """(epoch, value) of the best value watched; NaN is never the best."""
        if self.monitor not in self.history:
            return None
        pairs = zip(self.epochs, self.history[self.monitor], strict=True)
        numbers = [(epoch, value) for epoch, value in pairs if value == value]
        pick = min if self.mode == "min" else max
        return pick(numbers, key=lambda pair: pair[1]) if numbers else None

    def text(self, names: Sequence[str] | None = None, **options: Any) -> str:
        """Return the curves of these names, or of all that are losses, as text; see sparkle.utils.plots.text_curves."""
        return text_curves(self._curves(names), **options)

    def plot(self, names: Sequence[str] | None = None, ax: Any = None) -> Any:
        """Draw the curves of these names, or of all that are losses, with matplotlib; return the axes."""
        return plot_curves(self._curves(names), ax, xlabel="epoch")

    def state_dict(self) -> dict[str, Any]:
        """Return epochs and history."""
        return {"epochs": list(self.epochs), "history": {name: list(values) for name, values in self.history.items()}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from the epochs of another run; TypeError or ValueError when the state is not one."""
        super().load_state_dict(state_dict)
        self.epochs = list(state_dict["epochs"])
        self.history = {name: list(values) for name, values in state_dict["history"].items()}

    def _curves(self, names: Sequence[str] | None) -> dict[str, list[tuple[int, Any]]]:
        if names is None:
            names = [name for name in self.history if name.endswith("loss")]
        return {name: list(zip(self.epochs, self[name], strict=True)) for name in names}

    def __repr__(self) -> str:
        title = f"History of {len(self)} epoch{'s' if len(self) != 1 else ''}"
        if not self.epochs:
            return title
        lines = [title, *_table(["epoch", *self.history], self._rows())]
        if (best := self.best) is not None:
            lines.append(f"best {self.monitor} {_shown(best[1])} in epoch {best[0]}")
        return "\n".join(lines)

    def _rows(self) -> list[list[str]]:
        rows = [[str(epoch)] for epoch in self.epochs]
        for column in self.history.values():
            for row, value in zip(rows, column, strict=True):
                row.append(_shown(value))
        if len(rows) > _ROWS:
            rows[_ROWS // 2 : -(_ROWS // 2)] = [["..."] * len(rows[0])]
        return rows


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [header, *rows]]


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
