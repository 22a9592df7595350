"""Times one row with one library in a process of its own: `python -m benchmarks.worker ROW LIBRARY` prints JSON.

With `--plain` at the end numba cannot be imported, as if it were not installed.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib import metadata
from typing import Any

# Import name -> distribution.
DISTRIBUTIONS = {
    "sparkle": "sparkle-engine", "torch": "torch", "ignite": "pytorch-ignite", "jax": "jax",
    "numpy": "numpy", "numba": "numba",
}  # fmt: skip


def versions() -> dict[str, str]:
    """The versions of what this process has loaded."""
    found = {}
    for name, distribution in DISTRIBUTIONS.items():
        if sys.modules.get(name):
            try:
                found[name] = metadata.version(distribution)
            except metadata.PackageNotFoundError:  # sparkle runs from its source folder
                found[name] = "from source"
    return found


def threads() -> dict[str, Any]:
    """How many threads the libraries that this process has loaded use."""
    found: dict[str, Any] = {}
    for name in ("torch", "numba"):
        if module := sys.modules.get(name):
            found[name] = module.get_num_threads()
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return found
    return {**found, **{pool["prefix"]: pool["num_threads"] for pool in threadpool_info()}}


def main(name: str, library: str, plain: str = "") -> None:
    """Measure and print."""
    warnings.simplefilter("ignore")  # torch's and Ignite's about their own parts
    if plain:
        sys.modules["numba"] = None  # type: ignore[assignment]  # what Python itself refuses to import
    from .rows import ROWS

    figures = ROWS[name].measure(library)
    print(json.dumps({**figures, "versions": versions(), "threads": threads()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
