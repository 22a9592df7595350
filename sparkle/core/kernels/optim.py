"""One pass of an update rule over many tensors at once: compiled by numba where that is installed, in threads."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .compiling import loops
from .crew import shared


@functools.cache
def compiled(rule: Callable[..., Any], states: int, numbers: int) -> Callable[..., None] | None:
    """`rule(p, g, *states, *numbers) -> p or (p, *states)` as a loop over many tensors; None without numba.

    The loop's arguments: addresses, int64 of shape (2 + states, tensors): of the parameters' memory, of the gradients'
    array objects, of the states' memory. Gradients are others in each step, and `id(g)` takes a tenth of the time of
    asking for their memory. Then ends, the running sum of the tensors' sizes; the numbers, an array of the tensors'
    type; the first and one past the last of all elements to visit. The tensors are contiguous. Its results equal those
    of the rule on NumPy arrays bit for bit.
    """
    module = loops("optim_loops")
    return None if module is None else module.compile_loop(rule, states, numbers)


def run(loop: Callable[..., None], addresses: Any, ends: Any, numbers: Any, size: int) -> None:
    """The loop over all `size` elements, divided among threads where there are many."""
    shared(loop, (addresses, ends, numbers), size)
