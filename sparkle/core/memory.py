"""How the C library hands out memory: what a training step lets go is kept for the next one."""

from __future__ import annotations

import ctypes
import os
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of mallopt in malloc.h
KEPT = 1 << 30  # bytes that may lie free at the end of the heap before they go back to the system
LARGEST = 1 << 25  # bytes; larger arrays are mapped on their own, and go back as soon as they are freed


def keep_freed_memory() -> bool:
    """Ask glibc to keep memory that is freed; False where another C library or the user's environment decides.

    Left alone it returns the arrays of each training step to the system, which clears every page of theirs again when
    the next step touches it: a fifth of the time of a step that works on arrays of a few MB. What the environment
    says (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_, GLIBC_TUNABLES) stands.
    """
    if not sys.platform.startswith("linux") or any(name.startswith(("MALLOC_", "GLIBC_TUN")) for name in os.environ):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST) and mallopt(TRIM_THRESHOLD, KEPT))
