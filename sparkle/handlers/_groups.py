"""Parameter groups of optimizers, met as lists of dictionaries: set a value in them, or try something and undo it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from ._values import as_number

Group = dict[str, Any]


def check_optimizer(optimizer: Any, where: str) -> None:
    """Raise TypeError unless `optimizer` has `param_groups`, a list or tuple."""
    if not isinstance(getattr(optimizer, "param_groups", None), Sequence):
        raise TypeError(
            f"{where}: optimizer is {type(optimizer).__name__} {optimizer!r:.80}, wanted an optimizer, or another "
            "object whose attribute param_groups is a list or tuple"
        )


def set_in_group(group: Group, name: str, value: Any) -> None:
    """Set a value of a group; one that is a tensor stays the same tensor, as compiled steps hold on to it."""
    present = group.get(name)
    if type(present) is float or not hasattr(present, "fill_"):
        group[name] = value
    else:
        present.fill_(as_number(value))  # type: ignore[union-attr]


def set_in_groups(groups: Sequence[Group], name: str, value: Any) -> None:
    """Set one value in all groups, or each entry of a list in its group (ValueError when the counts differ)."""
    if not isinstance(value, list):
        for group in groups:
            set_in_group(group, name, value)
        return
    if len(value) != len(groups):
        raise ValueError(f"{name}: met {len(value)} values {value}, wanted one for each of {len(groups)} groups")
    for group, each in zip(groups, value, strict=True):
        set_in_group(group, name, each)


@contextmanager
def undone(stateful: Iterable[Any], groups: Sequence[Group]) -> Iterator[None]:
    """At the end give back what was there at the start: the states of these objects, and the groups' settings."""
    objects = list(stateful)
    states = [deepcopy(item.state_dict()) for item in objects]
    settings = [_settings(group) for group in groups]
    try:
        yield
    finally:
        for item, state in zip(objects, states, strict=True):
            item.load_state_dict(state)
        for group, setting in zip(groups, settings, strict=True):
            _restore(group, setting)


def _settings(group: Group) -> Group:
    return {key: deepcopy(value) for key, value in group.items() if key != "params"}


def _restore(group: Group, setting: Group) -> None:
    for key in group.keys() - setting.keys() - {"params"}:
        del group[key]
    for key, value in setting.items():
        set_in_group(group, key, value)


def stand_in(groups: int = 1, **settings: Any) -> Any:
    """An optimizer of no parameters, for schedulers to be tried on."""
    return SimpleNamespace(param_groups=[dict(settings) for _ in range(groups)])
