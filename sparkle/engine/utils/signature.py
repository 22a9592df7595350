"""Does a callable take these arguments? Asked once, when something is attached, never when it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def accepts(fn: Callable, *args: Any, **kwargs: Any) -> bool:
    """Whether `fn(*args, **kwargs)` fits the signature of `fn`.

    >>> accepts(lambda engine, batch: None, "engine", "batch"), accepts(lambda: None, "engine")
    (True, False)
    """
    try:
        _signature(fn).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def check_signature(fn: Callable, description: str, *args: Any, **kwargs: Any) -> None:
    """Raise ValueError, with both sides of the mismatch, unless `fn(*args, **kwargs)` fits the signature of `fn`."""
    signature = _signature(fn)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise ValueError(
            f"Error adding {name_of(fn)} '{description}': takes parameters {list(signature.parameters)} "
            f"but will be called with {list(args) + list(kwargs)} ({error})."
        ) from None


def name_of(fn: Any) -> str:
    """What a message calls a callable: its qualified name, or its repr when it has none.

    >>> name_of(accepts)
    'accepts'
    """
    fn = inspect.unwrap(fn) if callable(fn) else fn
    return getattr(fn, "__qualname__", None) or repr(fn)


def _signature(fn: Callable) -> inspect.Signature:
    try:
        return inspect.signature(fn)
    except ValueError:
        raise ValueError(f"{fn!r} does not say which arguments it takes; wrap it in a function or lambda") from None
