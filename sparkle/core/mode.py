"""What is switched on in this thread: gradient recording, and the context in which array calls stay quiet."""

from __future__ import annotations

import contextvars
import threading

import numpy


class _Mode(threading.local):
    """`grad`: are ops recorded? `quiet(f, *args)`: call f without NumPy's floating point warnings.

    1/0 is inf and log(-1) is nan in a tensor program, without a warning. Switching NumPy's warnings off and on costs as
    much as three small additions; running a call inside a context in which they are off costs a tenth of one, and
    leaves the caller's own NumPy settings alone. A context may not be entered twice at once, hence one per thread.
    """

    grad = True

    def __init__(self) -> None:
        with numpy.errstate(all="ignore"):
            self.quiet = contextvars.copy_context().run


mode = _Mode()
