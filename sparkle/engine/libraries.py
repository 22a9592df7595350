"""What a model's library offers, found without importing it: the library of a model that is there is loaded already."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def no_grad_for(model: Any) -> Callable[[], AbstractContextManager[Any]]:
    """The `no_grad` of the library that the model's class derives from, or of the one that this engine belongs to."""
    switch = _first(model, lambda library: getattr(library, "no_grad", None))
    return nullcontext if switch is None else switch


def autocast_for(model: Any, device: Any) -> Callable[[], AbstractContextManager[Any]]:
    """Mixed precision on the device, or on that of the model's parameters; RuntimeError where the library has none."""
    autocast = _amp(model, "autocast")
    kind = str(device if device is not None else _device_of(model)).partition(":")[0]
    return lambda: autocast(kind)


def grad_scaler_for(model: Any, device: Any) -> Any:
    """A new GradScaler of the model's library; RuntimeError where it has none."""
    kind = str(device if device is not None else _device_of(model)).partition(":")[0]
    return _amp(model, "GradScaler")(kind)


def clipping_for(model: Any) -> Any:
    """The module with `clip_grad_norm_` and `clip_grad_value_`; RuntimeError where the library has none."""
    utils = _first(model, lambda library: getattr(getattr(library, "nn", None), "utils", None))
    if utils is None:
        raise RuntimeError(f"clipping: no library with nn.utils.clip_grad_norm_ was found for {type(model).__name__}")
    return utils


def _amp(model: Any, name: str) -> Any:
    found = _first(model, lambda library: getattr(getattr(library, "amp", None), name, None))
    if found is None:
        raise RuntimeError(f"amp_mode='amp': no library with amp.{name} was found for a {type(model).__name__}")
    return found


def _device_of(model: Any) -> str:
    parameters = getattr(model, "parameters", None)
    first = next(iter(parameters()), None) if callable(parameters) else None
    return str(getattr(first, "device", "cpu"))


def _first(model: Any, look: Callable[[Any], Any]) -> Any:
    """The first thing that is found in the root packages of the model's classes, and then in that of this engine."""
    roots = [kind.__module__.partition(".")[0] for kind in reversed(type(model).__mro__)]
    for root in (*roots, __name__.partition(".")[0]):
        library = sys.modules.get(root)
        found = None if library is None else look(library)
        if found is not None:
            return found
    return None
