"""Modules whose first values are not drawn."""

from __future__ import annotations

import inspect
from typing import Any

from .. import init
from ..base import Module


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """module_cls(*args, **kwargs) without drawing first values: those of its parameters are whatever is in memory.

    Quick for large layers whose values are loaded afterwards; random numbers are not used up. Raises RuntimeError for
    what is no class of modules, and for one whose constructor has no argument `device`.

    >>> import sparkle
    >>> skip_init(sparkle.nn.Linear, 2, 3)
    Linear(in_features=2, out_features=3, bias=True)
    """
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError(f"Module must support a 'device' arg to skip initialization: {module_cls.__name__} does not")
    with init.skipped():
        return module_cls(*args, **kwargs)
