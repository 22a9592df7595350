"""Schedulers of values in the state of an engine, for others to read: a momentum, a temperature, a weight of a loss."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Callable, Mapping
from copy import deepcopy
from types import FunctionType, SimpleNamespace
from typing import Any

from ..engine import Engine, Events
from ._milestones import interpolate, split
from .param_scheduler.base import BaseParamScheduler, check_state, history_of

__all__ = [
    "ExpStateScheduler",
    "LambdaStateScheduler",
    "MultiStepStateScheduler",
    "PiecewiseLinearStateScheduler",
    "StateParamScheduler",
    "StepStateScheduler",
]


class StateParamScheduler(BaseParamScheduler):
    """Base of schedulers that set `engine.state.<param_name>`. The first event has the index 1.

    Args:
        param_name: the attribute of the state.
        save_history: append each value to `engine.state.param_history[param_name]`.
        create_new: the attribute must not exist yet. Otherwise a missing one is made, with a warning.
    """

    def __init__(self, param_name: str, save_history: bool = False, create_new: bool = False) -> None:
        super().__init__(param_name, save_history)
        self.create_new = create_new

    def attach(self, engine: Engine, event: Any = Events.ITERATION_COMPLETED) -> None:
        """Set the next value at each `event` of `engine`; until the first one it is None, if it did not exist.

        Raises:
            ValueError: create_new, and the attribute exists.
        """
        exists = hasattr(engine.state, self.param_name)
        if exists and self.create_new:
            raise ValueError(
                f"Attribute '{self.param_name}' already exists in the engine.state. "
                "This may be a conflict between multiple handlers. Please choose another name."
            )
        if not exists and not self.create_new:
            warnings.warn(
                f"Attribute '{self.param_name}' is not defined in the engine.state. {type(self).__name__} will create "
                "it. Remove this warning by setting create_new=True.",
                stacklevel=2,
            )
        engine.add_event_handler(event, self)
        if not exists:
            setattr(engine.state, self.param_name, None)
        if self.save_history:
            history_of(engine).setdefault(self.param_name, [])

    def __call__(self, engine: Engine) -> None:
        """Set the next value."""
        self.event_index += 1
        value = self.get_param()
        setattr(engine.state, self.param_name, value)
        self._note(engine, self.param_name, value)

    @classmethod
    def simulate_values(cls, num_events: int, **scheduler_kwargs: Any) -> list[list[Any]]:
        """Return [event_index, value] of the first `num_events` events of a scheduler made with these arguments."""
        options = {key: value for key, value in scheduler_kwargs.items() if key != "save_history"}
        scheduler = cls(save_history=False, **options)
        state = SimpleNamespace()
        values = []
        for index in range(num_events):
            scheduler(SimpleNamespace(state=state))  # type: ignore[arg-type]
            values.append([index, getattr(state, scheduler.param_name)])
        return values


class LambdaStateScheduler(StateParamScheduler):
    """The value is `lambda_obj(event_index)`.

    The state of the scheduler holds that of an object which has `state_dict`, the fields of another callable object,
    and nothing of a function.

    Raises:
        ValueError: lambda_obj is no function.

    >>> LambdaStateScheduler.simulate_values(3, param_name="noise", lambda_obj=lambda index: 1 / index)
    [[0, 1.0], [1, 0.5], [2, 0.3333333333333333]]
    """

    def __init__(
        self,
        lambda_obj: Callable[[int], list[float] | float],
        param_name: str,
        save_history: bool = False,
        create_new: bool = False,
    ) -> None:
        super().__init__(param_name, save_history, create_new)
        if not callable(lambda_obj):
            raise ValueError(f"Expected lambda_obj to be callable, but given {lambda_obj!r:.80}")
        self.lambda_obj = lambda_obj

    def get_param(self) -> list[float] | float:
        """Return the function's value."""
        return self.lambda_obj(self.event_index)

    def state_dict(self) -> dict[str, Any]:
        """Return where it is, and under "lambda_obj" what the function remembers."""
        return {**super().state_dict(), "lambda_obj": deepcopy(_memory_of(self.lambda_obj))}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; TypeError and ValueError as of all schedulers."""
        check_state(state_dict, ["lambda_obj"], type(self).__name__)
        super().load_state_dict(state_dict)
        _remember(self.lambda_obj, deepcopy(state_dict["lambda_obj"]))


def _memory_of(function: Any) -> Any:
    if hasattr(function, "state_dict"):
        return function.state_dict()
    return None if isinstance(function, FunctionType) else getattr(function, "__dict__", None)


def _remember(function: Any, memory: Any) -> None:
    if hasattr(function, "load_state_dict"):
        function.load_state_dict(memory)
    elif isinstance(memory, Mapping) and not isinstance(function, FunctionType):
        function.__dict__.update(memory)


class PiecewiseLinearStateScheduler(StateParamScheduler):
    """Values on straight lines between milestones, constant before the first and after the last.

    Args:
        milestones_values: pairs (event index, value), the indices not decreasing. Two of one index are a jump.
        param_name, save_history, create_new: as in StateParamScheduler.

    Raises:
        TypeError: no sequence; a milestone that is no integer.
        ValueError: no pair; something that is no pair; milestones that decrease.

    >>> PiecewiseLinearStateScheduler.simulate_values(4, param_name="x", milestones_values=[(1, 1.0), (3, 0.0)])
    [[0, 1.0], [1, 0.5], [2, 0.0], [3, 0.0]]
    """

    def __init__(
        self,
        milestones_values: list[tuple[int, float]],
        param_name: str,
        save_history: bool = False,
        create_new: bool = False,
    ) -> None:
        super().__init__(param_name, save_history, create_new)
        self.milestones, self.values = split(milestones_values)
        self._state_attrs += ["values", "milestones"]

    def get_param(self) -> float:
        """Return the value at `event_index`."""
        return interpolate(self.milestones, self.values, self.event_index)


class ExpStateScheduler(StateParamScheduler):
    """initial_value * gamma ** event_index.

    >>> ExpStateScheduler.simulate_values(2, param_name="x", initial_value=1.0, gamma=0.5)
    [[0, 0.5], [1, 0.25]]
    """

    def __init__(
        self,
        initial_value: float,
        gamma: float,
        param_name: str,
        save_history: bool = False,
        create_new: bool = False,
    ) -> None:
        super().__init__(param_name, save_history, create_new)
        self.initial_value = initial_value
        self.gamma = gamma
        self._state_attrs += ["initial_value", "gamma"]

    def get_param(self) -> float:
        """Return the value at `event_index`."""
        return self.initial_value * self.gamma**self.event_index


class StepStateScheduler(StateParamScheduler):
    """initial_value * gamma ** (event_index // step_size).

    >>> StepStateScheduler.simulate_values(3, param_name="x", initial_value=1.0, gamma=0.5, step_size=2)
    [[0, 1.0], [1, 0.5], [2, 0.5]]
    """

    def __init__(
        self,
        initial_value: float,
        gamma: float,
        step_size: int,
        param_name: str,
        save_history: bool = False,
        create_new: bool = False,
    ) -> None:
        super().__init__(param_name, save_history, create_new)
        self.initial_value = initial_value
        self.gamma = gamma
        self.step_size = step_size
        self._state_attrs += ["initial_value", "gamma", "step_size"]

    def get_param(self) -> float:
        """Return the value at `event_index`."""
        return self.initial_value * self.gamma ** (self.event_index // self.step_size)


class MultiStepStateScheduler(StateParamScheduler):
    """initial_value * gamma ** (the number of milestones reached).

    Args:
        milestones: event indices in increasing order.

    >>> MultiStepStateScheduler.simulate_values(3, param_name="x", initial_value=1.0, gamma=0.5, milestones=[2, 3])
    [[0, 1.0], [1, 0.5], [2, 0.25]]
    """

    def __init__(
        self,
        initial_value: float,
        gamma: float,
        milestones: list[int],
        param_name: str,
        save_history: bool = False,
        create_new: bool = False,
    ) -> None:
        super().__init__(param_name, save_history, create_new)
        self.initial_value = initial_value
        self.gamma = gamma
        self.milestones = milestones
        self._state_attrs += ["initial_value", "gamma", "milestones"]

    def get_param(self) -> float:
        """Return the value at `event_index`."""
        return self.initial_value * self.gamma ** bisect_right(self.milestones, self.event_index)
