"""Mappings of objects that have a state: the state of all of them, and the way back.

A tree here is a mapping, or a list or tuple, of trees; its leaves have `state_dict` and `load_state_dict`.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (name, object) for each object of a tree, names as in `models.encoder` or `models.0`."""
    if isinstance(tree, (Mapping, list, tuple)):
        for key, child in _children(tree):
            yield from leaves(child, f"{name}.{key}" if name else str(key))
    else:
        yield name, tree


def _children(tree: Any) -> Iterator[tuple[Any, Any]]:
    return iter(tree.items() if isinstance(tree, Mapping) else enumerate(tree))


def check_objects(tree: Any, where: str, *methods: str) -> None:
    """Raise TypeError unless `tree` is a mapping and each of its objects has the methods."""
    if not isinstance(tree, Mapping):
        raise TypeError(f"{where}: met {type(tree).__name__} {tree!r:.80}, wanted a dictionary of name: object")
    for name, item in leaves(tree):
        for method in methods:
            if not callable(getattr(item, method, None)):
                raise TypeError(f"{where}[{name!r}]: {type(item).__name__} {item!r:.80} has no method {method}()")


def state_of(tree: Any) -> Any:
    """Return the tree with each object replaced by its state_dict()."""
    if isinstance(tree, Mapping):
        return {key: state_of(child) for key, child in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [state_of(child) for child in tree]
    return tree.state_dict()


def match(tree: Any, states: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, object, state), or raise ValueError that names the first entry the states do not have."""
    where = f"checkpoint entry {name!r}" if name else "checkpoint"
    if isinstance(tree, Mapping):
        if not isinstance(states, Mapping):
            raise ValueError(f"{where}: met {type(states).__name__}, wanted a dictionary with keys {list(tree)}")
        for key in tree:
            if key not in states:
                raise ValueError(f"{where}: key {key!r} is not there; it has {list(states)}")
    elif isinstance(tree, (list, tuple)):
        if not isinstance(states, (list, tuple)) or len(states) != len(tree):
            met = f"{len(states)} entries" if isinstance(states, (list, tuple, Mapping)) else type(states).__name__
            raise ValueError(f"{where}: met {met}, wanted a list of {len(tree)} states")
    else:
        yield name, tree, states
        return
    for key, child in _children(tree):
        yield from match(child, states[key], f"{name}.{key}" if name else str(key))


def load_all(pairs: list[tuple[str, Any, Any]], options: Mapping[str, Any]) -> None:
    """Load each state into its object; when one fails, give back the old state to it and to those before, and raise.

    An option (`strict=False`) goes to the objects whose load_state_dict takes it.
    """
    accepted = [_accepted(item.load_state_dict, options) for _, item, _ in pairs]
    unknown = set(options).difference(*accepted)
    if unknown:
        raise TypeError(f"load_objects: no object's load_state_dict() takes {sorted(unknown)}")
    undo: list[tuple[Any, Any]] = []
    for (name, item, state), names in zip(pairs, accepted, strict=True):
        undo.append((item, copy.deepcopy(item.state_dict()) if hasattr(item, "state_dict") else None))
        try:
            item.load_state_dict(state, **{key: options[key] for key in names})
        except BaseException as error:
            error.add_note(f"while loading checkpoint entry {name!r} into {type(item).__name__}")
            _restore(undo, error)
            raise


def _restore(undo: list[tuple[Any, Any]], cause: BaseException) -> None:
    for item, state in undo:
        try:
            if state is not None:
                item.load_state_dict(state)
        except Exception as error:
            cause.add_note(f"and {type(item).__name__} refused its own old state: {error}")


def _accepted(function: Any, options: Mapping[str, Any]) -> set[str]:
    parameters = inspect.signature(function).parameters
    return {key for key in options if key in parameters}


def match_checkpoint(tree: Mapping[str, Any], states: Any) -> list[tuple[str, Any, Any]]:
    """`match` for a whole checkpoint, which may be nothing but the state of a single object."""
    if len(tree) == 1 and not (isinstance(states, Mapping) and next(iter(tree)) in states):
        states = dict.fromkeys(tree, states)
    return list(match(tree, states))
