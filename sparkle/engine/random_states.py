"""The states of the random generators that a program draws from without holding them: Python's, NumPy's, the tensors'.

The engine imports none of the libraries that own them. A library is asked if it is loaded already: `numpy.random`, and
every tensor library with functions `get_rng_state`, `set_rng_state` and `manual_seed` of its own (`sparkle`, the root
of this package, and `torch`), and their `cuda.get_rng_state_all`, `cuda.set_rng_state_all` where there is a GPU.
A generator that a program made itself goes along as one of `Engine.state_dict_objects`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_TENSOR_LIBRARIES = tuple(dict.fromkeys((__name__.partition(".")[0], "torch")))


def capture() -> dict[str, Any]:
    """The states as they are now, by name, as values that a checkpoint can hold.

    >>> saved = capture()
    >>> first = random.random()
    >>> restore(saved)
    >>> random.random() == first
    True
    """
    states: dict[str, Any] = {"python": random.getstate()}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        states["numpy"] = numpy.random.get_state()
    for name, library in _tensor_libraries():
        states[name] = library.get_rng_state()
        cuda = _cuda(library)
        if cuda is not None:
            states[f"{name}.cuda"] = cuda.get_rng_state_all()
    return states


def restore(states: Mapping[str, Any]) -> None:
    """Go on from what `capture` gave; what is not loaded, or is not there, is passed over: nobody draws from it."""
    if "python" in states:
        version, words, gauss = states["python"]
        random.setstate((version, tuple(words), gauss))
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy" in states:
        numpy.random.set_state(tuple(states["numpy"]))
    for name, library in _tensor_libraries():
        if name in states:
            library.set_rng_state(states[name])
        cuda = _cuda(library)
        if cuda is not None and f"{name}.cuda" in states:
            cuda.set_rng_state_all(states[f"{name}.cuda"])


def seed_all(seed: int) -> None:
    """Start all of them anew from a seed."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    for _, library in _tensor_libraries():
        library.manual_seed(seed)


@contextmanager
def kept() -> Iterator[None]:
    """Whatever is drawn within, all generators go on afterwards as if nothing had been."""
    states = capture()
    try:
        yield
    finally:
        restore(states)


def _tensor_libraries() -> list[tuple[str, Any]]:
    found = ((name, sys.modules.get(name)) for name in _TENSOR_LIBRARIES)
    return [(name, library) for name, library in found if callable(getattr(library, "get_rng_state", None))]


def _cuda(library: Any) -> Any:
    """The library's GPU part, where its generators may have been used."""
    cuda = getattr(library, "cuda", None)
    return cuda if callable(getattr(cuda, "get_rng_state_all", None)) and cuda.is_available() else None
