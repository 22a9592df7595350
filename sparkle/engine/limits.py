"""How far a run goes: the rules for the arguments of `Engine.run`."""

from __future__ import annotations

from collections.abc import Iterable

from .feed import length_of
from .state import State


def is_done(state: State) -> bool:
    """Whether the epochs or iterations asked for have been run."""
    epochs, iters, length = state.max_epochs, state.max_iters, state.epoch_length
    if iters is not None and state.iteration >= iters:
        return True
    if epochs is None:
        return False
    return state.epoch >= epochs or (length is not None and state.iteration >= length * epochs)


def settle_limits(
    state: State,
    data: Iterable | None,
    max_epochs: int | None,
    max_iters: int | None,
    epoch_length: int | None,
    *,
    goes_on: bool,
) -> bool:
    """Check the arguments of a run and write the limits to the state; True when the training starts anew.

    It starts anew when the state has no limits, or when it is done even with the limits given here (unless it `goes_on`
    all the same: the run was interrupted, or an exact state was loaded). Nothing is written when an argument is refused
    (ValueError, TypeError).
    """
    _check_arguments(state, data, max_epochs, max_iters)
    goal = State(iteration=state.iteration, epoch=state.epoch, epoch_length=state.epoch_length)
    goal.max_epochs = state.max_epochs if max_epochs is None else max_epochs
    goal.max_iters = state.max_iters if max_iters is None else max_iters
    unlimited = state.max_epochs is None and state.max_iters is None
    anew = unlimited or (is_done(goal) and not goes_on)
    if anew:
        goal = State(max_epochs=max_epochs, max_iters=max_iters)
        if max_epochs is None and max_iters is None:
            goal.max_epochs = 1
    known = None if anew else state.epoch_length
    goal.epoch_length = _settle_epoch_length(state, data, epoch_length, known)
    for name in ("iteration", "epoch", "max_epochs", "max_iters", "epoch_length"):
        setattr(state, name, getattr(goal, name))
    return anew


def _check_arguments(state: State, data: Iterable | None, max_epochs: int | None, max_iters: int | None) -> None:
    if data is not None and not isinstance(data, Iterable):
        raise TypeError(f"Argument data should be iterable, got {type(data)}")
    if max_epochs is not None and max_iters is not None:
        raise ValueError(
            f"Arguments max_iters and max_epochs are mutually exclusive, got max_epochs={max_epochs}, "
            f"max_iters={max_iters}. Please provide only max_epochs or max_iters."
        )
    _check_mode("max_iters", max_iters, "max_epochs", state.max_epochs)
    _check_mode("max_epochs", max_epochs, "max_iters", state.max_iters)
    check_limit("max_epochs", max_epochs, state.max_epochs, "epoch", state.epoch)
    check_limit("max_iters", max_iters, state.max_iters, "iteration", state.iteration)


def _check_mode(name: str, value: int | None, other: str, other_value: int | None) -> None:
    if value is not None and other_value is not None:
        raise ValueError(
            f"The run counts by {other} (= {other_value}), but {name}={value} was given: to switch from {other} "
            f"to {name}, first set 'engine.state.{other} = None', which restarts the training."
        )


def check_limit(name: str, value: int | None, present: int | None, counter: str, count: int) -> None:
    """Refuse (ValueError) a new limit that is not positive or lies behind the count that is reached already."""
    if value is None or present is None:
        return
    if value < 1:
        raise ValueError(f"Argument {name} is invalid. Please, set a correct {name} positive value, got {value}")
    if value < count:
        raise ValueError(
            f"Argument {name} should be greater than or equal to the start {counter} defined in the state: "
            f"{value} vs {count}. Please, set engine.state.{name} = None before calling engine.run() "
            "in order to restart the training."
        )


def _settle_epoch_length(state: State, data: Iterable | None, given: int | None, known: int | None) -> int | None:
    if known is not None:
        if given is not None and given != known:
            raise ValueError(f"Argument epoch_length should be same as in the state, but given {given} vs {known}")
        return known
    length = given
    if length is None and data is not None:
        length = length_of(data)
    if length is None:
        length = state.epoch_length
    if length is None and data is None:
        raise ValueError("epoch_length should be provided if data is None")
    if length is not None and length < 1:
        raise ValueError(f"Input data has zero size. Please provide non-empty data (epoch_length is {length})")
    return length
