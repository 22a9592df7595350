"""All rows: what each is, beside which library it is timed, and how."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from . import (
    data_rows,
    engine_rows,
    inference_rows,
    jax_rows,
    metric_rows,
    sequence_rows,
    tensor_rows,
    training_rows,
    vision_rows,
)
from .memory import Peak, load_late
from .timing import seconds_per_call, stable_minimum

Figures = dict[str, float]


class Row(NamedTuple):
    """`measure(library)` gives {"seconds": ...}, and more where there is more, in the process that calls it."""

    title: str
    peer: str
    measure: Callable[[str], Figures]
    training: bool = False


TRAINING = {**training_rows.ROWS, **vision_rows.ROWS, **sequence_rows.ROWS}
BESIDE_TORCH = {**TRAINING, **inference_rows.ROWS, **tensor_rows.ROWS, **data_rows.ROWS}
BESIDE_IGNITE = {**engine_rows.ROWS, **metric_rows.ROWS}


def seconds(L: Any, name: str) -> float:
    """Seconds of a call of what the row prepares."""
    L.manual_seed(0)
    return seconds_per_call(BESIDE_TORCH[name](L))


def seconds_and_memory(L: Any, name: str) -> Figures:
    load_late(L.__name__)
    peak = Peak()
    return {"seconds": seconds(L, name), **peak.told()}


def torch_row(name: str) -> Row:
    """A row of BESIDE_TORCH."""

    def measure(library: str) -> Figures:
        L = importlib.import_module(library)
        return seconds_and_memory(L, name) if name in TRAINING else {"seconds": seconds(L, name)}

    return Row(title(name), "torch", measure, name in TRAINING)


def title(name: str) -> str:
    return BESIDE_TORCH[name].__doc__ or name


def jax_row(name: str) -> Row:
    """A row of BESIDE_TORCH beside its twin in JAX."""

    def measure(library: str) -> Figures:
        if library == "jax":
            return {"seconds": seconds_per_call(jax_rows.prepared(name))}
        return {"seconds": seconds(importlib.import_module(library), name)}

    return Row(title(name), "jax", measure)


def ignite_row(title: str) -> Row:
    """A row of BESIDE_IGNITE."""
    run = BESIDE_IGNITE[title]
    return Row(f"{title}: iteration", "ignite", lambda library: {"seconds": stable_minimum(lambda: run(library))})


ROWS: dict[str, Row] = {
    **{name: torch_row(name) for name in BESIDE_TORCH},
    **{f"jax_{name}": jax_row(name) for name in jax_rows.ROWS},
    "engine_empty": ignite_row("engine, empty"),
    "engine_loaded": ignite_row("engine, two handlers and two RunningAverages"),
    "metrics_six": ignite_row("metrics, six together"),
    "metrics_six_parts": ignite_row("metrics, six together, F1 from the others"),
}
