"""Times one row with one library in a process of its own: `python -m benchmarks.worker ROW LIBRARY` prints JSON."""

from __future__ import annotations

import json
import sys
import warnings
from importlib import metadata
from typing import Any

# Import name -> distribution.
DISTRIBUTIONS = {
    "sparkle": "sparkle-engine", "torch": "torch", "ignite": "pytorch-ignite", "numpy": "numpy", "numba": "numba",
}  # fmt: skip


def versions() -> dict[str, str]:
    """The versions of what this process has loaded."""
    found = {}
    for name, distribution in DISTRIBUTIONS.items():
        if name in sys.modules:
            try:
                found[name] = metadata.version(distribution)
            except metadata.PackageNotFoundError:  # sparkle runs from its source folder
                found[name] = "from source"
    return found


def threads() -> dict[str, Any]:
    """How many threads the libraries that this process has loaded use."""
    found: dict[str, Any] = {}
    if "torch" in sys.modules:
        found["torch"] = sys.modules["torch"].get_num_threads()
    if "numba" in sys.modules:
        found["numba"] = sys.modules["numba"].get_num_threads()
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return found
    return {**found, **{pool["prefix"]: pool["num_threads"] for pool in threadpool_info()}}


def main(name: str, library: str) -> None:
    """Measure and print."""
    warnings.simplefilter("ignore")  # torch's and Ignite's about their own parts
    from .rows import ROWS

    seconds = ROWS[name].measure(library)
    print(json.dumps({"seconds": seconds, "versions": versions(), "threads": threads()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
