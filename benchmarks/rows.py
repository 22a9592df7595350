"""All rows: what each is, beside which library it is timed, and how."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple

from . import engine_rows, training_rows, vision_rows
from .timing import seconds_per_call, stable_minimum


class Row(NamedTuple):
    """`measure(library)` gives seconds, in the process that calls it."""

    title: str
    peer: str
    measure: Callable[[str], float]


TRAINING = {**training_rows.ROWS, **vision_rows.ROWS}


def training(name: str) -> Row:
    """A row of TRAINING, beside torch."""
    prepare = TRAINING[name]

    def measure(library: str) -> float:
        L = importlib.import_module(library)
        L.manual_seed(0)
        return seconds_per_call(prepare(L))

    return Row(prepare.__doc__ or name, "torch", measure)


def engine(title: str) -> Row:
    """A row of engine_rows, beside Ignite."""
    run = engine_rows.ROWS[title]
    return Row(f"{title}: iteration", "ignite", lambda library: stable_minimum(lambda: run(library)))


ROWS: dict[str, Row] = {
    **{name: training(name) for name in TRAINING},
    "engine_empty": engine("engine, empty"),
    "engine_loaded": engine("engine, two handlers and two RunningAverages"),
}
