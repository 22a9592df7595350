"""NumPy's names of arguments beside torch's own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def numpy_names(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, taking also `axis` for `dim` and `keepdims` for `keepdim`, as torch does."""

    @functools.wraps(function)
    def accepting(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            if "axis" in kwargs:
                kwargs["dim"] = kwargs.pop("axis")
            if "keepdims" in kwargs:
                kwargs["keepdim"] = kwargs.pop("keepdims")
        return function(*args, **kwargs)

    return accepting
