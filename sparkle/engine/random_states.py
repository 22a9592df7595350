"""The states of the random generators that a program draws from without holding them: Python's, NumPy's, the tensors'.

The engine imports none of the libraries that own them. They are asked if they are loaded already: `numpy.random`, and
the root of this package for `get_rng_state`, `set_rng_state` and `manual_seed`, with `cuda.get_rng_state_all` and
`cuda.set_rng_state_all` where there is a GPU. A generator that a program made itself goes along as one of
`Engine.state_dict_objects`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_ROOT = __name__.partition(".")[0]


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
    tensors = _tensors()
    if tensors is not None:
        states["tensors"] = tensors.get_rng_state()
        cuda = _cuda(tensors)
        if cuda is not None:
            states["cuda"] = cuda.get_rng_state_all()
    return states


def restore(states: Mapping[str, Any]) -> None:
    """Go on from what `capture` gave; what is not loaded, or is not there, is passed over: nobody draws from it."""
    if "python" in states:
        version, words, gauss = states["python"]
        random.setstate((version, tuple(words), gauss))
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy" in states:
        numpy.random.set_state(tuple(states["numpy"]))
    tensors = _tensors()
    if tensors is not None and "tensors" in states:
        tensors.set_rng_state(states["tensors"])
        cuda = _cuda(tensors)
        if cuda is not None and "cuda" in states:
            cuda.set_rng_state_all(states["cuda"])


def seed_all(seed: int) -> None:
    """Start all of them anew from a seed."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    tensors = _tensors()
    if tensors is not None:
        tensors.manual_seed(seed)


def draw(high: int) -> int:
    """A number below `high`, from the tensors' generator where there is one, else from Python's."""
    tensors = _tensors()
    return random.randrange(high) if tensors is None else int(tensors.randint(0, high, (1,)).item())


def use_deterministic_algorithms() -> None:
    """Let GPUs add in a fixed order, where there are any, and the library can."""
    tensors = _tensors()
    switch = getattr(tensors, "use_deterministic_algorithms", None)
    if callable(switch) and _cuda(tensors) is not None:
        switch(True, warn_only=True)


@contextmanager
def kept() -> Iterator[None]:
    """Whatever is drawn within, all generators go on afterwards as if nothing had been."""
    states = capture()
    try:
        yield
    finally:
        restore(states)


def _tensors() -> Any:
    """The library of tensors that this engine belongs to; None where only the engine was loaded."""
    library = sys.modules.get(_ROOT)
    return library if callable(getattr(library, "get_rng_state", None)) else None


def _cuda(library: Any) -> Any:
    """Its GPU part, where there is a GPU."""
    cuda: Any = getattr(library, "cuda", None)
    return cuda if callable(getattr(cuda, "get_rng_state_all", None)) and cuda.is_available() else None
