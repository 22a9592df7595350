"""One pass of an update rule over many tensors at once: compiled by numba where that is installed, in threads."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .crew import divided


@functools.cache
def _loops() -> ModuleType | None:
    """The compiled loops' module; None where numba is not installed, or does not go with this NumPy."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle OpenMP threads of other kernels would starve BLAS
    try:
        return importlib.import_module(".optim_loops", __package__)
    except ImportError:
        return None


@functools.cache
def compiled(rule: Callable[..., Any], states: int, numbers: int) -> Callable[..., None] | None:
    """`rule(p, g, *states, *numbers) -> p or (p, *states)` as a loop over many tensors; None without numba.

    The loop's arguments: addresses, int64 of shape (2 + states, tensors); ends, the running sum of the tensors' sizes;
    the first and one past the last of all elements to visit; the numbers, an array of the tensors' type. The tensors
    are contiguous. Its results equal those of the rule on NumPy arrays bit for bit.
    """
    loops = _loops()
    return None if loops is None else loops.compile_loop(rule, states, numbers)


def run(loop: Callable[..., None], addresses: Any, ends: Any, numbers: Any) -> None:
    """The loop over all elements, divided among threads where there are many."""
    divided(lambda start, stop: loop(addresses, ends, start, stop, numbers), int(ends[-1]))
