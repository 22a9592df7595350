"""Models with the weights of a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ..core.serialization import load
from ..core.tensor.base import TensorBase

Path = str | os.PathLike[str]


def with_weights(make: Callable[..., Any], name: str, head: str, weights: Path | None, arguments: Any) -> Any:
    """`make(**arguments)`, with the state dict in the file `weights` unless that is None.

    name: of the model, for errors; head: of the last linear layer, whose rows are the classes.
    """
    if weights is None:
        return make(**arguments)
    state = _read(name, weights)
    model = make(**{"num_classes": _classes(name, head, weights, state, arguments), **arguments})
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise RuntimeError(f"{name}: {os.fspath(weights)} has other weights: {error}") from None
    return model


def _read(name: str, weights: Path) -> dict[str, Any]:
    """The file's state dict."""
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(f"{name}: weights: wanted the path of a file, met {type(weights).__name__}")
    if not os.path.exists(weights):
        raise FileNotFoundError(
            f"{name}: weights: there is no file {os.fspath(weights)}; nothing is downloaded, wanted the path of a file "
            "that sparkle.save or safetensors wrote"
        )
    state = load(weights, map_location="cpu")
    if not isinstance(state, Mapping) or not all(isinstance(value, TensorBase) for value in state.values()):
        what = f"a dict of {', '.join(map(str, state))}" if isinstance(state, Mapping) else type(state).__name__
        raise RuntimeError(f"{name}: {os.fspath(weights)}: wanted a state dict, names and tensors, met {what}")
    return dict(state)


def _classes(name: str, head: str, weights: Path, state: dict[str, Any], arguments: dict[str, Any]) -> int:
    """How many classes the file's model has; it must be as many as were asked for."""
    if f"{head}.weight" not in state:
        raise RuntimeError(f"{name}: {os.fspath(weights)} has no {head}.weight, only {', '.join(list(state)[:4])}, ...")
    classes = int(state[f"{head}.weight"].shape[0])
    wanted = arguments.get("num_classes", classes)
    if wanted != classes:
        raise ValueError(
            f"{name}: num_classes={wanted}, but {os.fspath(weights)} is for {classes} classes; load it without "
            f"num_classes and replace the last layer: model.{head} = Linear(model.{head}.in_features, {wanted})"
        )
    return classes
