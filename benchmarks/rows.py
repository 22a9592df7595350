"""All rows: what each is, beside which library it is timed, and how."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple

from . import engine_rows, metric_rows, sequence_rows, tensor_rows, training_rows, vision_rows
from .timing import seconds_per_call, stable_minimum


class Row(NamedTuple):
    """`measure(library)` gives seconds, in the process that calls it."""

    title: str
    peer: str
    measure: Callable[[str], float]


BESIDE_IGNITE = {**engine_rows.ROWS, **metric_rows.ROWS}
BESIDE_TORCH = {**training_rows.ROWS, **tensor_rows.ROWS, **vision_rows.ROWS, **sequence_rows.ROWS}


def torch_row(name: str) -> Row:
    """A row of BESIDE_TORCH."""
    prepare = BESIDE_TORCH[name]

    def measure(library: str) -> float:
        L = importlib.import_module(library)
        L.manual_seed(0)
        return seconds_per_call(prepare(L))

    return Row(prepare.__doc__ or name, "torch", measure)


def ignite_row(title: str) -> Row:
    """A row of BESIDE_IGNITE."""
    run = BESIDE_IGNITE[title]
    return Row(f"{title}: iteration", "ignite", lambda library: stable_minimum(lambda: run(library)))


ROWS: dict[str, Row] = {
    **{name: torch_row(name) for name in BESIDE_TORCH},
    "engine_empty": ignite_row("engine, empty"),
    "engine_loaded": ignite_row("engine, two handlers and two RunningAverages"),
    "metrics_six": ignite_row("metrics, six together"),
    "metrics_six_parts": ignite_row("metrics, six together, F1 from the others"),
}
