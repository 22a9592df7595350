"""Learning curves and confusion matrices, as pictures with matplotlib and as text for a terminal.

Curves are given as name -> values, or name -> [(step, value), ...] as `CSVLogger.read` gives them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

__all__ = ["plot_confusion_matrix", "plot_curves", "text_confusion_matrix", "text_curves"]

Curves = Mapping[str, Sequence[Any]]
_Points = list[tuple[float, float]]
_MARKS = "*o+x#@%&"
_SHADES = " ░▒▓█"


def text_curves(curves: Curves, width: int = 60, height: int = 12, log_y: bool = False) -> str:
    """Return a drawing of curves in characters: axes with numbers, a mark for each curve, their names below.

    Values that are not finite, and with log_y those not above 0, are left out. Where curves meet, the later one shows.
    Raises ValueError for a drawing of less than 2 by 2, or when there is no number to draw.

    >>> print(text_curves({"loss": [4.0, 2.0, 1.0, 0.5]}, width=16, height=4))
       4 |*
         |
         |     *
     0.5 |          *    *
         +----------------
          1              4
         * loss
    """
    if width < 2 or height < 2:
        raise ValueError(f"text_curves: the drawing is {width} x {height} characters, wanted at least 2 x 2")
    points = {name: list(_points(values, log_y)) for name, values in curves.items()}
    xs, ys = ([point[axis] for values in points.values() for point in values] for axis in (0, 1))
    if not ys:
        raise ValueError(f"text_curves: there is no number to draw in {list(curves)}")
    x_axis, y_axis = _Axis(min(xs), max(xs), width), _Axis(min(ys), max(ys), height)
    grid = [[" "] * width for _ in range(height)]
    marks = dict(zip(points, cycle(_MARKS), strict=False))
    for name, values in points.items():
        for x, y in values:
            grid[height - 1 - y_axis.cell(y)][x_axis.cell(x)] = marks[name]
    return "\n".join(_framed(grid, x_axis, y_axis, marks, log_y))


def text_confusion_matrix(matrix: Any, labels: Sequence[str] | None = None) -> str:
    """Return a table of counts, rows true and columns predicted, shaded by share of the row, with recall at its end.

    Raises ValueError for a matrix that is not square, or other than one label for each class.

    >>> print(text_confusion_matrix([[8, 2], [0, 5]], ["cat", "dog"]))
    true \\ predicted  cat  dog  recall
                 cat  8 ▓  2 ░    80 %
                 dog  0    5 █   100 %
    """
    rows, names = _checked(matrix, labels, "text_confusion_matrix")
    corner = "true \\ predicted"
    cells = [[f"{_shown(count)} {_shade(count, sum(row))}" for count in row] for row in rows]
    recalls = [f"{100 * row[i] / total:.0f} %" if (total := sum(row)) else "-" for i, row in enumerate(rows)]
    table = [
        [corner, *names, "recall"],
        *([name, *row, recall] for name, row, recall in zip(names, cells, recalls, strict=True)),
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    )


def plot_curves(curves: Curves, ax: Any = None, *, log_y: bool = False, xlabel: str = "", ylabel: str = "") -> Any:
    """Draw curves into `ax`, or into a new picture; return the axes (`.figure.savefig(...)` writes a file).

    Raises ModuleNotFoundError without matplotlib: pip install 'sparkle-engine[plot]'.
    """
    ax = _axes("plot_curves") if ax is None else ax
    for name, values in curves.items():
        points = list(_points(values, finite=False))
        ax.plot([x for x, _ in points], [y for _, y in points], label=name, marker="." if len(points) < 50 else None)
    if log_y:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(alpha=0.3)
    if curves:
        ax.legend()
    return ax


def plot_confusion_matrix(
    matrix: Any, labels: Sequence[str] | None = None, ax: Any = None, *, normalize: bool = False
) -> Any:
    """Draw a confusion matrix, rows true and columns predicted, into `ax` or a new picture; return the axes.

    Colours are shares of the row; the numbers are counts, or with `normalize` those shares. Raises ValueError as
    text_confusion_matrix, and ModuleNotFoundError without matplotlib: pip install 'sparkle-engine[plot]'.
    """
    rows, names = _checked(matrix, labels, "plot_confusion_matrix")
    ax = _axes("plot_confusion_matrix") if ax is None else ax
    shares = [[count / (sum(row) or 1) for count in row] for row in rows]
    image = ax.imshow(shares, vmin=0.0, vmax=1.0, cmap="Blues")
    ax.figure.colorbar(image, ax=ax, label="share of the true class")
    ticks = range(len(rows))
    ax.set_xticks(ticks, names, rotation=45 if len(rows) > 5 else 0)
    ax.set_yticks(ticks, names)
    ax.set(xlabel="predicted", ylabel="true")
    for i in ticks:
        for j in ticks:
            text = f"{shares[i][j]:.2f}" if normalize else _shown(rows[i][j])
            ax.text(j, i, text, ha="center", va="center", color="white" if shares[i][j] > 0.5 else "black")
    return ax


class _Axis:
    """From values to cells of a drawing."""

    def __init__(self, low: float, high: float, cells: int) -> None:
        self.low, self.high, self.cells = low, high, cells

    def cell(self, value: float) -> int:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return min(int(share * self.cells), self.cells - 1)


def _framed(
    grid: list[list[str]], x_axis: _Axis, y_axis: _Axis, marks: Mapping[str, str], log_y: bool
) -> Iterator[str]:
    low, high = (f"{10**y if log_y else y:.4g}" for y in (y_axis.low, y_axis.high))
    margin = max(len(low), len(high)) + 1
    for index, row in enumerate(grid):
        number = high if index == 0 else low if index == len(grid) - 1 else ""
        yield f"{number:>{margin}} |{''.join(row)}".rstrip()
    yield f"{'':>{margin}} +{'-' * x_axis.cells}"
    left, right = (f"{x:.6g}" for x in (x_axis.low, x_axis.high))
    yield f"{'':>{margin}}  {left}{right:>{max(x_axis.cells - len(left), len(right) + 1)}}"
    yield " " * (margin + 1) + "   ".join(f"{mark} {name}" for name, mark in marks.items())


def _points(values: Sequence[Any], log_y: bool = False, finite: bool = True) -> Iterator[tuple[float, float]]:
    """(x, y) of each value that can be drawn; x counts from 1 where it is not given."""
    for index, value in enumerate(values, 1):
        x, y = value if isinstance(value, (tuple, list)) else (index, value)
        y = float(y)
        if not finite or (math.isfinite(y) and not (log_y and y <= 0)):
            yield float(x), math.log10(y) if log_y else y


def _checked(matrix: Any, labels: Sequence[str] | None, where: str) -> tuple[list[list[float]], list[str]]:
    rows = [_as_list(row) for row in _as_list(matrix)]
    size = len(rows)
    if any(not isinstance(row, list) or len(row) != size for row in rows):
        raise ValueError(f"{where}: the matrix is not square: {size} rows of {[_length(row) for row in rows]}")
    names = [str(i) for i in range(size)] if labels is None else [str(label) for label in labels]
    if len(names) != size:
        raise ValueError(f"{where}: met {len(names)} labels for {size} classes")
    return rows, names


def _as_list(values: Any) -> Any:
    return values.tolist() if hasattr(values, "tolist") else list(values) if isinstance(values, tuple) else values


def _length(row: Any) -> Any:
    return len(row) if isinstance(row, list) else type(row).__name__


def _shown(count: float) -> str:
    return f"{count:.3g}" if isinstance(count, float) and count != int(count) else str(int(count))


def _shade(count: float, total: float) -> str:
    return _SHADES[math.ceil(4 * count / total - 0.5)] if total else " "


def _axes(where: str) -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ModuleNotFoundError(f"{where} needs matplotlib: pip install 'sparkle-engine[plot]'") from error
    return pyplot.subplots()[1]
