"""The two decorators of metrics that are written for several processes.

Here there is one process, in which every reduction is the identity: metrics written with them run unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

OPERATIONS = ("MIN", "MAX", "SUM", "PRODUCT")


def sync_all_reduce(*attrs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare which attributes `compute` reads reduced over all processes: `"_sum"`, `"_largest:MAX"`.

    The declaration is kept as `compute.reduced_attributes`. Raises ValueError for an operation other than MIN, MAX, SUM
    (the default) and PRODUCT.
    """
    pairs = [(name, operation or "SUM") for name, _, operation in (attr.partition(":") for attr in attrs)]
    for name, operation in pairs:
        if operation not in OPERATIONS:
            raise ValueError(
                f"sync_all_reduce: Reduction operation is not valid (expected: {OPERATIONS}, got: {operation!r} of "
                f"{name!r})"
            )

    def declare(compute: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(compute)
        def computed(self: Any, *args: Any, **kwargs: Any) -> Any:
            return compute(self, *args, **kwargs)

        computed.reduced_attributes = dict(pairs)  # type: ignore[attr-defined]
        return computed

    return declare


def reinit__is_reduced(func: Callable[..., Any]) -> Callable[..., None]:
    """Let `reset` and `update` drop a value that the metric has cached as `_result`."""

    @wraps(func)
    def changed(self: Any, *args: Any, **kwargs: Any) -> None:
        func(self, *args, **kwargs)
        if "_result" in self.__dict__:
            self._result = None

    return changed
