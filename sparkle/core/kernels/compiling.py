"""How loops become machine code: by numba, where that is installed; when first needed; kept on disk."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Elements below which numba is not loaded: that takes longer than they could repay. Size alone decides, not what the
# process did before: loops add up in another order, and a run that is resumed must take the way of one that was not.
LARGE = 1 << 16

# Sums may be taken in another order, so that they use the processor's vectors; nan and infinity stay what they are.
ANY_ORDER = frozenset({"reassoc", "contract", "nsz"})


@functools.cache
def loops(module: str) -> Any:
    """The module of loops with this name in this folder; None where numba is not installed, or does not go with NumPy.

    Importing it takes a fifth of a second in which nothing else is gained, so ask for it when there is much to do.
    """
    return importlib.import_module(f".{module}", __package__) if has_numba() else None


def loops_for(size: int, module: str) -> Any:
    """`loops` for that many elements; None where they are few."""
    return loops(module) if size >= LARGE else None


@functools.cache
def has_numba() -> bool:
    """Is it there? Loads it, and sees to it that those who wait for its compiler are told."""
    try:
        importlib.import_module("numba")
    except ImportError:
        return False
    importlib.import_module(".compile_notice", __package__).listen()
    return True


def machine_code(
    function: Callable[..., Any], fastmath: frozenset[str] = frozenset(), signature: Any = None
) -> Callable[..., Any]:
    """The function compiled for the types that it is called with; it holds no Python lock while it runs.

    fastmath: what LLVM may assume of floating point arithmetic. signature: the only types it takes; then it is compiled
    here. The code is kept on disk where numba finds a place to write: beside the module, or in the user's cache folder.
    """
    njit = importlib.import_module("numba").njit
    loop = kept_on_disk(njit(nogil=True, error_model="numpy", fastmath=set(fastmath)), function)
    if signature is not None:
        loop.compile(signature)
        loop.disable_compile()
    return loop  # type: ignore[no-any-return]


def kept_on_disk(make: Callable[..., Any], function: Callable[..., Any]) -> Any:
    """make(function), of numba's kinds, which looks for its code on disk first, and leaves it there."""
    function.__qualname__ += f"_{_fingerprint()}"
    light, compiled = importlib.import_module(".light_cache", __package__), make(function)
    with contextlib.suppress(RuntimeError):  # neither of the two can be written
        compiled._cache = light.LightCache(function)
    return compiled


# Modules whose code is compiled into the loops of others.
INLINED = (
    *("attention_loops", "convolution_loops", "convolution_vectors", "dot_tiles", "linking", "optim_loops"),
    *("reduction_loops", "tiles", "vector_math", "waiting", "winograd_matrices"),
)
FORM = "light_cache"  # the module that says what lies on disk


@functools.cache
def _fingerprint() -> str:
    """Changes with what is inlined and with the form: numba's cache looks at a loop's name and its own file only."""
    return file_print(*(str(Path(__file__).with_name(f"{name}.py")) for name in (*INLINED, FORM)))


@functools.cache
def file_print(*names: str) -> str:
    """Changes with what is in the files."""
    return hashlib.sha256(b"".join(Path(name).read_bytes() for name in names)).hexdigest()[:8]


def in_any_order(function: Callable[..., Any]) -> Callable[..., Any]:
    """`machine_code` whose sums may be taken in another order."""
    return machine_code(function, ANY_ORDER)
