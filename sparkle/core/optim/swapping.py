"""An optimizer on other parameters and another state, for a while."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .optimizer import Optimizer


@contextmanager
def swap_in_optimizer_params_and_state(
    optimizer: Optimizer, swapin_parameters: dict[str, Any], swapin_optim_state: dict[str, Any]
) -> Iterator[None]:
    """Let the optimizer work on other parameters, in its order, with another state dict; afterwards all is as before.

    Inside, writes to tensors of the state dict are seen outside, other changes are not. Raises RuntimeError for an
    optimizer without state, and where the parameters or the state dict do not match it.

    >>> import sparkle
    >>> x, y = (sparkle.ones(1, requires_grad=True) for _ in range(2))
    >>> x.grad = y.grad = sparkle.ones(1)
    >>> optimizer = sparkle.optim.SGD([x], lr=0.5, momentum=0.9)
    >>> optimizer.step()
    >>> with swap_in_optimizer_params_and_state(optimizer, {"y": y}, optimizer.state_dict()):
    ...     optimizer.step()
    >>> round(x.item(), 3), round(y.item(), 3)
    (0.5, 0.05)
    """
    state, groups = _prepared(optimizer, list(swapin_parameters.values()), swapin_optim_state)
    own_state, own_groups = optimizer.state, [dict(group) for group in optimizer.param_groups]
    try:
        optimizer.state = state
        for group, other in zip(optimizer.param_groups, groups, strict=True):
            group.update(other)
        yield
    finally:
        optimizer.state = own_state
        for group, own in zip(optimizer.param_groups, own_groups, strict=True):
            group.clear()
            group.update(own)


def _prepared(
    optimizer: Optimizer, params: list[Any], state_dict: dict[str, Any]
) -> tuple[defaultdict[Any, Any], list[dict[str, Any]]]:
    """The state by parameter, and the groups' options with their parameters."""
    _require(bool(optimizer.state), "the optimizer must have a state: make a step first")
    _require(isinstance(state_dict, dict), f"wanted a state dict, met {type(state_dict).__name__}")
    state: Any = state_dict.get("state")
    groups: Any = state_dict.get("param_groups")
    _require(isinstance(state, dict), f"the state must be a dict by parameters' numbers, met {type(state).__name__}")
    _require(isinstance(groups, list), f"param_groups must be a list of dicts, met {type(groups).__name__}")
    own = optimizer.param_groups
    _require(len(groups) == len(own), f"the state dict has {len(groups)} groups, the optimizer {len(own)}")
    for i, (group, mine) in enumerate(zip(groups, own, strict=True)):
        _check_group(i, group, mine)
    numbers = list(itertools.chain.from_iterable(group["params"] for group in groups))
    _require(len(params) >= len(numbers), f"{len(numbers)} parameters are needed, {len(params)} are given")
    unknown = [key for key in state if key not in numbers]
    _require(not unknown, f"the state has entries for {unknown}, which no group names")
    _require(all(isinstance(entry, dict) for entry in state.values()), "each parameter's state must be a dict")
    entries = {p: dict(state.get(number, {})) for p, number in zip(params, numbers, strict=False)}
    rest = iter(params)
    swapped = [{**group, "params": list(itertools.islice(rest, len(group["params"])))} for group in groups]
    return defaultdict(dict, entries), swapped


def _check_group(i: int, group: Any, own: dict[str, Any]) -> None:
    _require(isinstance(group, dict), f"group {i} must be a dict, met {type(group).__name__}")
    numbers = group.get("params")
    whole = isinstance(numbers, list) and all(isinstance(number, int) for number in numbers)
    _require(whole, f"group {i} must have the parameters' numbers under 'params', met {numbers!r}")
    _require(
        len(numbers) == len(own["params"]), f"group {i} has {len(numbers)} parameters there, {len(own['params'])} here"
    )
    _require(group.keys() == own.keys(), f"group {i} has the options {sorted(group)} there, {sorted(own)} here")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(f"swap_in_optimizer_params_and_state: {otherwise}")
