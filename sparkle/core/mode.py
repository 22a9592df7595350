"""What is switched on in this thread: gradient recording, and the context in which array calls stay quiet."""

from __future__ import annotations

import contextvars
import threading
import warnings
from typing import Any

import numpy

# 1/0 is inf and log(-1) is nan in a tensor program, without a warning. Switching NumPy's warnings off around each op
# costs more than a small op, so the warnings of these modules are filtered, and where a program turned warnings or
# floating point flags into errors, `apply` runs the op once more, quietly. The caller's own NumPy code keeps its
# settings.
warnings.filterwarnings("ignore", ".*encountered in", RuntimeWarning, r"sparkle\.core\.")


class _Mode(threading.local):
    """The switches of a thread.

    grad: are ops recorded? False, True, or a `Watch`, which is told of every recorded op. on: what `grad` is where
    recording is switched on. inference: are results without any place in graphs, now and later? check_nan: does the
    walk look for nan, and say where an op that failed came from? None where it does neither. task: the walk that is
    under way. autocast: the `Casting` of mixed precision, None where that is off. quiet(f, *args): call f in a context
    without NumPy's floating point warnings; a context may not be entered twice at once, hence one per thread, and f may
    not call quiet again.
    """

    grad: Any = True
    on: Any = True
    inference = False
    check_nan: bool | None = None
    task: Any = None
    autocast: Any = None

    def __init__(self) -> None:
        with numpy.errstate(all="ignore"):
            self.quiet = contextvars.copy_context().run


mode = _Mode()
