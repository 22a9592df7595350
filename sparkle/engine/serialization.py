"""The state of an engine as a dict, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .limits import check_limit
from .state import State


def state_to_dict(state: State, user_keys: Iterable[str]) -> dict[str, Any]:
    """epoch_length, iteration, the limit of the run, and the user's keys."""
    limit = "max_iters" if state.max_iters is not None else "max_epochs"
    return {key: getattr(state, key) for key in ("epoch_length", "iteration", limit, *user_keys)}


def dict_to_state(state: State, saved: Mapping[str, Any], user_keys: Iterable[str]) -> None:
    """Write what `state_to_dict` gave back to a state; all of it is checked (ValueError) before anything is written."""
    for key in user_keys:
        if key not in saved:
            raise ValueError(f"Required user state attribute '{key}' is absent in provided state_dict '{list(saved)}'")
    iteration = saved["iteration"]
    epoch = iteration // saved["epoch_length"] if iteration and saved["epoch_length"] else 0
    limits = {name: saved.get(name) for name in ("max_epochs", "max_iters")}
    check_limit("max_epochs", limits["max_epochs"], 1, "epoch", epoch)
    check_limit("max_iters", limits["max_iters"], 1, "iteration", iteration)
    written = {key: saved[key] for key in user_keys} | limits
    for name, value in (
        written | {"epoch_length": saved["epoch_length"], "iteration": iteration, "epoch": epoch}
    ).items():
        setattr(state, name, value)
    state.event_counts = dict(saved.get("event_counts", {}))


def with_iteration(saved: Mapping[str, Any]) -> dict[str, Any]:
    """The same dict with `iteration`, computed from `epoch` by the epoch's length if need be (ValueError if it cannot
    be).
    """
    if "iteration" in saved and "epoch" in saved:
        raise ValueError(
            "State dictionary should contain only one of 'iteration' or 'epoch' keys. "
            f"Found both: iteration={saved['iteration']}, epoch={saved['epoch']}."
        )
    done = saved.get("iteration", saved.get("epoch"))
    length = saved.get("epoch_length")
    exact = "epoch" in saved.get("resume", ())
    if done and not exact and (length is None or length <= 0):
        raise ValueError(
            "epoch_length must be a positive integer to calculate missing 'iteration' or 'epoch' key. "
            f"Input state_dict: {dict(saved)}"
        )
    result = dict(saved)
    if "epoch" in result:
        epochs = result.pop("epoch")
        result["iteration"] = epochs * length if epochs else 0
    return result
