"""What the engine itself costs: seconds per iteration beside Ignite's, for process functions that do nothing.

`ROWS` maps a row's name to `measure(library)`, where library is "sparkle", "ignite" or, for the floor, "bare" (a plain
`for` loop); it returns the seconds of one iteration. `compare` alternates the libraries and takes each one's best.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from time import perf_counter
from typing import Any

ITERATIONS = {"sparkle": 200_000, "ignite": 20_000, "bare": 500_000}

Prepare = Callable[[Any, Any], None]


def nothing(engine: Any, batch: Any) -> Any:
    """The process function of the engine rows."""
    return None


def of_batch(engine: Any, batch: Any) -> dict[str, float]:
    """A process function whose output has two numbers to average."""
    return {"a": float(batch), "b": 1.0}


def no_handlers(engine: Any, lib: Any) -> None:
    """Attach nothing."""


def one_handler(engine: Any, lib: Any) -> None:
    """Attach one handler that is called each iteration."""
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED, lambda engine: None)


def ten_handlers(engine: Any, lib: Any) -> None:
    """Attach ten handlers that are called each iteration."""
    for _ in range(10):
        one_handler(engine, lib)


def ten_idle_handlers(engine: Any, lib: Any) -> None:
    """Attach ten handlers that wait for each thousandth iteration."""
    for _ in range(10):
        engine.add_event_handler(lib.Events.ITERATION_COMPLETED(every=1000), lambda engine: None)


def two_handlers(engine: Any, lib: Any) -> None:
    """Attach two handlers, one called each iteration and one each hundredth."""
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED, lambda engine: None)
    engine.add_event_handler(lib.Events.ITERATION_COMPLETED(every=100), lambda engine: None)


def two_handlers_two_averages(engine: Any, lib: Any) -> None:
    """Attach two handlers and two running averages of the output."""
    metrics = importlib.import_module(lib.__name__.replace(".engine", ".metrics"))
    for name in ("a", "b"):
        metrics.RunningAverage(output_transform=lambda output, name=name: output[name]).attach(engine, name)
    two_handlers(engine, lib)


def measure(library: str, prepare: Prepare = no_handlers, process: Callable = nothing, n: int | None = None) -> float:
    """Seconds per iteration of one run of `n` iterations."""
    n = n or ITERATIONS[library]
    if library == "bare":
        return bare(process, n)
    lib = importlib.import_module(f"{library}.engine")
    engine = lib.Engine(process)
    prepare(engine, lib)
    data = range(n)
    start = perf_counter()
    engine.run(data)
    return (perf_counter() - start) / n


def bare(process: Callable, n: int) -> float:
    """Seconds per iteration of a `for` loop that calls the process function."""
    start = perf_counter()
    for batch in range(n):
        process(None, batch)
    return (perf_counter() - start) / n


def row(prepare: Prepare, process: Callable = nothing) -> Callable[[str], float]:
    """A row that attaches what `prepare` attaches."""
    return lambda library: measure(library, prepare, process)


ROWS: dict[str, Callable[[str], float]] = {
    "engine, empty": row(no_handlers),
    "engine, one handler": row(one_handler),
    "engine, ten handlers": row(ten_handlers),
    "engine, ten idle handlers (every=1000)": row(ten_idle_handlers),
    "engine, two handlers": row(two_handlers),
    "engine, two handlers and two RunningAverages": row(two_handlers_two_averages, of_batch),
}


def compare(name: str, libraries: tuple[str, ...] = ("sparkle", "ignite", "bare"), rounds: int = 5) -> dict[str, float]:
    """The best of some alternating rounds of a row, in seconds per iteration, for each library."""
    best = dict.fromkeys(libraries, float("inf"))
    for _ in range(rounds):
        for library in libraries:
            best[library] = min(best[library], ROWS[name](library))
    return best


def main() -> None:
    """Print all rows in microseconds per iteration."""
    for name in ROWS:
        best = compare(name)
        figures = "  ".join(f"{library} {seconds * 1e6:7.3f}" for library, seconds in best.items())
        print(f"{name:48}{figures}   {best['ignite'] / best['sparkle']:5.1f} times")


if __name__ == "__main__":
    main()
