"""Settings of the whole process: threads, determinism, precision of matrix products."""

from __future__ import annotations

import importlib
import os
import warnings
from typing import Any


class _Settings:
    """What the functions below set."""

    threads: int | None = None
    limits: Any = None  # what holds the limit on BLAS
    deterministic = False
    warn_only = False
    matmul_precision = "highest"


_settings = _Settings()
PRECISIONS = ("highest", "high", "medium")


def get_num_threads() -> int:
    """How many threads an operation may use on the CPU.

    What `set_num_threads` said, else OMP_NUM_THREADS, else as many as this process has processors, 16 at most.
    """
    if _settings.threads is not None:
        return _settings.threads
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return min(len(os.sched_getaffinity(0)), 16)
    except AttributeError:  # not every system tells
        return min(os.cpu_count() or 1, 16)


def chosen_threads() -> int | None:
    """What `set_num_threads` said, None where it was not called."""
    return _settings.threads


def set_num_threads(num: int) -> None:
    """Limit the threads of an operation on the CPU: those of optimizer steps, and of NumPy's matrix products.

    The latter need `threadpoolctl`; where it is not installed they keep their number, and a UserWarning says so (set
    OPENBLAS_NUM_THREADS or MKL_NUM_THREADS before starting Python instead). TypeError for anything but an integer,
    RuntimeError for less than 1.
    """
    if not isinstance(num, int) or isinstance(num, bool):
        raise TypeError(f"set_num_threads expects an int, but got {type(num).__name__}")
    if num < 1:
        raise RuntimeError(f"set_num_threads expects a positive integer, met {num}")
    _settings.threads = num
    try:
        _settings.limits = importlib.import_module("threadpoolctl").threadpool_limits(num)
    except ImportError:
        warnings.warn(
            "set_num_threads: matrix products keep their number of threads, because threadpoolctl, which sets it, is "
            "not installed: pip install threadpoolctl",
            UserWarning,
            stacklevel=2,
        )


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Refuse operations whose result may differ from run to run: RuntimeError, or a warning with warn_only=True.

    All operations on the CPU give the same result each time. On CUDA devices, sums into places named by an index that
    names some of them twice do not (index_add, scatter_add, the gradients of gather, embedding and indexing).
    """
    _settings.deterministic, _settings.warn_only = bool(mode), bool(warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """Was `use_deterministic_algorithms(True)` called?"""
    return _settings.deterministic


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Does it warn instead of raising?"""
    return _settings.warn_only


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """`use_deterministic_algorithms` by number or name: 0 "default" is off, 1 "warn", 2 "error"."""
    names = ("default", "warn", "error")
    if debug_mode not in (*names, *range(3)):
        raise RuntimeError(f"set_deterministic_debug_mode: wanted 0, 1, 2, default, warn or error, met {debug_mode!r}")
    level = names.index(debug_mode) if isinstance(debug_mode, str) else debug_mode
    use_deterministic_algorithms(level > 0, warn_only=level == 1)


def get_deterministic_debug_mode() -> int:
    """0 where nothing is refused, 1 where a warning is given, 2 where an error is raised."""
    return 0 if not _settings.deterministic else 1 if _settings.warn_only else 2


def set_flush_denormal(mode: bool) -> bool:
    """False: Python cannot tell the processor to treat tiny numbers as zero, so nothing was set."""
    return False


def alert_not_deterministic(where: str) -> None:
    """Called by what may differ from run to run."""
    if not _settings.deterministic:
        return
    message = (
        f"{where} does not have a deterministic implementation on CUDA devices, but you set "
        "use_deterministic_algorithms(True). Turn that off, or run this operation on the CPU"
    )
    if not _settings.warn_only:
        raise RuntimeError(message)
    warnings.warn(message, UserWarning, stacklevel=2)


def set_float32_matmul_precision(precision: str) -> None:
    """How exact products of float32 matrices must be: "highest", "high" or "medium". ValueError for other names.

    It is permission to be faster, of which nothing here makes use: products are computed in float32 always.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"set_float32_matmul_precision: wanted one of {', '.join(PRECISIONS)}, met {precision!r}")
    _settings.matmul_precision = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` said; "highest" unless it was called."""
    return _settings.matmul_precision
